import type { Middleware } from 'koa';

import type { Context } from '../context.ts';

const CANONICAL = new Set([
  '/authorize',
  '/token',
  '/register',
  '/revoke',
  '/jwks',
  '/session/end/confirm',
  '/.well-known/oauth-authorization-server',
  '/.well-known/openid-configuration',
]);
const WITH_PARAMETER = /^\/(authorize|register|interaction)\/./;
const OURS = /^(\/mcp)?\/\.well-known\/o|^\/(authorize|token|register|revoke|jwks|interaction)(\/|$)/;

/**
 * In front of everything of OAuth. The library's router folds case and a trailing slash, so `/Register` would pass by
 * whatever compares paths: such spellings are 404. And endpoints in metadata come from the Host header, so a foreign
 * one is 421 (RFC 9110, 15.5.20).
 */
export function createPathGuard(context: Context): Middleware {
  const { host } = new URL(context.publicUrl);
  return async function guardPath(ctx, next) {
    const folded = decodePath(ctx.path).toLowerCase().replace(/\/+$/, '');
    const isMisspelt =
      folded !== ctx.path &&
      (CANONICAL.has(folded) || (WITH_PARAMETER.test(folded) && !WITH_PARAMETER.test(ctx.path)));
    if (isMisspelt) {
      ctx.status = 404;
      return;
    }
    if (!OURS.test(ctx.path)) return next();
    if (ctx.req.headers.host !== host) {
      ctx.status = 421;
      ctx.body = {
        error: 'misdirected_request',
        error_description: `This server answers at ${context.publicUrl} only.`,
      };
      return;
    }
    delete ctx.req.headers['x-forwarded-host'];
    return next();
  };
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
