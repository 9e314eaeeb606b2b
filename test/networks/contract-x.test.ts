import { describeContract } from './contract.ts';
import { startXRig } from './x-rig.ts';

describeContract('X', startXRig, {
  network: 'x',
  guarantee: 'read_back',
  expiry: 'renewed',
  sameText: 'refused',
  takesDown: true,
  numbers: ['views', 'likes', 'comments', 'shares'],
});
