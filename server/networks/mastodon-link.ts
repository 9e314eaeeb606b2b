// Linking an account on any Mastodon server. The address of our callback carries the server, and each server is registered with
// its own: an answer that one server sends in the name of another ends here (RFC 9700, section 4.4.2), before the code goes out.
import { createHash } from 'node:crypto';

import { z } from 'zod';

import { invalidInput } from '../errors.ts';
import { newToken } from '../token.ts';
import type { AccountLink, LinkCall, LinkedAccount } from './account-link.ts';
import { callMastodon, mastodonId, toRemoteAccountId, type MastodonSession } from './mastodon-api.ts';
import { readMastodonLimits } from './mastodon-limits.ts';
import {
  discoverMastodon,
  exchangeMastodonCode,
  findMastodonApp,
  MASTODON_SCOPES,
} from './mastodon-oauth.ts';
import { NetworkError } from './network-error.ts';

const memorySchema = z.object({
  server: z.url({ protocol: /^https?$/ }),
  tokenPath: z.string(),
  app: z.object({ clientId: z.string(), clientSecret: z.string(), redirectUri: z.string() }),
  verifier: z.string().optional(),
});

const ownAccount = z.object({ id: mastodonId, username: z.string().regex(/^\w(?:[\w.-]{0,98}\w)?$/) });

const HANDLE = /^@?[^@/:\s]+@([^@/\s]+)$/;

const code = z.string().regex(/^[\x21-\x7e]{1,2000}$/);

export const mastodonLink: AccountLink = {
  missingSettings: [],
  needs: [],
  asksFor: 'server',

  async begin({ redirectUri, fetch, signal, apps, state, answer }) {
    const server = readServer(answer);
    const session: MastodonSession = { server, fetch, signal };
    const oauth = await discoverMastodon(session);
    const app = await findMastodonApp(session, oauth, apps, ownRedirectUri(redirectUri, server));
    const verifier = oauth.hasPkce ? newToken() : undefined;
    const authorizeUrl = new URL(oauth.authorizePath, server);
    const query = {
      response_type: 'code',
      client_id: app.clientId,
      redirect_uri: app.redirectUri,
      scope: MASTODON_SCOPES.join(' '),
      state,
      ...(verifier && { code_challenge: challengeOf(verifier), code_challenge_method: 'S256' }),
    };
    for (const [name, value] of Object.entries(query)) authorizeUrl.searchParams.set(name, value);
    return { authorizeUrl, memory: { server, tokenPath: oauth.tokenPath, app, verifier } };
  },

  async finish({ fetch, signal, memory, query }) {
    const { server, tokenPath, app, verifier } = memorySchema.parse(memory);
    const session: MastodonSession = { server, fetch, signal };
    const given = { code: readCode(query, server), verifier };
    const { accessToken, grantedScopes } = await exchangeMastodonCode(session, tokenPath, app, given);
    return [await readAccount({ ...session, token: accessToken }, grantedScopes)];
  },
};

/** `mastodon.social`, an address there, or a handle: what stands before the server does not count. */
function readServer(answer: string): string {
  const named = answer.trim();
  const host = HANDLE.exec(named)?.[1] ?? named;
  const url = URL.parse(named.includes('://') ? named : `https://${host}`);
  const isServer = url && /^https?:$/.test(url.protocol) && !url.username && !url.password;
  if (isServer && url.host.length <= 255) return url.origin;
  throw invalidInput({
    code: 'invalid_server',
    field: 'answer',
    message: 'This is not the address of a Mastodon server. It looks like mastodon.social.',
  });
}

const ownRedirectUri = (redirectUri: LinkCall['redirectUri'], server: string) => {
  const own = new URL(redirectUri);
  own.searchParams.set('server', new URL(server).host);
  return own.href;
};

const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

/** @throws NetworkError rejected when the person refused, or another server answers */
function readCode(query: URLSearchParams, server: string): string {
  if (query.get('server') !== new URL(server).host) {
    const message = 'Another server answered than the one that was asked. Link the account again.';
    throw new NetworkError('rejected', 'other_server', message);
  }
  if (query.get('error') === 'access_denied') {
    const message = 'The account was not linked: it was refused on the pages of its server.';
    throw new NetworkError('rejected', 'access_denied', message);
  }
  const given = code.safeParse(query.get('code'));
  if (given.success) return given.data;
  throw new NetworkError(
    'rejected',
    'no_code',
    'The Mastodon server did not say whose account it is. Try again.',
  );
}

/** Its limits can be asked for later too, so linking does not fail for want of them. */
async function readAccount(
  session: MastodonSession & { token: string },
  grantedScopes: readonly string[],
): Promise<LinkedAccount> {
  const { server, token } = session;
  const path = '/api/v1/accounts/verify_credentials';
  const { id, username } = await callMastodon(session, { method: 'GET', path }, ownAccount);
  const ownLimits = await readMastodonLimits(session).catch(() => undefined);
  return {
    remoteAccountId: toRemoteAccountId(id, server),
    handle: `${username}@${new URL(server).host}`,
    credentials: JSON.stringify({ server, accessToken: token }),
    grantedScopes,
    ...(ownLimits && { ownLimits }),
  };
}
