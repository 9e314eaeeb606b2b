import { describe, expect, test } from 'vitest';

import { printTarget } from '../bench/figures.ts';
import { hasRedisServer, startTestRedis } from '../support/redis.ts';
import { openTestContext } from '../support/test-context.ts';
import { countViolations, describeViolations } from './campaign-figures.ts';
import { LONGEST_REST_MS, runCampaign } from './campaign.ts';
import { faultCount, faultSeed, faultTime } from './fault-counts.ts';

const SEED = faultSeed(6);
const DELIVERIES = faultCount({ full: 600, short: 40 });
const KILLS = faultCount({ full: 20, short: 2 });
const PATIENCE_MS = faultTime({ full: 600_000, short: 100_000 });
const backends = hasRedisServer() ? (['redis', 'postgresql'] as const) : (['postgresql'] as const);

describe.each(backends)('R6: with the queue on %s', (backend) => {
  test(
    'workers whose clocks are five minutes ahead and behind send nothing early and nothing twice',
    async () => {
      await using redis = backend === 'redis' ? await startTestRedis() : undefined;
      await using context = await openTestContext();
      const result = await runCampaign({
        seed: SEED,
        context,
        redisUrl: redis?.url,
        until: { deliveries: DELIVERIES, kills: KILLS },
        plan: { deathShare: 0.15, faultShare: 0.1 },
        clockShiftsMs: [300_000, -300_000, 0],
        patienceMs: PATIENCE_MS,
      });
      const { lost, duplicates, early, all } = countViolations(result);
      printTarget(
        'R6',
        `clocks of +300 s, -300 s and right: ${early} early, ${duplicates} duplicates, ${lost} lost of ${result.deliveries.length}, ${result.kills} kills (${backend}, seed ${SEED})`,
        '0 early, 0 duplicates',
        all === 0,
      );
      expect(describeViolations(result)).toEqual([]);
    },
    PATIENCE_MS + LONGEST_REST_MS + 60_000,
  );
});
