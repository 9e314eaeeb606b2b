import type { Middleware } from 'koa';

const OPEN = /^(\/mcp)?\/\.well-known\/o|^\/(token|register|revoke|jwks)$/;
const PREFLIGHT_SECONDS = '3600';

/**
 * Browser-based clients of any origin may discover, register, and exchange tokens: none of these endpoints reads a
 * cookie, so there is nothing that another origin could borrow. The pages of consent are not among them.
 */
export function createCors(): Middleware {
  return async function allowOrigins(ctx, next) {
    if (!OPEN.test(ctx.path)) return next();
    ctx.set('Access-Control-Allow-Origin', '*');
    ctx.set('Access-Control-Expose-Headers', 'WWW-Authenticate, Retry-After');
    // Helmet's default would keep other origins from reading even what CORS allows.
    ctx.set('Cross-Origin-Resource-Policy', 'cross-origin');
    if (ctx.method !== 'OPTIONS') return next();
    ctx.set('Access-Control-Allow-Methods', 'GET, POST, OPTIONS');
    ctx.set(
      'Access-Control-Allow-Headers',
      ctx.get('Access-Control-Request-Headers') || 'Authorization, Content-Type',
    );
    ctx.set('Access-Control-Max-Age', PREFLIGHT_SECONDS);
    ctx.vary('Access-Control-Request-Headers');
    ctx.status = 204;
  };
}
