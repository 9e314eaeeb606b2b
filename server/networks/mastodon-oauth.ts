// Mastodon's OAuth pages: https://docs.joinmastodon.org/methods/oauth/ and https://docs.joinmastodon.org/methods/apps/ (checked
// 2026-11-21). The person names the server, so its answers decide nothing but where on that very server things lie.
import { z } from 'zod';

import type { RegisteredApps } from './account-link.ts';
import { askMastodon, callMastodon, type MastodonSession } from './mastodon-api.ts';
import { isUnknownPath } from './mastodon-errors.ts';
import { NetworkError } from './network-error.ts';

export const MASTODON_SCOPES = ['read:accounts', 'read:statuses', 'write:statuses', 'write:media'];
const CALL_TIMEOUT_MS = 10_000;
const CLIENT_NAME = 'Grantcast';

/** Paths on the server. */
export interface MastodonOAuthServer {
  authorizePath: string;
  tokenPath: string;
  hasPkce: boolean;
}

/** As every server has it that does not say. */
const USUAL: MastodonOAuthServer = {
  authorizePath: '/oauth/authorize',
  tokenPath: '/oauth/token',
  hasPkce: false,
};

const metadata = z.object({
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
  code_challenge_methods_supported: z.array(z.string()).default([]).catch([]),
});

const printable = z.string().regex(/^[\x21-\x7e]{1,500}$/);

const credentialApplication = z.object({ client_id: printable, client_secret: printable });

const registration = z.object({ clientId: printable, clientSecret: printable, redirectUri: z.string() });
export type MastodonApp = z.infer<typeof registration>;

const tokenAnswer = z.object({
  access_token: printable,
  token_type: z.string().regex(/^bearer$/i),
  scope: z.string().max(5000).default(MASTODON_SCOPES.join(' ')),
});

/**
 * RFC 8414, since Mastodon 4.3.
 * @throws NetworkError rejected `foreign_endpoint` when the server sends people or secrets elsewhere
 */
export async function discoverMastodon(session: MastodonSession): Promise<MastodonOAuthServer> {
  const path = '/.well-known/oauth-authorization-server';
  try {
    const call = { method: 'GET', path, timeoutMs: CALL_TIMEOUT_MS } as const;
    const told = await callMastodon(session, call, metadata);
    return {
      authorizePath: pathOn(session.server, told.authorization_endpoint),
      tokenPath: pathOn(session.server, told.token_endpoint),
      hasPkce: told.code_challenge_methods_supported.includes('S256'),
    };
  } catch (error) {
    if (isUnknownPath(error)) return USUAL;
    throw error;
  }
}

function pathOn(server: string, address: string): string {
  const { origin, pathname, search } = new URL(address);
  // A path that begins with two slashes names another host as soon as it stands alone.
  if (origin === server && !pathname.startsWith('//')) return pathname + search;
  throw new NetworkError(
    'rejected',
    'foreign_endpoint',
    'This server sends people to another one to sign in. Give the address of that one.',
  );
}

/** This server's registration there, made when there is none that the server still knows. */
export async function findMastodonApp(
  session: MastodonSession,
  { tokenPath }: MastodonOAuthServer,
  apps: RegisteredApps,
  redirectUri: string,
): Promise<MastodonApp> {
  const stored = readRegistration(await apps.find(session.server));
  if (stored?.redirectUri === redirectUri && (await isKnown(session, tokenPath, stored))) return stored;
  const app = await register(session, redirectUri);
  await apps.store(session.server, JSON.stringify(app));
  return app;
}

function readRegistration(stored: string | null): MastodonApp | undefined {
  return registration.safeParse(JSON.parse(stored ?? 'null')).data;
}

/** Servers before 4.3 forget apps that nobody used; a token for the app itself shows whether this one is known. */
async function isKnown(session: MastodonSession, path: string, app: MastodonApp): Promise<boolean> {
  const form = {
    grant_type: 'client_credentials',
    client_id: app.clientId,
    client_secret: app.clientSecret,
    redirect_uri: app.redirectUri,
    scope: MASTODON_SCOPES[0]!,
  };
  try {
    await askMastodon(session, { method: 'POST', path, form, timeoutMs: CALL_TIMEOUT_MS });
    return true;
  } catch (error) {
    if (!(error instanceof NetworkError)) throw error;
    return error.code !== 'invalid_client';
  }
}

async function register(session: MastodonSession, redirectUri: string): Promise<MastodonApp> {
  const json = {
    client_name: CLIENT_NAME,
    redirect_uris: redirectUri,
    scopes: MASTODON_SCOPES.join(' '),
    website: new URL(redirectUri).origin,
  };
  const call = { method: 'POST', path: '/api/v1/apps', json, timeoutMs: CALL_TIMEOUT_MS } as const;
  const { client_id, client_secret } = await callMastodon(session, call, credentialApplication);
  return { clientId: client_id, clientSecret: client_secret, redirectUri };
}

/**
 * The code becomes a token, once.
 * @throws NetworkError rejected `scope_missing` when the person left one out
 */
export async function exchangeMastodonCode(
  session: MastodonSession,
  path: string,
  app: MastodonApp,
  { code, verifier }: { code: string; verifier: string | undefined },
): Promise<{ accessToken: string; grantedScopes: string[] }> {
  const form = {
    grant_type: 'authorization_code',
    code,
    client_id: app.clientId,
    client_secret: app.clientSecret,
    redirect_uri: app.redirectUri,
    ...(verifier && { code_verifier: verifier }),
  };
  const call = { method: 'POST', path, form, timeoutMs: CALL_TIMEOUT_MS } as const;
  const { access_token, scope } = await callMastodon(session, call, tokenAnswer);
  const grantedScopes = scope.split(/\s+/).filter((name) => /^[a-z:_]{1,60}$/.test(name));
  const isGranted = (asked: string) =>
    grantedScopes.includes(asked) || grantedScopes.includes(asked.split(':')[0]!);
  const missing = MASTODON_SCOPES.filter((asked) => !isGranted(asked));
  if (missing.length > 0) {
    const message = `The Mastodon server gave less than was asked for: ${missing.join(', ')} is missing. Link the account again and allow everything.`;
    throw new NetworkError('rejected', 'scope_missing', message);
  }
  return { accessToken: access_token, grantedScopes: [...new Set(grantedScopes)] };
}
