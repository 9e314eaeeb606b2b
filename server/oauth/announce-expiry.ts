import type { Middleware } from 'koa';

import type { Context } from '../context.ts';

/**
 * Tells clients a shorter life of their access token than it has: they refresh every hour, and those that never do go
 * on working (soft expiry). The library knows the longer one, so that revocation works past the announced hour too.
 */
export function createExpiryAnnouncement(context: Context): Middleware {
  return async function announceExpiry(ctx, next) {
    await next();
    if (ctx.path !== '/token' || ctx.status !== 200) return;
    const answer = ctx.body as Record<string, unknown>;
    if (typeof answer['access_token'] === 'string') {
      ctx.body = { ...answer, expires_in: context.config.tokens.announcedSeconds };
    }
  };
}
