import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';

import { printTarget, quantile } from '../bench/figures.ts';
import { hasRedisServer, startTestRedis } from '../support/redis.ts';
import { openTestContext } from '../support/test-context.ts';
import { countViolations, delays, describeViolations, inSeconds } from './campaign-figures.ts';
import { LONGEST_REST_MS, runCampaign, type CampaignResult } from './campaign.ts';
import { faultCount, faultSeed, isFullRun } from './fault-counts.ts';

const SEED = faultSeed(4);
const FLUSHES = faultCount({ full: 60, short: 4 });
const FLUSH_EVERY_MS = 2_000;
const DOWN_MS = faultCount({ full: 600_000, short: 12_000 });
const LONGEST_DELAY_MS = 15_000;
const AT_ONCE = { openAtOnce: 15, patienceMs: DOWN_MS + 120_000 };

function judge(what: string, result: CampaignResult): void {
  const { lost, duplicates, all } = countViolations(result);
  const missed = result.deliveries.filter(({ state }) => state !== 'published').length;
  const late = delays(result);
  const p99Ms = quantile(late, 0.99);
  printTarget(
    'R4',
    `${what}: ${missed} missed, ${lost} lost, ${duplicates} duplicates of ${late.length}, visible p50 ${inSeconds(late, 0.5)} s, p99 ${inSeconds(late, 0.99)} s after due (seed ${SEED})`,
    '0 missed, p99 <= 15 s',
    missed === 0 && all === 0 && p99Ms <= LONGEST_DELAY_MS,
  );
  expect(describeViolations(result)).toEqual([]);
  expect(missed).toBe(0);
  expect(p99Ms).toBeLessThanOrEqual(isFullRun() ? LONGEST_DELAY_MS : Infinity);
}

describe.runIf(hasRedisServer())('R4', () => {
  test(
    'a Redis that is emptied every two seconds delays posts a little and loses none',
    async () => {
      await using redis = await startTestRedis();
      const client = new Redis(redis.url);
      await using context = await openTestContext();
      const result = await runCampaign({
        seed: SEED,
        context,
        redisUrl: redis.url,
        until: { others: { flushes: FLUSHES } },
        chaos: {
          others: [
            { name: 'flushes', everyMs: FLUSH_EVERY_MS, run: async () => void (await client.flushall()) },
          ],
        },
        ...AT_ONCE,
      });
      client.disconnect();
      judge(`Redis emptied ${result.counts['flushes']} times`, result);
    },
    DOWN_MS + LONGEST_REST_MS + 180_000,
  );

  test(
    'without Redis posts go out all the same',
    async () => {
      await using redis = await startTestRedis();
      await using context = await openTestContext();
      const result = await runCampaign({
        seed: SEED,
        context,
        redisUrl: redis.url,
        until: { others: { 'starts of Redis': 1 } },
        chaos: {
          others: [
            { name: 'stops of Redis', everyMs: 4_000, times: 1, run: () => redis.stop() },
            { name: 'starts of Redis', everyMs: DOWN_MS + 4_000, times: 1, run: () => redis.start() },
          ],
        },
        ...AT_ONCE,
      });
      judge(`Redis down for ${DOWN_MS / 1000} s`, result);
    },
    DOWN_MS + LONGEST_REST_MS + 180_000,
  );
});
