import type { Context as KoaContext, Middleware } from 'koa';

import type { Context } from '../context.ts';
import { findSession, SESSION_MAX_DAYS, type Session } from '../teams/sessions.ts';
import { TOKEN } from '../token.ts';

import { clearCookie, readCookie, setCookie } from './cookies.ts';

const COOKIE = 'grantcast_session';

/** Sets `ctx.state.session`: the signed-in person, or null. Goes before everything that asks who is there. */
export function createSession(context: Context): Middleware {
  return async function readSession(ctx, next) {
    const token = readSessionToken(ctx, context);
    ctx.state['session'] = token ? await findSession(context, token) : null;
    if (token && !ctx.state['session']) clearCookie(ctx, context, COOKIE);
    return next();
  };
}

export function sessionOf(ctx: KoaContext): Session | null {
  return (ctx.state['session'] as Session | null | undefined) ?? null;
}

export function readSessionToken(ctx: KoaContext, context: Context): string | undefined {
  const token = readCookie(ctx, context, COOKIE);
  return token && TOKEN.test(token) ? token : undefined;
}

export function setSessionCookie(ctx: KoaContext, context: Context, token: string): void {
  setCookie(ctx, context, { name: COOKIE, value: token, maxAgeSeconds: SESSION_MAX_DAYS * 86_400 });
}

export function clearSessionCookie(ctx: KoaContext, context: Context): void {
  clearCookie(ctx, context, COOKIE);
}
