import { startFakeThreads, type FakeThreads } from '../support/fakes/meta/threads.ts';
import { startMetaRig } from './meta-rig.ts';
import type { NetworkRig } from './network-rig.ts';

const SCOPES = [
  ...['threads_basic', 'threads_content_publish', 'threads_manage_replies'],
  ...['threads_read_replies', 'threads_manage_insights', 'threads_delete'],
];

export async function startThreadsRig(): Promise<NetworkRig & { fake: FakeThreads }> {
  const fake = await startFakeThreads();
  const rig = await startMetaRig({
    network: 'threads',
    fake,
    settings: {
      THREADS_APP_ID: '990602627938098',
      THREADS_APP_SECRET: 'a1b2C3D4',
      THREADS_API_URL: fake.url,
      THREADS_WEB_URL: fake.url,
    },
    scopes: SCOPES,
    publishEdge: 'threads_publish',
    statusField: 'status',
    throttled: { code: 17, message: '(#17) User request limit reached' },
    toMetrics: ({ views, likes, comments, shares }) => ({ views, likes, replies: comments, reposts: shares }),
  });
  return Object.assign(rig, { fake });
}
