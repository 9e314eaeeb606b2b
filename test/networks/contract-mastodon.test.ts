import { describeContract } from './contract.ts';
import { startMastodonRig } from './mastodon-rig.ts';

describeContract('Mastodon', () => startMastodonRig());
