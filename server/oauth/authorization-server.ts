import type { Middleware } from 'koa';
import mount from 'koa-mount';
import Provider from 'oidc-provider';

import type { Context } from '../context.ts';

import { createExpiryAnnouncement } from './announce-expiry.ts';
import { createAuthorizeLimit } from './authorize-limit.ts';
import { createAuthorizeNormaliser } from './authorize-request.ts';
import { createPathGuard } from './canonical-paths.ts';
import { createClientDocuments } from './client-documents.ts';
import { isClientSecret } from './client-store.ts';
import { createConfiguration } from './configuration.ts';
import { bindGrantsToConnections } from './connect-client.ts';
import { createCors } from './cors.ts';
import { createDiscovery } from './discovery.ts';
import { createInteractions } from './interactions.ts';
import { openLocks } from './locks.ts';
import { logProviderEvents } from './log-events.ts';
import { noteTokens } from './note-tokens.ts';
import { createSessionBinding } from './provider-session.ts';
import { createRefreshReplay } from './refresh.ts';
import { createRegistration } from './registration.ts';
import { createReturning } from './returning.ts';
import { createPublicProtocol } from './public-protocol.ts';
import { loadSigningKeys } from './signing-keys.ts';
import { createTokenNormaliser } from './token-request.ts';
import { createUnapprovedGuard } from './unapproved-client.ts';

export interface AuthorizationServer extends AsyncDisposable {
  provider: Provider;
  middleware: Middleware[];
}

/**
 * Everything of OAuth 2.1: discovery, registration, authorize, consent, token, revocation. What the app must do:
 * - `app.keys = provider.keys` before it listens: the provider reads with its keys the cookies that the app signed;
 * - `app.proxy = config.trustProxy`;
 * - use `middleware` in order, after `createSecurityHeaders` and `createSession` (it reads `ctx.state.session`), with no
 *   body parser in front of it on these paths;
 * - dispose it before the context (it has a small pool of its own for locks).
 * Paths it does not own go on to the next middleware.
 */
export async function createAuthorizationServer(context: Context): Promise<AuthorizationServer> {
  const documents = createClientDocuments(context);
  const provider = new Provider(
    context.publicUrl,
    createConfiguration(context, await loadSigningKeys(context), documents),
  );
  provider.Client.prototype.compareClientSecret = isClientSecret;
  bindGrantsToConnections(provider);
  logProviderEvents(context, provider);
  noteTokens(context, provider);
  const locks = openLocks(context);
  const middleware = [
    createPathGuard(context),
    createPublicProtocol(context),
    createCors(),
    createDiscovery(context, documents),
    createRegistration(context),
    createAuthorizeLimit(context),
    createAuthorizeNormaliser(context),
    createUnapprovedGuard(context),
    createSessionBinding(provider),
    createInteractions(context, provider, locks),
    createReturning(context),
    createTokenNormaliser(context),
    createRefreshReplay(context, locks),
    createExpiryAnnouncement(context),
    mount(provider as never) as Middleware,
  ];
  return {
    provider,
    middleware,
    async [Symbol.asyncDispose]() {
      documents[Symbol.dispose]();
      await locks[Symbol.asyncDispose]();
    },
  };
}
