import { describeContract } from './contract.ts';
import { startPlaygroundRig } from './playground-rig.ts';

describeContract('Playground', startPlaygroundRig);
