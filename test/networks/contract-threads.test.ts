import { describeContract } from './contract.ts';
import { startThreadsRig } from './threads-rig.ts';

describeContract('Threads', startThreadsRig, {
  network: 'threads',
  guarantee: 'exact',
  expiry: 'reconnect',
  sameText: 'both',
  takesDown: true,
  numbers: ['views', 'likes', 'comments', 'shares'],
});
