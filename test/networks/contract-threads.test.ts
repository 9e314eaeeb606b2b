import { describeContract } from './contract.ts';
import { startThreadsRig } from './threads-rig.ts';

describeContract('Threads', startThreadsRig);
