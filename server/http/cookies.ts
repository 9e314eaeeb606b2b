import type { Context as KoaContext } from 'koa';

import type { Context } from '../context.ts';

/** The grant of the `__Host-` prefix (RFC 6265bis): https only, this host only, path `/`. Plain http has no such names. */
export function cookieName(context: Context, name: string): string {
  return isHttps(context) ? `__Host-${name}` : name;
}

export function readCookie(ctx: KoaContext, context: Context, name: string): string | undefined {
  return ctx.cookies.get(cookieName(context, name), { signed: false }) || undefined;
}

/**
 * HttpOnly, SameSite=Lax. Written by hand because Koa refuses Secure cookies when the last hop to it is plain http, as
 * it is behind a proxy that is not trusted for anything else.
 * @param value letters, digits, `-` and `_` only
 */
export function setCookie(
  ctx: KoaContext,
  context: Context,
  cookie: { name: string; value: string; maxAgeSeconds: number },
) {
  const parts = [
    `${cookieName(context, cookie.name)}=${cookie.value}`,
    'Path=/',
    `Max-Age=${cookie.maxAgeSeconds}`,
  ];
  if (isHttps(context)) parts.push('Secure');
  ctx.append('Set-Cookie', [...parts, 'HttpOnly', 'SameSite=Lax'].join('; '));
}

export function clearCookie(ctx: KoaContext, context: Context, name: string): void {
  setCookie(ctx, context, { name, value: '', maxAgeSeconds: 0 });
}

function isHttps(context: Context): boolean {
  return context.publicUrl.startsWith('https:');
}
