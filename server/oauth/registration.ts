import type { Context as KoaContext, Middleware } from 'koa';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';

import type { Context } from '../context.ts';
import { addressKey } from '../http/address-key.ts';

import { normaliseRegistration } from './client-metadata.ts';
import { readBody, replaceBody } from './request-body.ts';

const MAX_BODY_BYTES = 16_384;
const HOUR_SECONDS = 3600;
/** Hosted clients register twice per connection, all from few addresses. */
const PER_ADDRESS_PER_HOUR = 100;
const PER_SERVER_PER_HOUR = 2000;

/** POST /register (RFC 7591) before the library sees it: limited, bounded and normalised. */
export function createRegistration(context: Context): Middleware {
  const limiters = [
    {
      limiter: openLimiter(context, 'register_address', PER_ADDRESS_PER_HOUR),
      keyOf: (ctx: KoaContext) => addressKey(ctx.ip),
    },
    { limiter: openLimiter(context, 'register_server', PER_SERVER_PER_HOUR), keyOf: () => 'all' },
  ];
  return async function normaliseRegistrationRequest(ctx, next) {
    if (ctx.path !== '/register' || ctx.method !== 'POST') return next();
    for (const { limiter, keyOf } of limiters) {
      const retryAfterSeconds = await consumePoint(limiter, keyOf(ctx));
      if (retryAfterSeconds) return refuseFor(ctx, retryAfterSeconds);
    }
    const text = await readBody(ctx, MAX_BODY_BYTES);
    if (text === null) {
      ctx.status = 413;
      ctx.body = {
        error: 'invalid_client_metadata',
        error_description: 'The registration is longer than 16 KiB.',
      };
      return;
    }
    if (text.includes('\\u0000')) {
      ctx.status = 400;
      ctx.body = {
        error: 'invalid_client_metadata',
        error_description: 'The registration has a NUL character in it.',
      };
      return;
    }
    const body = parseObject(text);
    // What is no JSON object is the library's to refuse.
    replaceBody(ctx, body ? JSON.stringify(normaliseRegistration(body)) : text);
    return next();
  };
}

function openLimiter(context: Context, keyPrefix: string, points: number): RateLimiterPostgres {
  return new RateLimiterPostgres({
    storeClient: context.pool,
    storeType: 'pool',
    tableName: 'rate_limit',
    tableCreated: true,
    clearExpiredByTimeout: false,
    keyPrefix,
    points,
    duration: HOUR_SECONDS,
  });
}

/** @returns 0 when it may go on, else after how many seconds */
async function consumePoint(limiter: RateLimiterPostgres, key: string): Promise<number> {
  try {
    await limiter.consume(key);
    return 0;
  } catch (error) {
    if (error instanceof RateLimiterRes) return Math.max(1, Math.ceil(error.msBeforeNext / 1000));
    throw error;
  }
}

function refuseFor(ctx: KoaContext, retryAfterSeconds: number): void {
  ctx.status = 429;
  ctx.set('Retry-After', String(retryAfterSeconds));
  ctx.body = {
    error: 'temporarily_unavailable',
    error_description: `Too many registrations. Try again in ${retryAfterSeconds} seconds.`,
  };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
