import { describeContract } from './contract.ts';
import { startFacebookRig } from './facebook-rig.ts';

describeContract('Facebook', startFacebookRig);
