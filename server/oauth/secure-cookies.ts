import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';

import type { Context } from '../context.ts';

/**
 * The library's cookies are Secure when the public URL is https, even where the proxy that ends TLS is not trusted to say
 * so. Asking for it in the library's settings would make every answer over such a hop a failure, so what tells the
 * library that a hop is secure is told so instead. It makes contexts of its own, hence their prototype.
 */
export function createSecureCookies(context: Context, provider: Provider): Middleware {
  const isHttps = context.publicUrl.startsWith('https:');
  if (isHttps) Object.defineProperty(provider.request, 'secure', { get: () => true });
  return function secureCookies(ctx, next) {
    if (isHttps) ctx.cookies.secure = true;
    return next();
  };
}
