import type { Context as KoaContext, Middleware } from 'koa';

import type { Context } from '../context.ts';
import { parseScopes } from '../scopes.ts';

import { readBody, replaceBody } from './request-body.ts';
import { canonicalResource, mcpResourceOf } from './resource.ts';

const MAX_BODY_BYTES = 32_768;

/** POST /token as real clients send it, rewritten to what the library accepts; the parameters are kept for the refresh rule. */
export function createTokenNormaliser(context: Context): Middleware {
  return async function normaliseTokenRequest(ctx, next) {
    if (ctx.path !== '/token' || ctx.method !== 'POST' || !ctx.is('application/x-www-form-urlencoded'))
      return next();
    const text = await readBody(ctx, MAX_BODY_BYTES);
    if (text === null) return refuse(context, ctx, 413, 'invalid_request', 'The request is too long.');
    const parameters = new URLSearchParams(text);
    const resources = parameters.getAll('resource').filter(Boolean);
    if (resources.some((resource) => canonicalResource(context, resource) === null)) {
      // Refused here, because the library would find out only after it has used up the code or the refresh token.
      const description = `This server issues tokens for ${mcpResourceOf(context)} only.`;
      return refuse(context, ctx, 400, 'invalid_target', description, parameters.get('client_id'));
    }
    parameters.set('resource', mcpResourceOf(context));
    if (parameters.get('grant_type') === 'refresh_token') keepKnownScopes(parameters);
    setTokenParameters(ctx, parameters);
    return next();
  };
}

/** What the client sent to /token, after normalisation; null on any other request. */
export function tokenParametersOf(ctx: KoaContext): URLSearchParams | null {
  return (ctx.state['tokenParameters'] as URLSearchParams | undefined) ?? null;
}

export function setTokenParameters(ctx: KoaContext, parameters: URLSearchParams): void {
  ctx.state['tokenParameters'] = parameters;
  replaceBody(ctx, parameters.toString());
}

function keepKnownScopes(parameters: URLSearchParams): void {
  if (!parameters.has('scope')) return;
  const known = parseScopes(parameters.getAll('scope').join(' '));
  if (known.length > 0) parameters.set('scope', known.join(' '));
  else parameters.delete('scope');
}

function refuse(
  context: Context,
  ctx: KoaContext,
  status: number,
  error: string,
  description: string,
  clientId: string | null = null,
): void {
  ctx.status = status;
  ctx.set('Cache-Control', 'no-store');
  ctx.body = { error, error_description: description };
  context.clientEvents.record({
    kind: 'token_refused',
    clientId: clientId ?? undefined,
    address: ctx.ip,
    userAgent: ctx.get('user-agent'),
    reason: `${error}: ${description}`,
  });
}
