import { createHash, randomBytes } from 'node:crypto';

import type { AccountLink } from '../../server/networks/account-link.ts';
import { callApi } from '../../server/networks/call-api.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import type { Network } from '../../server/networks/network.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { createFakeOauth, type FakeApp, type FakeOauth } from '../support/fakes/fake-oauth.ts';
import { startFakeServer, type FakeServer } from '../support/fakes/fake-server.ts';

/** The pages, and networks that link by the OAuth pages of one stand-in. */
export interface LinkRig extends AsyncDisposable {
  server: PagesServer;
  fake: FakeServer;
  oauth: FakeOauth;
  /** What the next links end with; by default the account that was signed in. */
  endWith(
    accounts: (accountId: string) => { remoteAccountId: string; handle: string; kind?: string }[],
  ): void;
}

const SCOPES = ['read', 'write'];

/** Two networks of the same kind, `x` and `linkedin`, each with its own app and callback. */
export async function startLinkRig(): Promise<LinkRig> {
  const oauth = createFakeOauth({
    ...{ authorizePath: '/authorize', tokenPath: '/token', pkce: 'required', clientAuth: ['post'] },
    ...{ accessLifetimeSeconds: 7200, refresh: 'none' },
  });
  const fake = await startFakeServer((request, clock) => oauth.handle(request, clock));
  const server = await startPagesServer({ ALLOW_PRIVATE_HOSTS: new URL(fake.url).host });
  let accountsOf = (accountId: string) => [{ remoteAccountId: accountId, handle: `handle-${accountId}` }];
  for (const id of ['x', 'linkedin']) {
    const redirectUris = [`${server.url}/channels/link/${id}/callback`];
    const app = oauth.registerApp({ redirectUris, scopes: SCOPES });
    const link = linkBy(fake, app, async (token) => {
      const grant = oauth.tokens.find(token);
      if (typeof grant === 'string')
        throw new NetworkError('auth_expired', grant, 'The token counts for nothing.');
      return accountsOf(grant.accountId).map((account) => ({
        ...{ ...account, credentials: JSON.stringify({ token }), grantedScopes: grant.scopes },
      }));
    });
    const network: Network = {
      ...server.context.networks.get('playground')!,
      id,
      name: 'Stand-in',
      isProven: false,
      link,
    };
    (server.context.networks as Map<string, Network>).set(id, network);
  }
  oauth.addAccount({ accountId: '1', name: 'Ada' });
  oauth.addAccount({ accountId: '2', name: 'Bea' });
  return {
    server,
    fake,
    oauth,
    endWith: (accounts) => {
      accountsOf = accounts;
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}

function linkBy(
  { url }: FakeServer,
  app: FakeApp,
  readAccounts: (token: string) => ReturnType<AccountLink['finish']>,
): AccountLink {
  const refused = () => new NetworkError('rejected', 'refused', 'The stand-in refused the code.');
  return {
    missingSettings: [],
    needs: ['The scopes read and write.'],
    begin: ({ redirectUri, state }) => {
      const verifier = randomBytes(32).toString('base64url');
      // Another host name of the same machine: another site, as a network is.
      const authorizeUrl = new URL('/authorize', url.replace('127.0.0.1', 'localhost'));
      authorizeUrl.search = new URLSearchParams({
        ...{ response_type: 'code', client_id: app.clientId, redirect_uri: redirectUri },
        ...{ scope: SCOPES.join(' '), state, code_challenge_method: 'S256' },
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      }).toString();
      return Promise.resolve({ authorizeUrl, memory: { verifier } });
    },
    finish: async ({ redirectUri, fetch, signal, memory, query }) => {
      const { verifier } = memory as { verifier: string };
      const form = {
        ...{ grant_type: 'authorization_code', code: query.get('code') ?? '', redirect_uri: redirectUri },
        ...{ client_id: app.clientId, client_secret: app.clientSecret!, code_verifier: verifier },
      };
      const call = { url: `${url}/token`, method: 'POST', form, signal } as const;
      const { body } = await callApi(fetch, call, { name: 'The stand-in', explain: refused });
      return readAccounts((body as { access_token: string }).access_token);
    },
  };
}
