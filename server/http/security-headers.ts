import helmet from 'koa-helmet';
import type { Middleware } from 'koa';

import type { Context } from '../context.ts';

/**
 * For every answer. No Cross-Origin-Opener-Policy here: a client that opens the consent page in a popup loses its
 * window with one (`opener-null` in the callback), so only the dashboard's own pages set it.
 */
export function createSecurityHeaders(context: Context): Middleware {
  const isHttps = context.publicUrl.startsWith('https:');
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        baseUri: ["'none'"],
        objectSrc: ["'none'"],
      },
    },
    crossOriginOpenerPolicy: false,
    frameguard: { action: 'deny' },
    // The set-up link and interaction ids stand in paths; other sites see none of it.
    referrerPolicy: { policy: 'same-origin' },
    hsts: isHttps && { maxAge: 31_536_000, includeSubDomains: false },
  });
}
