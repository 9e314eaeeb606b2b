import { describeContract } from './contract.ts';
import { startInstagramRig } from './instagram-rig.ts';

describeContract('Instagram', startInstagramRig);
