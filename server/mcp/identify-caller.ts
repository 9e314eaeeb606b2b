import type Koa from 'koa';

import type { ConnectionCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { findBearer } from '../oauth/bearer.ts';
import { challengeForBetterToken, challengeForToken, type Challenge } from './challenge.ts';

export type Identified = { caller: ConnectionCaller } | { challenge: Challenge };

/**
 * Who calls, or the challenge that gets a client a token. Why it is challenged is noted for the connection doctor, with
 * the connection when the token is one that we know.
 */
export async function identifyCaller(context: Context, ctx: Koa.Context): Promise<Identified> {
  const place = { publicUrl: context.publicUrl, path: ctx.path };
  const came = { address: ctx.ip, userAgent: ctx.get('user-agent') };
  const token = /^Bearer +(\S+)$/i.exec(ctx.get('authorization'))?.[1];
  if (!token) {
    context.clientEvents.record({ kind: 'bearer_missing', ...came, reason: whyMissing(ctx) });
    return { challenge: challengeForToken(place) };
  }
  const bearer = await findBearer(context, token, ctx.ip);
  if (bearer.kind === 'ok') return { caller: bearer.caller };
  const { kind, ...known } = bearer;
  context.clientEvents.record({
    kind: kind === 'expired' ? 'bearer_expired' : 'bearer_invalid',
    ...came,
    ...known,
  });
  return { challenge: challengeForBetterToken(place, kind) };
}

/** Nothing is said of a request without any token: that is how a client finds out where to get one. */
function whyMissing(ctx: Koa.Context): string | undefined {
  if (ctx.get('authorization')) return 'The Authorization header does not hold a bearer token.';
  if (new URLSearchParams(ctx.querystring).has('access_token')) {
    return 'The token came in the address, where none is read: it belongs in the Authorization header.';
  }
  return undefined;
}
