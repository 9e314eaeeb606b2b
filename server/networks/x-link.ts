// Linking an account: OAuth 2.0 with PKCE, https://docs.x.com/fundamentals/authentication/oauth-2-0/authorization-code
// (checked 2026-11-21).
import { createHash } from 'node:crypto';

import { z } from 'zod';

import type { NetworkAppSettings } from '../network-settings.ts';
import { newToken } from '../token.ts';
import type { AccountLink, LinkCall, LinkedAccount } from './account-link.ts';
import { NetworkError } from './network-error.ts';
import { callX, xId } from './x-api.ts';
import { askXForTokens, toXCredentials } from './x-tokens.ts';

/** `offline.access`: without it the link ends after two hours. */
const SCOPES = ['tweet.read', 'tweet.write', 'users.read', 'media.write', 'offline.access'] as const;
const MAX_STATE_LENGTH = 500;
const LONG_POST_CHARACTERS = 25_000;

const memorySchema = z.object({ verifier: z.string() });

const me = z.object({
  data: z.object({
    id: xId,
    username: z.string().regex(/^\w{1,20}$/),
    /** https://help.x.com/en/using-x/x-premium: who pays may write long posts. */
    subscription_type: z.string().optional(),
  }),
});

export function createXLink(app: NetworkAppSettings): AccountLink {
  return {
    missingSettings: app.clientId ? [] : ['X_CLIENT_ID'],
    needs: [
      'In the settings of the app under User authentication: OAuth 2.0 as a web app, with Read and write.',
      'Credits in X’s developer console: X charges for each post.',
    ],

    async begin({ redirectUri, state }) {
      if (state.length > MAX_STATE_LENGTH) throw new Error('X takes a state of 500 characters.');
      const verifier = newToken();
      const url = new URL('/i/oauth2/authorize', app.webUrl);
      url.search = new URLSearchParams({
        response_type: 'code',
        client_id: app.clientId ?? '',
        redirect_uri: redirectUri,
        scope: SCOPES.join(' '),
        state,
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
      }).toString();
      return { authorizeUrl: url, memory: { verifier } };
    },

    async finish(call) {
      const { redirectUri, memory, query } = call;
      const code = query.get('code');
      if (query.has('error') || !code) throw refusalOf(query.get('error'));
      const { verifier } = memorySchema.parse(memory);
      const grant = {
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
      };
      const tokens = await askXForTokens(app, grant, call).catch((error: unknown) => {
        throw error instanceof NetworkError && error.code === 'token_refused' ? codeRefused(error) : error;
      });
      const grantedScopes = tokens.scope.split(' ').filter((scope) => /^[\w.]{1,60}$/.test(scope));
      assertIsAllowed(grantedScopes, tokens.refresh_token !== undefined);
      return [
        { ...(await findAccount(app, call, tokens.access_token)), ...toXCredentials(tokens), grantedScopes },
      ];
    },
  };
}

async function findAccount(
  { apiUrl }: NetworkAppSettings,
  { fetch, signal }: LinkCall,
  token: string,
): Promise<LinkedAccount> {
  const query = { 'user.fields': 'subscription_type' };
  const { data } = await callX(
    { apiUrl, token, fetch, signal },
    { method: 'GET', path: '/2/users/me', query },
    me,
  );
  const isPaying = /^(Basic|Premium|PremiumPlus)$/.test(data.subscription_type ?? '');
  return {
    remoteAccountId: data.id,
    handle: data.username,
    ...(isPaying && { ownLimits: { max_characters: LONG_POST_CHARACTERS } }),
  };
}

function assertIsAllowed(granted: readonly string[], isLasting: boolean): void {
  const missing = SCOPES.filter((scope) => !granted.includes(scope));
  if (missing.length === 0 && isLasting) return;
  const what = missing.length > 0 ? missing.join(', ') : 'offline.access';
  const message = `X did not allow all that this needs: ${what}. Link the account again and leave every permission on.`;
  throw new NetworkError('rejected', 'scope_missing', message);
}

function refusalOf(error: string | null): NetworkError {
  return error === 'access_denied'
    ? new NetworkError('rejected', 'access_denied', 'The X account was not linked: access was refused on X.')
    : new NetworkError(
        'rejected',
        'link_refused',
        'X did not link the account. Check the app’s settings there.',
      );
}

const codeRefused = (cause: unknown) =>
  new NetworkError('rejected', 'code_refused', 'X did not take the answer: it lives 30 seconds. Try again.', {
    cause,
  });
