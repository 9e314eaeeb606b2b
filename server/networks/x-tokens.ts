// Tokens: https://docs.x.com/fundamentals/authentication/oauth-2-0/user-access-token and .../authorization-code (checked
// 2026-11-21). A code lives 30 seconds, an access token 2 hours; a refresh token is good once, and when one is used again
// everything that came from the same consent ends.
import { z } from 'zod';

import type { GuardedFetch } from '../fetch.ts';
import type { NetworkAppSettings } from '../network-settings.ts';
import { callApi, type ApiAnswer } from './call-api.ts';
import { toNetworkError } from './call-failure.ts';
import type { ChannelAccess, RefreshedCredentials } from './network.ts';
import { NetworkError } from './network-error.ts';
import { readXCredentials, type XCredentials } from './x-api.ts';
import { explainXError } from './x-errors.ts';

const NAME = 'X';
const APP_CREDENTIALS = 'app_credentials';
/** Until somebody may have mended the settings. */
const APP_PAUSE_MS = 900_000;

const tokens = z.object({
  access_token: z.string().min(1).max(4096),
  expires_in: z.number().positive(),
  refresh_token: z.string().min(1).max(4096).optional(),
  scope: z.string().default(''),
});
export type XTokens = z.infer<typeof tokens>;

/**
 * @throws NetworkError auth_expired `token_refused` for a code or refresh token that is used, over or another client's;
 *   rejected `app_credentials`
 */
export async function askXForTokens(
  { clientId, clientSecret, apiUrl }: NetworkAppSettings,
  grant: Readonly<Record<string, string>>,
  { fetch, signal }: { fetch: GuardedFetch; signal: AbortSignal },
): Promise<XTokens> {
  if (!clientId) throw missingClient();
  const { body } = await callApi(
    fetch,
    {
      url: new URL('/2/oauth2/token', apiUrl),
      method: 'POST',
      // A confidential client says who it is in the header, a public one in the form.
      ...(clientSecret && { headers: { authorization: basicOf(clientId, clientSecret) } }),
      form: clientSecret ? grant : { ...grant, client_id: clientId },
      signal,
    },
    { name: NAME, explain: explainTokenError },
  );
  try {
    return tokens.parse(body);
  } catch (error) {
    throw toNetworkError(error, NAME);
  }
}

export async function refreshXTokens(
  app: NetworkAppSettings,
  channel: Pick<ChannelAccess, 'credentials'>,
  fetch: GuardedFetch,
  signal: AbortSignal,
): Promise<RefreshedCredentials> {
  const { refreshToken } = readXCredentials(channel.credentials);
  if (!refreshToken) throw tokenRefused();
  const grant = { grant_type: 'refresh_token', refresh_token: refreshToken };
  try {
    return toXCredentials(await askXForTokens(app, grant, { fetch, signal }));
  } catch (error) {
    throw error instanceof NetworkError && error.code === APP_CREDENTIALS ? waitForApp(error) : error;
  }
}

export function toXCredentials(told: XTokens): Required<RefreshedCredentials> {
  const { access_token: accessToken, refresh_token: refreshToken } = told;
  const credentials: XCredentials = { accessToken, ...(refreshToken && { refreshToken }) };
  return {
    credentials: JSON.stringify(credentials),
    tokenExpiresAt: new Date(Date.now() + told.expires_in * 1000),
  };
}

/** RFC 6749 2.3.1: both halves are form-encoded first. */
function basicOf(clientId: string, clientSecret: string): string {
  const pair = [clientId, clientSecret]
    .map((half) => encodeURIComponent(half).replaceAll('%20', '+'))
    .join(':');
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

const errorSchema = z.object({ error: z.string(), error_description: z.string().optional() });

function explainTokenError(answer: ApiAnswer): NetworkError {
  const { error, error_description: description = '' } = errorSchema.safeParse(answer.body).data ?? {};
  const cause = new Error(`${answer.status} ${error}: ${description.slice(0, 300)}`);
  if (error === 'unauthorized_client' || error === 'invalid_client') return missingClient(cause);
  const isRefused = error === 'invalid_grant' || /token was invalid/i.test(description);
  if (answer.status === 400 && isRefused) return tokenRefused(cause);
  if (answer.status === 400 && error === 'invalid_request') {
    return new NetworkError('rejected', 'invalid_request', 'X could not read the request.', { cause });
  }
  const explained = explainXError(answer);
  // A 4xx that is not listed above says nothing of the account: it must not be taken for the end of its link.
  return explained.kind === 'auth_expired'
    ? new NetworkError('ambiguous', explained.code, 'X gave no clear answer.', { cause })
    : explained;
}

const tokenRefused = (cause?: unknown) =>
  new NetworkError('auth_expired', 'token_refused', 'The link to the X account has run out.', { cause });

const missingClient = (cause?: unknown) =>
  new NetworkError(
    'rejected',
    APP_CREDENTIALS,
    'X does not know this server: X_CLIENT_ID and X_CLIENT_SECRET are not those of its app.',
    { cause },
  );

/** The account's link is as good as before. Accounts whose tokens live still post, so it binds this one alone. */
const waitForApp = ({ code, message, cause }: NetworkError) =>
  new NetworkError('rate_limited', code, message, { until: new Date(Date.now() + APP_PAUSE_MS), cause });
