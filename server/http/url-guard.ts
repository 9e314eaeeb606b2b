import type { Middleware } from 'koa';

import { invalidInput } from '../errors.ts';

/** PostgreSQL stores no NUL, so an address with one in it names nothing here. Goes after the error page. */
export function createUrlGuard(): Middleware {
  return async function guardUrl(ctx, next) {
    if (!ctx.url.includes('%00')) return next();
    throw invalidInput({ code: 'bad_request', message: 'This address is not one of this server.' });
  };
}
