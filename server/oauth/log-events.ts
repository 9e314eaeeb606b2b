import type { errors } from 'oidc-provider';
import type Provider from 'oidc-provider';
import type { KoaContextWithOIDC } from 'oidc-provider';

import type { ClientEventKind } from '../clients/client-events.ts';
import type { Context } from '../context.ts';

import { refreshingConnectionOf } from './refresh.ts';

/** Refusals by the library, and the step of the handshake that each one ends. Registration notes its own. */
const REFUSALS: Readonly<Record<string, ClientEventKind | null>> = {
  'authorization.error': 'authorize_refused',
  'grant.error': 'token_refused',
  'registration_create.error': null,
  'revocation.error': null,
};

/**
 * Why a request was refused: the library tells its events more than it tells the client. The connection doctor shows it;
 * the library puts names of parameters and of its checks into it, never a value that is secret.
 */
export function logProviderEvents(context: Context, provider: Provider): void {
  for (const [event, kind] of Object.entries(REFUSALS)) {
    provider.on(event as 'grant.error', (ctx: KoaContextWithOIDC, error: errors.OIDCProviderError) => {
      const clientId = ctx.oidc.client?.clientId ?? claimedClientOf(ctx);
      context.log.info(
        { event, clientId, error: error.message, detail: error.error_detail },
        'an OAuth request was refused',
      );
      // A person's no is noted where it is said.
      if (!kind || error.error === 'access_denied') return;
      context.clientEvents.record({
        kind,
        clientId,
        connectionId: refreshingConnectionOf(ctx) ?? undefined,
        address: ctx.ip,
        userAgent: ctx.get('user-agent'),
        reason: reasonOf(error),
      });
    });
  }
  provider.on('server_error', (ctx: KoaContextWithOIDC, error: Error) => {
    context.log.error({ err: error, route: ctx.oidc.route }, 'an OAuth request failed');
  });
}

/** What the request says of itself when the library did not get as far as to know its client. */
function claimedClientOf(ctx: KoaContextWithOIDC): string | undefined {
  const claimed = ctx.oidc.params?.['client_id'];
  return typeof claimed === 'string' ? claimed : undefined;
}

function reasonOf(error: errors.OIDCProviderError): string {
  const said = error.error_detail ?? error.error_description;
  return said && said !== error.error ? `${error.error}: ${said}` : error.error;
}
