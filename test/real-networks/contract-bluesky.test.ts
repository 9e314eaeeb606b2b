import { describeContract } from '../networks/contract.ts';
import { startBlueskyRig } from './bluesky-rig.ts';

describeContract('Bluesky', startBlueskyRig, {
  network: 'bluesky',
  guarantee: 'exact',
  expiry: 'renewed',
  sameText: 'both',
  takesDown: true,
  numbers: ['likes', 'comments', 'shares'],
});
