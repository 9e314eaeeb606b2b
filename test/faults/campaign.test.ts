import { describe, expect, test } from 'vitest';

import { printTarget } from '../bench/figures.ts';
import { hasRedisServer, startTestRedis } from '../support/redis.ts';
import { openTestContext } from '../support/test-context.ts';
import {
  countSettled,
  countViolations,
  describeEnds,
  describeViolations,
  inSeconds,
  recoveryTimes,
} from './campaign-figures.ts';
import { LONGEST_REST_MS, runCampaign } from './campaign.ts';
import { faultCount, faultSeed, faultTime, isFullRun } from './fault-counts.ts';

const PATIENCE_MS = faultTime({ full: 5_400_000, short: 120_000 });
const SEED = faultSeed(20_261_121);
/** A tenth on PostgreSQL's queue. */
const KILLS = {
  redis: faultCount({ full: 2_000, short: 16 }),
  postgresql: faultCount({ full: 200, short: 8 }),
};
const backends = hasRedisServer() ? (['redis', 'postgresql'] as const) : (['postgresql'] as const);

describe.each(backends)('R1, R2: with the queue on %s', (backend) => {
  test(
    'whatever a worker dies over is published once or stops with a reason',
    async () => {
      await using redis = backend === 'redis' ? await startTestRedis() : undefined;
      await using context = await openTestContext();
      const result = await runCampaign({
        seed: SEED,
        context,
        redisUrl: redis?.url,
        until: { kills: KILLS[backend] },
        plan: { deathShare: 0.6, faultShare: 0.12 },
        chaos: { killEveryMs: 4_000, stopEveryMs: 3_000 },
        patienceMs: PATIENCE_MS,
      });
      const { kills, killsAtPoints, counts, deliveries, tookMs } = result;
      const { lost, duplicates, mistold, all } = countViolations(result);
      const { unclear, byItself, byPerson, leftOut } = countSettled(deliveries);
      const share = (100 * byItself) / Math.max(unclear, 1);
      const recovery = recoveryTimes(result);
      process.stdout.write(
        `queue on ${backend}, seed ${SEED}: ${deliveries.length} deliveries in ${(tookMs / 1000).toFixed(0)} s, ${killsAtPoints} kills at named points, ` +
          `${JSON.stringify(counts)}, back in hand after p50 ${inSeconds(recovery, 0.5)} s, p99 ${inSeconds(recovery, 0.99)} s with a lease of 4 s; ${describeEnds(deliveries)}\n`,
      );
      for (const tries of byPerson) process.stdout.write(`left to a person: ${tries}\n`);
      printTarget(
        'R1',
        `${kills} kills, ${lost} lost, ${duplicates} duplicates, ${mistold} shown failed though live (${backend}, seed ${SEED})`,
        `${KILLS[backend]} kills, 0, 0, 0`,
        all === 0 && kills >= KILLS[backend],
      );
      printTarget(
        'R2',
        `${share.toFixed(1)} % of ${unclear} unclear outcomes settled without a person (${backend}; left out: ${leftOut.join(', ')})`,
        '>= 98 %',
        share >= 98,
      );
      expect(describeViolations(result)).toEqual([]);
      expect(result.unexpectedExits).toEqual([]);
      // Of the few in a short form one is some per cent.
      expect(share).toBeGreaterThanOrEqual(isFullRun() ? 98 : 80);
    },
    PATIENCE_MS + LONGEST_REST_MS + 60_000,
  );
});
