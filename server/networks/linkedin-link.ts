// Linking by LinkedIn's pages: https://learn.microsoft.com/en-us/linkedin/shared/authentication/authorization-code-flow,
// .../shared/authentication/programmatic-refresh-tokens, https://learn.microsoft.com/en-us/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2
// (checked 2026-11-21). Web apps have no PKCE there: the state is what binds the answer to the browser.
import { setTimeout as pause } from 'node:timers/promises';

import { z } from 'zod';

import type { NetworkSettings } from '../network-settings.ts';
import type { AccountLink, LinkCall, LinkedAccount } from './account-link.ts';
import { cleanName } from './clean-name.ts';
import { callApi, type ApiAnswer } from './call-api.ts';
import {
  memberUrn,
  readLinkedinCredentials,
  type LinkedinCredentials,
  type LinkedinSession,
} from './linkedin-api.ts';
import { explainLinkedinError } from './linkedin-errors.ts';
import { listOrganizations } from './linkedin-organizations.ts';
import { NetworkError } from './network-error.ts';
import type { RefreshedCredentials } from './network.ts';

type Settings = NetworkSettings['linkedin'];

const MEMBER_SCOPES = ['openid', 'profile', 'w_member_social'];
/** What the Community Management API adds. */
const ORGANIZATION_SCOPES = [
  'w_organization_social',
  'r_organization_social',
  'rw_organization_admin',
  'r_member_postAnalytics',
];
const MAX_NAME_LENGTH = 200;
/** For some seconds LinkedIn may call a token revoked that it has just given. */
const TOKEN_WAITS_MS = [500, 1000, 1500, 2000, 2500, 2500];

const tokenAnswer = z.object({
  access_token: z.string().min(1).max(10_000),
  expires_in: z.int().positive(),
  scope: z.string().optional(),
  refresh_token: z.string().min(1).max(10_000).optional(),
});
const oauthError = z.object({ error: z.string().regex(/^\w{1,60}$/) });
const userinfo = z.object({ sub: z.string().regex(/^[\w-]{1,100}$/), name: z.string().optional() });

export function createLinkedinLink(settings: Settings): AccountLink {
  const { clientId, clientSecret, hasOrganizations } = settings;
  return {
    missingSettings: [
      ...(clientId ? [] : ['LINKEDIN_CLIENT_ID']),
      ...(clientSecret ? [] : ['LINKEDIN_CLIENT_SECRET']),
    ],
    needs: [
      'The app has the products "Share on LinkedIn" and "Sign In with LinkedIn using OpenID Connect".',
      hasOrganizations
        ? 'For organisations LinkedIn has approved the app for the Community Management API.'
        : 'Organisations can be linked once LinkedIn has approved the app for the Community Management API; then set LINKEDIN_ORGANIZATIONS=true.',
    ],
    async begin({ redirectUri, state }) {
      const authorizeUrl = new URL('/oauth/v2/authorization', settings.webUrl);
      authorizeUrl.search = new URLSearchParams({
        response_type: 'code',
        client_id: clientId ?? '',
        redirect_uri: redirectUri,
        state,
        scope: scopesOf(settings).join(' '),
      }).toString();
      return { authorizeUrl, memory: null };
    },
    finish: (call) => finishLink(settings, call),
  };
}

async function finishLink(
  settings: Settings,
  { query, redirectUri, fetch, signal }: LinkCall & { query: URLSearchParams },
): Promise<LinkedAccount[]> {
  const code = query.get('code');
  if (!code) throw explainRefusal(query.get('error'));
  const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri };
  const tokens = await askForTokens(settings, form, { fetch, signal });
  const grantedScopes = tokens.scope?.split(/[\s,]+/).filter(Boolean) ?? scopesOf(settings);
  if (!grantedScopes.includes('w_member_social') && !grantedScopes.includes('w_organization_social')) {
    const message =
      'LinkedIn did not give the permission to post (w_member_social). Link the account again and leave every permission on.';
    throw new NetworkError('rejected', 'scope_missing', message);
  }
  const session = { settings, token: tokens.access_token, fetch, signal };
  const member = await readMember(session);
  const shared = { ...toCredentials(tokens), grantedScopes };
  const accounts: LinkedAccount[] = [];
  if (grantedScopes.includes('w_member_social')) accounts.push({ ...member, kind: 'Member', ...shared });
  if (grantedScopes.includes('w_organization_social') && grantedScopes.includes('rw_organization_admin')) {
    const organizations = await listOrganizations(session);
    accounts.push(...organizations.map((account) => ({ ...account, kind: 'Organisation', ...shared })));
  }
  return accounts;
}

