import { describeContract } from './contract.ts';
import { startXRig } from './x-rig.ts';

describeContract('X', startXRig);
