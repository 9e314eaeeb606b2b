import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { hasRedisServer, startTestRedis, type TestRedis } from '../support/redis.ts';
import { CRASH_POINTS, runCrashLane } from './crash-lane.ts';
import { faultCount } from './fault-counts.ts';

const KILLS_PER_POINT = faultCount({ full: 10, short: 2 });
const TIMEOUT_MS = 600_000;
const backends = hasRedisServer() ? (['postgresql', 'redis'] as const) : (['postgresql'] as const);

// Four lanes at once; the two backends one after the other, so that calls do not end before their worker is killed.
describe.each(backends)('a worker killed with the queue on %s', (backend) => {
  let redis: TestRedis | undefined;
  beforeAll(async () => {
    redis = backend === 'redis' ? await startTestRedis() : undefined;
  });
  afterAll(() => redis?.[Symbol.asyncDispose]());

  test.concurrent.each(CRASH_POINTS.map((point, index) => [point, index] as const))(
    'at the point %s loses and doubles nothing',
    async (point, index) => {
      const result = await runCrashLane(point, KILLS_PER_POINT, redis && `${redis.url}/${index}`);
      const { kills, killsAtPoint, lost, duplicates } = result;
      process.stdout.write(
        `${backend}, ${point}: ${kills} kills, ${killsAtPoint} of them at the very point, ${lost.length} lost, ${duplicates} duplicates\n`,
      );
      expect(result).toMatchObject({ killsAtPoint: KILLS_PER_POINT, lost: [], duplicates: 0 });
    },
    TIMEOUT_MS,
  );
});
