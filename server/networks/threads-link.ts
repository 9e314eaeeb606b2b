import { z } from 'zod';

import type { NetworkAppSettings } from '../network-settings.ts';
import type { AccountLink } from './account-link.ts';
import { callMeta, metaId, type MetaSession } from './meta-call.ts';
import { assertScopes, authorizeUrlOf, exchangeMetaCode } from './meta-login.ts';
import { fetchLongLivedToken } from './meta-tokens.ts';
import { NetworkError } from './network-error.ts';

const NAME = 'Threads';
/**
 * Without the last two a thread would end after its first post, and nobody could tell which of the others are out.
 * https://developers.facebook.com/documentation/threads/get-started (updated 2026-06-30)
 */
const NEEDED = {
  threads_basic: 'seeing the account',
  threads_content_publish: 'publishing posts',
  threads_manage_replies: 'publishing threads of several posts',
  threads_read_replies: 'seeing which posts of a thread are out',
};
/** Numbers, and taking posts down. */
const SCOPES = [...Object.keys(NEEDED), 'threads_manage_insights', 'threads_delete'];

const profile = z.object({ id: metaId, username: z.string().regex(/^[\w.]{1,30}$/) });
const tokenFacts = z.object({ data: z.object({ scopes: z.array(z.string().max(100)).max(100) }) });

export function createThreadsLink(app: NetworkAppSettings, version: string): AccountLink {
  return {
    missingSettings: [
      ...(app.clientId ? [] : ['THREADS_APP_ID']),
      ...(app.clientSecret ? [] : ['THREADS_APP_SECRET']),
    ],
    needs: [
      'At developers.facebook.com, an app with the use case "Access the Threads API"; its Threads app id and secret, not those of the app itself.',
      `The permissions ${SCOPES.join(', ')}. Until Meta has reviewed the app, only accounts that are its Threads testers can be linked.`,
    ],

    async begin({ redirectUri, state }) {
      return { authorizeUrl: authorizeUrlOf(app.webUrl, app, { redirectUri, state }, SCOPES), memory: {} };
    },

    async finish(call) {
      const short = await exchangeMetaCode(NAME, `${app.apiUrl}/oauth/access_token`, app, call);
      const session: MetaSession = {
        name: NAME,
        apiUrl: app.apiUrl,
        token: short.token,
        fetch: call.fetch,
        signal: call.signal,
      };
      const { token, credentials, tokenExpiresAt } = await fetchLongLivedToken(session, 'access_token', {
        grant_type: 'th_exchange_token',
        client_secret: app.clientSecret ?? '',
      });
      const versioned = { ...session, token, apiUrl: `${app.apiUrl}/${version}` };
      const grantedScopes = await readScopes(versioned);
      const me = { method: 'GET', path: 'me', query: { fields: 'id,username' } } as const;
      const { id, username } = await callMeta(versioned, me, profile);
      return [
        {
          remoteAccountId: id,
          handle: username,
          credentials,
          ...(tokenExpiresAt && { tokenExpiresAt }),
          grantedScopes,
        },
      ];
    },
  };
}

/** Calls that change nothing, each with a permission that those before it do not need. */
const PROBES = [
  ['threads_content_publish', 'me/threads_publishing_limit', { fields: 'quota_usage,config' }],
  ['threads_manage_replies', 'me/threads_publishing_limit', { fields: 'reply_quota_usage,reply_config' }],
  ['threads_read_replies', 'me/replies', { fields: 'id', limit: '1' }],
] as const;

/**
 * What the token may do, told for tokens of the app's testers only; for any other, calls that need the permissions say
 * whether they are there, and those that nothing hangs on are taken as asked for.
 * https://developers.facebook.com/documentation/threads/troubleshooting/debug-access-token
 */
async function readScopes(session: MetaSession): Promise<readonly string[]> {
  const look = { method: 'GET', path: 'debug_token', query: { input_token: session.token } } as const;
  const told = await callMeta(session, look, tokenFacts).catch((error: unknown) => {
    if (error instanceof NetworkError && error.kind !== 'not_sent' && error.kind !== 'rate_limited')
      return null;
    throw error;
  });
  if (told) {
    assertScopes(NAME, told.data.scopes, NEEDED);
    return told.data.scopes;
  }
  for (const [scope, path, query] of PROBES) {
    await callMeta(session, { method: 'GET', path, query }, z.unknown()).catch((error: unknown) => {
      if (error instanceof NetworkError && error.kind === 'auth_expired') {
        assertScopes(
          NAME,
          SCOPES.filter((each) => each !== scope),
          NEEDED,
        );
      }
      throw error;
    });
  }
  return SCOPES;
}
