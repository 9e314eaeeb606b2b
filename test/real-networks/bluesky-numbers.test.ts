import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { linkBlueskyChannel } from '../../server/channels/link-channel.ts';
import type { Context } from '../../server/context.ts';
import { collectMetrics } from '../../workers/collect-metrics.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { createPublishingTeam, readDelivery, scheduleTestDelivery } from '../publishing/fixtures.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { openTestContext } from '../support/test-context.ts';
import { startRealPds, type RealPds } from './real-pds.ts';

const WAIT = { timeout: 60_000, interval: 250 };

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let pds: RealPds;
let context: Context;

beforeAll(async () => {
  database = await createTestDatabase({ isMigrated: false });
  pds = await startRealPds({ appViewDatabaseUrl: database.url });
  context = await openTestContext({ ALLOW_PRIVATE_HOSTS: 'localhost' });
});
afterAll(async () => {
  await context[Symbol.asyncDispose]();
  await pds[Symbol.asyncDispose]();
  await database[Symbol.asyncDispose]();
});

test('likes, replies, reposts, quotes and followers of the real AppView become the numbers of post and channel', async () => {
  const team = await createPublishingTeam(context);
  const [alice, bob] = [await pds.createAccount('alice'), await pds.createAccount('bob')];
  const { handle, appPassword } = alice;
  const { channelId } = await linkBlueskyChannel(context, team.caller, {
    ...{ handle, appPassword, serviceUrl: pds.url },
  });
  const { id } = await scheduleTestDelivery(context, team, { channelId, parts: ['We open on Saturday.'] });
  await publishDelivery(context, id);
  expect(await readDelivery(context, id)).toMatchObject({ state: 'published' });

  const [post] = await pds.listPosts(alice.did);
  const subject = { uri: post!.uri, cid: post!.cid };
  await pds.write(bob, 'app.bsky.graph.follow', { subject: alice.did });
  await pds.write(bob, 'app.bsky.feed.like', { subject });
  await pds.write(bob, 'app.bsky.feed.repost', { subject });
  const reply = { root: subject, parent: subject };
  await pds.write(bob, 'app.bsky.feed.post', { text: 'I shall be there', reply });
  const embed = { $type: 'app.bsky.embed.record', record: subject };
  await pds.write(bob, 'app.bsky.feed.post', { text: 'Look at this', embed });

  // What the AppView has counted by then is told; it reads along on its own time.
  await vi.waitFor(async () => {
    // The first look of a day stays, and may have come before the AppView had counted.
    await context.db.channelSnapshot.deleteMany({ where: { channelId } });
    await context.db.delivery.updateMany({ data: { metricsDueAt: new Date() } });
    await context.db.channel.updateMany({ data: { metricsDueAt: new Date() } });
    await collectMetrics(context, new AbortController().signal);
    const latest = { orderBy: { capturedAt: 'desc' } } as const;
    const counted = await context.db.metricSnapshot.findFirst({ where: { deliveryId: id }, ...latest });
    const channel = await context.db.channelSnapshot.findFirst({ where: { channelId }, ...latest });
    expect(counted).toMatchObject({ likes: 1, comments: 1, shares: 2, views: null, clicks: null });
    expect(channel).toMatchObject({ followers: 1, posts: 1 });
  }, WAIT);
});
