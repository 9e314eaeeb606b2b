import { describeContract } from './contract.ts';
import { startFacebookRig } from './facebook-rig.ts';

describeContract('Facebook', startFacebookRig, {
  network: 'facebook',
  guarantee: 'exact',
  expiry: 'reconnect',
  sameText: 'refused',
  takesDown: true,
  numbers: ['views', 'likes', 'comments', 'shares', 'clicks'],
});
