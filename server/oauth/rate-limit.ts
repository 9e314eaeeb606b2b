import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';

import type { Context } from '../context.ts';

export interface RateLimit {
  /** Counts one more. @returns 0 when it may go on, else after how many seconds it may */
  count(key: string): Promise<number>;
}

/** Shared by all processes. @param limit how many in how many seconds */
export function openRateLimit(
  context: Context,
  keyPrefix: string,
  limit: { points: number; seconds: number },
): RateLimit {
  const limiter = new RateLimiterPostgres({
    storeClient: context.pool,
    storeType: 'pool',
    tableName: 'rate_limit',
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix,
    points: limit.points,
    duration: limit.seconds,
  });
  return {
    async count(key) {
      try {
        await limiter.consume(key);
        return 0;
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
        throw refusal;
      }
    },
  };
}
