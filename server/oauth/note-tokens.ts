import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';

import type { Context } from '../context.ts';

/** Notes for the connection doctor that a client got its first tokens, or refreshed them. */
export function noteTokens(context: Context, provider: Provider): void {
  provider.on('grant.success', (ctx: KoaContextWithOIDC) => {
    const { client, entities, params } = ctx.oidc;
    context.clientEvents.record({
      kind: params?.['grant_type'] === 'refresh_token' ? 'token_refreshed' : 'token_issued',
      clientId: client?.clientId,
      connectionId: (entities.Grant as { connectionId?: string } | undefined)?.connectionId,
      personId: entities.Account?.accountId,
      address: ctx.ip,
      userAgent: ctx.get('user-agent'),
    });
  });
}
