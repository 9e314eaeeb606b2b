import type { Middleware } from 'koa';

import type { Context } from '../context.ts';

/**
 * Under an https address every request counts as https, even where the proxy that ends TLS is not trusted to say so: the
 * library's cookies are Secure, and it knows its endpoints by the addresses that clients know. Asking for Secure cookies
 * in its settings would make every answer over such a hop a failure instead.
 */
export function createPublicProtocol(context: Context): Middleware {
  const isHttps = context.publicUrl.startsWith('https:');
  return function usePublicProtocol(ctx, next) {
    if (isHttps) {
      Object.defineProperty(ctx.request, 'protocol', { configurable: true, value: 'https' });
      ctx.cookies.secure = true;
    }
    return next();
  };
}
