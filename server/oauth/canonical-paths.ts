import type { Context as KoaContext, Middleware } from 'koa';

import type { Context } from '../context.ts';

const METADATA = ['oauth-authorization-server', 'openid-configuration', 'oauth-protected-resource'];
const CANONICAL = new Set([
  '/authorize',
  '/token',
  '/register',
  '/revoke',
  '/jwks',
  '/session/end/confirm',
  ...METADATA.flatMap((name) => [
    `/.well-known/${name}`,
    `/.well-known/${name}/mcp`,
    `/mcp/.well-known/${name}`,
  ]),
]);
/** Clients that were given the endpoint with a slash look here. */
const WITH_SLASH = new Set(METADATA.map((name) => `/.well-known/${name}/mcp/`));
const FOLDED_PARAMETER = /^\/(authorize|register|interaction)\/./;
const WITH_PARAMETER = /^\/(authorize|register|interaction)\/[\w-]+$/;
const OURS = /^(\/mcp)?\/\.well-known\/o|^\/(authorize|token|register|revoke|jwks|interaction)(\/|$)/;
/** What clients try when they look for an authorization server, or for another transport. */
const PROBE = /oauth|openid|authorize|token|register|jwks|mcp|\/sse$/i;

/**
 * In front of everything of OAuth. The library's router folds case and a trailing slash, so `/Register` would pass by
 * whatever compares paths: such spellings are 404. And endpoints in metadata come from the Host header, so a foreign
 * one is 421 (RFC 9110, 15.5.20).
 */
export function createPathGuard(context: Context): Middleware {
  const { host } = new URL(context.publicUrl);

  async function answerOurs(ctx: KoaContext, next: () => Promise<unknown>): Promise<void> {
    if (ctx.req.headers.host !== host) {
      ctx.status = 421;
      ctx.body = {
        error: 'misdirected_request',
        error_description: `This server answers at ${context.publicUrl} only.`,
      };
      return;
    }
    delete ctx.req.headers['x-forwarded-host'];
    await next();
  }

  return async function guardPath(ctx, next) {
    const { path } = ctx;
    if (isMisspelt(path)) ctx.status = 404;
    else if (OURS.test(path)) await answerOurs(ctx, next);
    else await next();
    if (ctx.status !== 404 || !PROBE.test(path)) return;
    context.clientEvents.record({
      kind: 'wrong_path',
      address: ctx.ip,
      userAgent: ctx.get('user-agent'),
      // What is that long may be a token that somebody put there.
      reason: `${ctx.method} ${path.replaceAll(/[^/]{30,}/g, '…')}`,
    });
  };
}

/** Only these two the library overlooks; a path that is spelled wrong in another way is unknown to everybody. */
function isMisspelt(path: string): boolean {
  if (CANONICAL.has(path) || WITH_SLASH.has(path) || WITH_PARAMETER.test(path)) return false;
  const folded = path.toLowerCase().replace(/\/+$/, '');
  return CANONICAL.has(folded) || FOLDED_PARAMETER.test(folded);
}
