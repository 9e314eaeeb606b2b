import type { errors } from 'oidc-provider';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';

import type { Context } from '../context.ts';

const REFUSALS = [
  'authorization.error',
  'grant.error',
  'registration_create.error',
  'revocation.error',
] as const;

/** Why a request was refused: the library tells its events more than it tells the client. */
export function logProviderEvents(context: Context, provider: Provider): void {
  for (const event of REFUSALS) {
    provider.on(event as 'grant.error', (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
      const clientId = ctx.oidc.client?.clientId;
      context.log.info(
        { event, clientId, error: error.message, detail: error.error_detail },
        'an OAuth request was refused',
      );
    });
  }
  provider.on('server_error', (ctx: KoaContextWithOIDC, error: Error) => {
    context.log.error({ err: error, route: ctx.oidc.route }, 'an OAuth request failed');
  });
}
