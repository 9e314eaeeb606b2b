import type { Context as KoaContext, Middleware } from 'koa';

import type { Context } from '../context.ts';
import { prepared } from '../database/prepared.ts';
import { hashToken } from '../token.ts';

import type { Locks } from './locks.ts';
import { findReplay, keepReplay } from './refresh-replay.ts';
import { setTokenParameters, tokenParametersOf } from './token-request.ts';

/**
 * Refreshing is idempotent: a refresh token that is presented again within `REFRESH_REPLAY_SECONDS` gets the very same
 * answer, so that windows which race and replies that get lost hurt nobody. One refresh at a time per token family, in
 * whatever process. What happens after that time is find-refresh-token.ts's rule.
 */
export function createRefreshReplay(context: Context, locks: Locks): Middleware {
  return async function answerRefreshOnce(ctx, next) {
    const parameters = tokenParametersOf(ctx);
    const presented =
      parameters?.get('grant_type') === 'refresh_token' ? parameters.get('refresh_token') : null;
    if (!parameters || !presented) return next();
    const family = await findFamily(context, presented);
    if (!family) return next();
    ctx.state['tokenConnectionId'] = family.connectionId;
    narrowScope(ctx, parameters, family.scope);
    await locks.withLock(`family ${family.grantId}`, async () => {
      const request = { parameters, authorization: ctx.get('Authorization') };
      const answer = await findReplay(context, request);
      if (answer) {
        ctx.set('Cache-Control', 'no-store');
        ctx.body = answer;
        context.log.info({ grantId: family.grantId }, 'a refresh token came again: the same answer');
        return;
      }
      await next();
      if (ctx.status === 200)
        await keepReplay(context, { ...request, grantId: family.grantId, answer: ctx.body });
    });
  };
}

/** Whose refresh token came, on a request to /token; null on any other, and when nobody's. */
export function refreshingConnectionOf(ctx: KoaContext): string | null {
  return (ctx.state['tokenConnectionId'] as string | undefined) ?? null;
}

interface Family {
  grantId: string;
  connectionId: string;
  scope: string;
}

async function findFamily(context: Context, refreshToken: string): Promise<Family | undefined> {
  const [family] = await prepared<Family>(context)`
    select g.id as "grantId", g.connection_id as "connectionId", coalesce(t.payload->>'scope', '') as scope
    from oidc_token t join oidc_grant g on g.id = t.grant_id
    where t.id_hash = ${hashToken(refreshToken)} and t.kind = 'RefreshToken'`;
  return family;
}

/** Some clients ask for what they asked for at first, although the person granted less: they get what was granted. */
function narrowScope(ctx: KoaContext, parameters: URLSearchParams, granted: string): void {
  const asked = parameters.get('scope');
  if (!asked) return;
  const kept = asked.split(' ').filter((scope) => granted.split(' ').includes(scope));
  if (kept.length > 0) parameters.set('scope', kept.join(' '));
  setTokenParameters(ctx, parameters);
}
