import { startFakeInstagram, type FakeInstagram } from '../support/fakes/meta/instagram.ts';
import { startMetaRig } from './meta-rig.ts';
import type { NetworkRig } from './network-rig.ts';

const SCOPES = [
  ...['instagram_business_basic', 'instagram_business_content_publish'],
  'instagram_business_manage_insights',
];

export async function startInstagramRig(): Promise<NetworkRig & { fake: FakeInstagram }> {
  const fake = await startFakeInstagram();
  const rig = await startMetaRig({
    network: 'instagram',
    fake,
    settings: {
      INSTAGRAM_APP_ID: '990602627938098',
      INSTAGRAM_APP_SECRET: 'a1b2C3D4',
      INSTAGRAM_API_URL: fake.url,
      INSTAGRAM_OAUTH_URL: fake.url,
      INSTAGRAM_WEB_URL: fake.url,
    },
    scopes: SCOPES,
    publishEdge: 'media_publish',
    statusField: 'status_code',
    throttled: {
      code: 80_002,
      message: '(#80002) There have been too many calls to this Instagram account.',
    },
    toMetrics: ({ views, likes, comments, shares }) => ({ views, likes, comments, shares }),
  });
  return Object.assign(rig, { fake });
}
