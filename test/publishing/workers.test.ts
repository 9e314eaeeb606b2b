import { createPostgresBackend, Queue } from 'bullmq';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import type { Context } from '../../server/context.ts';
import { notifyDue } from '../../server/deliveries/notify-due.ts';
import { newId } from '../../server/ids.ts';
import type { Network } from '../../server/networks/network.ts';
import { startDueScan } from '../../workers/due-scan.ts';
import { startWorkers, type RunningWorkers } from '../../workers/start-workers.ts';
import { hasRedisServer, startTestRedis, type TestRedis } from '../support/redis.ts';
import { openTestContext } from '../support/test-context.ts';
import { createPublishingTeam, readDelivery, scheduleTestDelivery, type PublishingTeam } from './fixtures.ts';

const WAIT = { timeout: 20_000, interval: 20 };
const backends = hasRedisServer() ? (['postgresql', 'redis'] as const) : (['postgresql'] as const);

describe.each(backends)('workers with the queue on %s', (backend) => {
  let redis: TestRedis | undefined;
  let context: Context;
  let team: PublishingTeam;
  let workers: RunningWorkers;

  beforeAll(async () => {
    redis = backend === 'redis' ? await startTestRedis() : undefined;
    context = await openTestContext(redis ? { REDIS_URL: redis.url } : {});
    team = await createPublishingTeam(context);
    workers = await startWorkers(context);
  });
  afterAll(async () => {
    await workers.stop();
    await context[Symbol.asyncDispose]();
    await redis?.[Symbol.asyncDispose]();
  });

  const isPublished = (id: string) => expectPublished(context, id);

  test('what is scheduled for a moment from now goes out at its time and none before', async () => {
    const channels = await createPlaygroundChannels(context, team, 30);
    const ids: string[] = [];
    for (const [index, channelId] of channels.entries()) {
      const { id } = await scheduleTestDelivery(context, team, {
        channelId,
        dueInSeconds: 1.5 + index * 0.1,
      });
      ids.push(id);
    }
    await notifyDue(context.db);
    for (const id of ids) await isPublished(id);
    const [lag] = await context.db.$queryRaw<{ p50: number; p99: number }[]>`
      select (extract(epoch from percentile_disc(0.5) within group (order by published_at - due_at)) * 1000)::float8 as p50,
        (extract(epoch from percentile_disc(0.99) within group (order by published_at - due_at)) * 1000)::float8 as p99
      from delivery where id = any(${ids})`;
    process.stdout.write(
      `punctuality on ${backend}: p50 ${lag!.p50.toFixed(0)} ms, p99 ${lag!.p99.toFixed(0)} ms\n`,
    );
    const early = await context.db.$queryRaw<unknown[]>`
      select id from delivery where published_at < due_at or send_started_at < due_at`;
    expect(early).toEqual([]);
  });

  test('forged, strange and doubled jobs change nothing', async () => {
    const { id } = await scheduleTestDelivery(context, team, { dueInSeconds: 3600 });
    const before = await readDelivery(context, id);
    const queue = openForeignQueue(context, redis?.url);
    const jobs: unknown[] = [
      {},
      null,
      'text',
      { deliveryId: 42 },
      { deliveryId: `${id}'; drop table delivery; --` },
      { deliveryId: id, teamId: team.team.id, state: 'published' },
      { deliveryId: 'dlv_00000000000000000000000000000000' },
      { deliveryId: 'x'.repeat(100_000) },
      { deliveryId: id, teamId: 'another' },
      ...Array.from({ length: 50 }, () => ({ deliveryId: id, teamId: team.team.id })),
    ];
    await queue.addBulk(
      jobs.map((data) => ({ name: 'publish', data, opts: { removeOnComplete: true, removeOnFail: true } })),
    );
    const later = await scheduleTestDelivery(context, team);
    await isPublished(later.id);
    await vi.waitFor(async () => expect(await queue.getJobCountByTypes('waiting', 'active')).toBe(0), WAIT);
    await queue.close();
    expect(await readDelivery(context, id)).toEqual(before);
  });

  test('a hundred hints for one post send it once', async () => {
    const { id } = await scheduleTestDelivery(context, team, { parts: ['once'] });
    await Promise.all(
      Array.from({ length: 10 }, () =>
        context.queues.hintPublish(
          Array.from({ length: 10 }, () => ({ deliveryId: id, teamId: team.team.id })),
        ),
      ),
    );
    await isPublished(id);
    const delivery = await readDelivery(context, id);
    expect(delivery.attempts).toHaveLength(1);
    expect(await context.db.playgroundPost.count({ where: { deliveryId: id } })).toBe(1);
  });

  if (backend !== 'redis') return;

  test('while Redis is away posts go out, and afterwards too', async () => {
    await redis!.stop();
    const away = await scheduleTestDelivery(context, team);
    await notifyDue(context.db);
    await isPublished(away.id);
    await redis!.start();
    const back = await scheduleTestDelivery(context, team);
    await isPublished(back.id);
  });
});

