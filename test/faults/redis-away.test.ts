import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';

import { printTarget, quantile } from '../bench/figures.ts';
import { hasRedisServer, startTestRedis } from '../support/redis.ts';
import { openTestContext } from '../support/test-context.ts';
import { countViolations, delays, describeViolations, inSeconds } from './campaign-figures.ts';
import { runCampaign, type CampaignResult } from './campaign.ts';
import { faultCount } from './fault-counts.ts';

const SEED = 4;
const FLUSHED_MS = faultCount({ full: 120_000, short: 12_000 });
const DOWN_MS = faultCount({ full: 600_000, short: 20_000 });
const LONGEST_DELAY_MS = 15_000;
const AT_ONCE = { openAtOnce: 15, patienceMs: DOWN_MS + 60_000 };

function report(what: string, result: CampaignResult): boolean {
  const { lost, duplicates, all } = countViolations(result);
  const missed = result.deliveries.filter(({ state }) => state !== 'published').length;
  const late = delays(result);
  const isMet = missed === 0 && all === 0 && quantile(late, 0.99) <= LONGEST_DELAY_MS;
  printTarget(
    'R4',
    `${what}: ${missed} missed, ${lost} lost, ${duplicates} duplicates of ${late.length}, visible p50 ${inSeconds(late, 0.5)} s, p99 ${inSeconds(late, 0.99)} s after due (seed ${SEED})`,
    '0 missed, p99 <= 15 s',
    isMet,
  );
  return isMet;
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
        until: { tookMs: FLUSHED_MS },
        chaos: {
          others: [{ name: 'flushes', everyMs: 2_000, run: async () => void (await client.flushall()) }],
        },
        ...AT_ONCE,
      });
      client.disconnect();
      const isMet = report(`Redis emptied ${result.counts['flushes']} times`, result);
      expect(describeViolations(result)).toEqual([]);
      expect(isMet).toBe(true);
    },
    FLUSHED_MS + 300_000,
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
        until: { tookMs: DOWN_MS + 8_000 },
        chaos: {
          others: [
            { name: 'stops of Redis', everyMs: 4_000, times: 1, run: () => redis.stop() },
            { name: 'starts of Redis', everyMs: DOWN_MS + 4_000, times: 1, run: () => redis.start() },
          ],
        },
        ...AT_ONCE,
      });
      const isMet = report(`Redis down for ${DOWN_MS / 1000} s`, result);
      expect(describeViolations(result)).toEqual([]);
      expect(isMet).toBe(true);
    },
    DOWN_MS + 300_000,
  );
});
