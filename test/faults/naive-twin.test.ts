import { createPostgresBackend, Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';

import { newId } from '../../server/ids.ts';
import { hasRedisServer, startTestRedis } from '../support/redis.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { QUICK_SETTINGS } from './campaign.ts';
import { startChaos } from './chaos.ts';
import { planDelivery } from './delivery-plan.ts';
import { createRandom, faultCount, faultSeed, faultTime } from './fault-counts.ts';
import { naiveJob, NAIVE_QUEUE, postgresConnection } from './naive-job.ts';
import { pollUntil } from './poll-until.ts';
import { openStage, type Stage } from './stage.ts';

const SEED = faultSeed(20_261_121);
const KILLS = {
  redis: faultCount({ full: 60, short: 6 }),
  postgresql: faultCount({ full: 30, short: 4 }),
};
const PATIENCE_MS = faultTime({ full: 900_000, short: 90_000 });
const REST_MS = 20_000;
const OPEN_AT_ONCE = 60;
const BATCH = 10;
const PLAN = { seed: SEED, channelsPerNetwork: 30, deathShare: 0.6, faultShare: 0.12 };
const JOB_OPTIONS = { attempts: 3, backoff: { type: 'fixed', delay: 500 }, removeOnComplete: true };
const backends = hasRedisServer() ? (['redis', 'postgresql'] as const) : (['postgresql'] as const);

/** Counted by what the networks show, as for the product. */
function judge({ plans, oracle }: Stage): { lost: number; duplicates: number } {
  const shown = Map.groupBy(oracle.posts, ({ deliveryId }) => deliveryId);
  let [lost, duplicates] = [0, 0];
  for (const [deliveryId, { parts }] of plans) {
    const posts = shown.get(deliveryId) ?? [];
    const partNos = new Set(posts.map(({ partNo }) => partNo));
    if (partNos.size < parts.length) lost += 1;
    duplicates += posts.length - partNos.size;
  }
  return { lost, duplicates };
}

describe.each(backends)('the same load without the guard, with the queue on %s', (backend) => {
  test(
    'doubles or loses posts, so the campaign would notice',
    async () => {
      await using redis = backend === 'redis' ? await startTestRedis() : undefined;
      await using database = await createTestDatabase();
      const queue = redis
        ? new Queue(NAIVE_QUEUE, { connection: { url: redis.url } })
        : new Queue(NAIVE_QUEUE, { connection: postgresConnection(database.url) }, createPostgresBackend);
      queue.on('error', () => undefined);
      const countOpen = async () => {
        const counts = await queue.getJobCounts('wait', 'active', 'delayed', 'prioritized');
        return Object.values(counts).reduce((sum, count) => sum + count, 0);
      };
      await using stage = await openStage({
        seed: SEED,
        program: 'naive-process.ts',
        env: { ...QUICK_SETTINGS, DATABASE_URL: database.url, ...(redis && { REDIS_URL: redis.url }) },
        mayDie: async () => true,
      });
      const client = redis && new Redis(redis.url);
      const flush = { name: 'flushes', everyMs: 10_000, run: async () => void (await client?.flushall()) };
      const chaos = startChaos({
        killEveryMs: 4_000,
        stopEveryMs: 3_000,
        others: client ? [flush] : [],
        pool: stage.pool,
        random: createRandom(SEED + 1),
      });
      await pollUntil(async () => {
        if ((await countOpen()) < OPEN_AT_ONCE) {
          const next = Array.from({ length: BATCH }, (_, at) => planDelivery(PLAN, stage.plans.size + at));
          const jobs = next.map((plan) => {
            const { network, parts, channelNo } = plan;
            const deliveryId = newId('delivery');
            stage.plans.set(deliveryId, plan);
            const data = naiveJob.parse({ deliveryId, network, parts, account: `${network} ${channelNo}` });
            return { name: NAIVE_QUEUE, data, opts: JOB_OPTIONS };
          });
          await queue.addBulk(jobs);
        }
        return stage.pool.kills() >= KILLS[backend];
      }, PATIENCE_MS);
      await chaos.stop();
      await pollUntil(async () => (await countOpen()) === 0, REST_MS);
      const { lost, duplicates } = judge(stage);
      const failed = await queue.getFailedCount();
      await queue.close();
      client?.disconnect();
      process.stdout.write(
        `without the guard, queue on ${backend}, seed ${SEED}: ${stage.pool.kills()} kills, ${lost} lost, ${duplicates} duplicates of ${stage.plans.size} deliveries, ${failed} given up\n`,
      );
      expect(lost + duplicates).toBeGreaterThan(0);
    },
    PATIENCE_MS + 120_000,
  );
});
