import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';

import { sessionOf } from '../http/session.ts';

import { COOKIE_NAMES } from './configuration.ts';

/**
 * Forgets the library's own session when it belongs to somebody who is not signed in here any more, before an
 * authorization begins; so another person in the same browser goes straight through, and never meets the library's
 * page that asks to sign the other one out.
 */
export function createSessionBinding(provider: Provider): Middleware {
  return async function bindProviderSession(ctx, next) {
    if (!/^\/authorize(\/|$)/.test(ctx.path)) return next();
    const session = await provider.Session.get(ctx);
    if (session.accountId && session.accountId !== sessionOf(ctx)?.personId) {
      await session.destroy();
      ctx.req.headers.cookie = withoutCookie(ctx.req.headers.cookie ?? '', COOKIE_NAMES.session);
      ctx.cookies.set(COOKIE_NAMES.session, null);
    }
    return next();
  };
}

function withoutCookie(header: string, name: string): string {
  return header
    .split(/;\s*/)
    .filter((pair) => !pair.startsWith(`${name}=`) && !pair.startsWith(`${name}.sig=`))
    .join('; ');
}
