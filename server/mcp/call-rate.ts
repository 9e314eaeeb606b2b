import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

import { unavailable } from '../errors.ts';

/** How often a connection may call, so that a loop in an editor does not take the server from the others. */
export interface CallRate {
  /** @throws AppError Unavailable (`rate_limited`) with the seconds to wait */
  take(connectionId: string): Promise<void>;
}

/** Counted per process: the limit is against runaway loops, and a shared count would cost every call a query. */
export function createCallRate(callsPerMinute: number): CallRate {
  const limiter = new RateLimiterMemory({ points: callsPerMinute, duration: 60 });
  return {
    async take(connectionId) {
      try {
        await limiter.consume(connectionId);
      } catch (rejection) {
        if (!(rejection instanceof RateLimiterRes)) throw rejection;
        const seconds = Math.max(1, Math.ceil(rejection.msBeforeNext / 1000));
        throw unavailable({
          code: 'rate_limited',
          limit: callsPerMinute,
          message: `This connection made more than ${callsPerMinute} calls in a minute.`,
          nextStep: `Wait ${seconds} seconds, then go on with fewer calls.`,
        });
      }
    },
  };
}
