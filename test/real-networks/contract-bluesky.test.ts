import { describeContract } from '../networks/contract.ts';
import { startBlueskyRig } from './bluesky-rig.ts';

describeContract('Bluesky', startBlueskyRig);