test('a notice wakes the scan for what is due at once', async () => {
  await using context = await openTestContext();
  const team = await createPublishingTeam(context);
  const first = await scheduleTestDelivery(context, team);
  const dispatched: string[] = [];
  const scan = startDueScan(
    context,
    (due) => {
      dispatched.push(...due.map(({ deliveryId }) => deliveryId));
      return Promise.resolve();
    },
    60_000,
  );
  const isDispatched = (id: string) => vi.waitFor(() => expect(dispatched).toContain(id), WAIT);
  try {
    // From here on nothing but a notice makes it look again within the minute.
    await isDispatched(first.id);
    const [channelId] = await createPlaygroundChannels(context, team, 1);
    const second = await scheduleTestDelivery(context, team, { channelId: channelId! });
    await notifyDue(context.db);
    await isDispatched(second.id);
  } finally {
    await scan.stop();
  }
});

test('a team whose networks all hang keeps no post of another waiting', async () => {
  await using context = await openTestContext({ PUBLISH_CONCURRENCY: '4' });
  const [slow, other] = [await createPublishingTeam(context), await createPublishingTeam(context)];
  const released = Promise.withResolvers<void>();
  const hanging = new Set<string>();
  const playground = context.networks.get('playground')!;
  const network: Network = {
    ...playground,
    async send(call) {
      hanging.add(call.channel.channelId);
      if (call.channel.channelId !== other.playgroundChannelId) await released.promise;
      return playground.send(call);
    },
  };
  const ids: string[] = [];
  for (const channelId of await createPlaygroundChannels(context, slow, 12)) {
    // So late that the queue counts as not serving them.
    ids.push((await scheduleTestDelivery(context, slow, { channelId, dueInSeconds: -60 })).id);
  }
  const workers = await startWorkers({ ...context, networks: new Map([['playground', network]]) });
  await vi.waitFor(() => expect(hanging.size).toBe(4), WAIT);
  for (const text of ['one', 'two', 'three']) {
    const { id } = await scheduleTestDelivery(context, other, { parts: [text] });
    await notifyDue(context.db);
    await expectPublished(context, id);
  }
  // Those four, and the other team's channel.
  expect(hanging.size).toBe(5);
  released.resolve();
  for (const id of ids) await expectPublished(context, id);
  await workers.stop();
});

async function expectPublished(context: Context, id: string): Promise<void> {
  await vi.waitFor(
    async () => expect(await readDelivery(context, id)).toMatchObject({ state: 'published' }),
    WAIT,
  );
}

async function createPlaygroundChannels(
  context: Context,
  team: PublishingTeam,
  count: number,
): Promise<string[]> {
  const rows = Array.from({ length: count }, (_, index) => ({
    id: newId('channel'),
    teamId: team.team.id,
    network: 'playground',
    handle: `playground-${index}`,
    remoteAccountId: `own-${index}-${newId('channel')}`,
  }));
  await context.db.channel.createMany({ data: rows });
  return rows.map(({ id }) => id);
}

function openForeignQueue(context: Context, redisUrl: string | undefined): Queue {
  if (redisUrl) return new Queue('publish', { connection: { url: redisUrl } });
  const connection = { connectionString: context.config.databaseUrl!, schema: 'bullmq', max: 2 };
  return new Queue('publish', { connection }, createPostgresBackend) as unknown as Queue;
}
