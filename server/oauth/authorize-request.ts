import type { Context as KoaContext, Middleware } from 'koa';

import type { Context } from '../context.ts';
import { isScope, SCOPES } from '../scopes.ts';

import { readBody } from './request-body.ts';
import { canonicalResource, mcpResourceOf } from './resource.ts';

const MAX_BODY_BYTES = 16_384;
const PROMPTS = new Set(['none', 'login', 'consent']);
const PROTOCOL_SCOPES = ['openid', 'offline_access'];
const OPENID_ONLY = ['nonce', 'max_age', 'claims', 'acr_values', 'id_token_hint'];

/** GET /authorize as real clients send it, rewritten to what the library accepts; unknown scopes are dropped, not refused. */
export function createAuthorizeNormaliser(context: Context): Middleware {
  return async function normaliseAuthorizeRequest(ctx, next) {
    if (ctx.path !== '/authorize') return next();
    if (ctx.method === 'POST') return askAgainByGet(ctx);
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') return next();
    const query = new URLSearchParams(ctx.querystring);
    normaliseScope(query);
    normaliseResource(context, query);
    normalisePrompt(query);
    if (!query.get('scope')?.split(' ').includes('openid')) OPENID_ONLY.forEach((name) => query.delete(name));
    // Our pages allow no form to another site and no inline script, so a form post would strand the person.
    if (query.get('response_mode') === 'form_post') query.delete('response_mode');
    ctx.querystring = query.toString();
    return next();
  };
}

/** A request by POST would pass by what is done here, and comes without the cookies of whoever is signed in. */
async function askAgainByGet(ctx: KoaContext): Promise<void> {
  const form = await readBody(ctx, MAX_BODY_BYTES);
  ctx.redirect(`/authorize?${new URLSearchParams(form ?? '').toString()}`);
  ctx.status = 303;
}

function normaliseScope(query: URLSearchParams): void {
  const asked = query.getAll('scope').join(' ').split(/\s+/);
  const ours = asked.filter(isScope);
  const protocol = PROTOCOL_SCOPES.filter((scope) => asked.includes(scope));
  query.set('scope', [...new Set([...protocol, ...(ours.length > 0 ? ours : SCOPES)])].join(' '));
}

/** A foreign resource stays as it is, for the library to answer `invalid_target`. */
function normaliseResource(context: Context, query: URLSearchParams): void {
  const resources = query.getAll('resource').filter(Boolean);
  const canonical = resources.map((resource) => canonicalResource(context, resource) ?? resource);
  query.delete('resource');
  for (const resource of new Set(canonical.length > 0 ? canonical : [mcpResourceOf(context)])) {
    query.append('resource', resource);
  }
}

function normalisePrompt(query: URLSearchParams): void {
  const asked = query.getAll('prompt').join(' ').split(/\s+/);
  const prompts = [...new Set(asked.filter((prompt) => PROMPTS.has(prompt)))];
  if (prompts.length > 0) query.set('prompt', prompts.join(' '));
  else query.delete('prompt');
}
