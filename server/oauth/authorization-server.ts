import type { Middleware } from 'koa';
import type Provider from 'oidc-provider';

import type { Context } from '../context.ts';

export interface AuthorizationServer extends AsyncDisposable {
  provider: Provider;
  middleware: Middleware[];
}

/**
 * Everything of OAuth 2.1: discovery, registration, authorize, consent, token, revocation. What the app must do:
 * - `app.keys = provider.keys` before it listens: the provider reads with its keys the cookies that the app signed;
 * - `app.proxy = config.trustProxy`;
 * - use `middleware` in order, after `createSecurityHeaders` and `createSession` (it reads `ctx.state.session`), and
 *   before the pages and any body parser;
 * - dispose it before the context (it has a small pool of its own for locks).
 * Paths it does not own go on to the next middleware.
 */
export async function createAuthorizationServer(context: Context): Promise<AuthorizationServer> {
  throw new Error(`not yet: ${context.publicUrl}`);
}
