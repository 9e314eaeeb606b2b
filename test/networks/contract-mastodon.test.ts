import { describeContract } from './contract.ts';
import { startMastodonRig } from './mastodon-rig.ts';

describeContract('Mastodon', () => startMastodonRig(), {
  network: 'mastodon',
  guarantee: 'idempotent',
  expiry: 'reconnect',
  sameText: 'both',
  takesDown: true,
  numbers: ['likes', 'comments', 'shares'],
});
