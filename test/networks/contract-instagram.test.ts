import { describeContract } from './contract.ts';
import { startInstagramRig } from './instagram-rig.ts';

describeContract('Instagram', startInstagramRig, {
  network: 'instagram',
  guarantee: 'exact',
  expiry: 'reconnect',
  sameText: 'both',
  takesDown: false,
  numbers: ['views', 'likes', 'comments', 'shares'],
});