/** The refresh token stays the same and is good for a year from when the person agreed; only some apps are given one. */
export async function refreshLinkedin(
  settings: Settings,
  credentials: string | undefined,
  way: Pick<LinkedinSession, 'fetch' | 'signal'>,
): Promise<RefreshedCredentials> {
  const { refreshToken } = readLinkedinCredentials(credentials);
  if (!refreshToken) {
    const message = 'LinkedIn gives a link 60 days; link the account again.';
    throw new NetworkError('auth_expired', 'no_refresh_token', message);
  }
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken };
  const tokens = await askForTokens(settings, form, way);
  return toCredentials({ refresh_token: refreshToken, ...tokens });
}

async function askForTokens(
  { webUrl, clientId = '', clientSecret = '' }: Settings,
  form: Record<string, string>,
  { fetch, signal }: Pick<LinkedinSession, 'fetch' | 'signal'>,
): Promise<z.infer<typeof tokenAnswer>> {
  const url = new URL('/oauth/v2/accessToken', webUrl);
  const body = { ...form, client_id: clientId, client_secret: clientSecret };
  const network = { name: 'LinkedIn', explain: explainTokenError };
  const answer = await callApi(fetch, { url, method: 'POST', form: body, signal }, network);
  const parsed = tokenAnswer.safeParse(answer.body);
  if (parsed.success) return parsed.data;
  throw new NetworkError('ambiguous', 'no_answer', 'LinkedIn gave no clear answer.', { cause: parsed.error });
}

/** RFC 6749 5.2; LinkedIn answers 400 or 401. */
function explainTokenError(answer: ApiAnswer): NetworkError {
  const error = oauthError.safeParse(answer.body).data?.error;
  const cause = new Error(`${answer.status} ${error ?? ''}`);
  if (error === 'invalid_client' || error === 'invalid_client_id') {
    const message =
      'LinkedIn does not know this app. Its operator must check LINKEDIN_CLIENT_ID and LINKEDIN_CLIENT_SECRET.';
    return new NetworkError('rejected', 'wrong_app', message, { cause });
  }
  if (error === 'invalid_grant' || error === 'invalid_request' || error === 'invalid_redirect_uri') {
    return new NetworkError(
      'auth_expired',
      error,
      'LinkedIn takes this consent no more. Link the account again.',
      { cause },
    );
  }
  return explainLinkedinError(answer);
}

function explainRefusal(error: string | null): NetworkError {
  if (error === 'unauthorized_scope_error' || error === 'invalid_scope') {
    const message =
      'LinkedIn does not give this app the permissions that it asks for: check its products, and LINKEDIN_ORGANIZATIONS.';
    return new NetworkError('rejected', 'scope_missing', message);
  }
  return new NetworkError('rejected', 'access_denied', 'Nobody was linked, because LinkedIn was told no.');
}

/** Waits for as long as LinkedIn calls the new token revoked: the consent could not be used a second time. */
async function readMember(
  session: LinkedinSession,
): Promise<Pick<LinkedAccount, 'remoteAccountId' | 'handle'>> {
  const { settings, token, fetch, signal } = session;
  const call = { url: new URL('/v2/userinfo', settings.apiUrl), method: 'GET', token, signal } as const;
  for (const waitMs of [...TOKEN_WAITS_MS, null]) {
    try {
      const { body } = await callApi(fetch, call, { name: 'LinkedIn', explain: explainLinkedinError });
      const { sub, name } = userinfo.parse(body);
      const handle = cleanName(name ?? '', MAX_NAME_LENGTH);
      return { remoteAccountId: memberUrn.parse(`urn:li:person:${sub}`), handle: handle || sub };
    } catch (error) {
      const isTooNew = error instanceof NetworkError && error.kind === 'auth_expired';
      if (!isTooNew) throw error;
      if (waitMs === null) {
        const message = 'LinkedIn does not honour the new link yet. Try again in a minute.';
        throw new NetworkError('not_sent', error.code, message, { cause: error });
      }
      await pause(waitMs, undefined, { signal });
    }
  }
  throw new Error('unreachable');
}

function toCredentials(tokens: z.infer<typeof tokenAnswer>): RefreshedCredentials {
  const credentials: LinkedinCredentials = {
    accessToken: tokens.access_token,
    ...(tokens.refresh_token && { refreshToken: tokens.refresh_token }),
  };
  const tokenExpiresAt = new Date(Date.now() + tokens.expires_in * 1000);
  return { credentials: JSON.stringify(credentials), tokenExpiresAt };
}

function scopesOf({ hasOrganizations }: Settings): string[] {
  return hasOrganizations ? [...MEMBER_SCOPES, ...ORGANIZATION_SCOPES] : MEMBER_SCOPES;
}
