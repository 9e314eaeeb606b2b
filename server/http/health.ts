import type { Middleware } from 'koa';

import type { Context } from '../context.ts';

/** `/healthz`: the process answers. `/readyz`: it reaches its database too, or says 503. */
export function createHealth(context: Context): Middleware {
  return async (ctx, next) => {
    if (ctx.path === '/healthz') {
      ctx.body = { status: 'ok' };
      return;
    }
    if (ctx.path !== '/readyz') return next();
    try {
      await context.db.$queryRaw`select 1`;
      ctx.body = { status: 'ready' };
    } catch (error) {
      context.log.warn({ err: error }, 'not ready: the database does not answer');
      ctx.status = 503;
      ctx.body = { status: 'not ready', reason: 'the database does not answer' };
    }
  };
}
