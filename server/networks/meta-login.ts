// The two steps that Threads and Instagram share: a code for a token of an hour, that one for a token of 60 days.
// https://developers.facebook.com/documentation/threads/get-started/get-access-tokens-and-permissions,
// https://developers.facebook.com/documentation/instagram-platform/instagram-api-with-instagram-login/business-login (checked 2026-11)
import { z } from 'zod';

import type { NetworkAppSettings } from '../network-settings.ts';
import type { LinkCall } from './account-link.ts';
import { callApi } from './call-api.ts';
import { explainMetaError } from './meta-errors.ts';
import { NetworkError } from './network-error.ts';

/** `user_id` is left alone: it comes as a number that is too large for JSON. */
const token = z.object({
  access_token: z.string().min(1).max(4000),
  /** Instagram: what the person allowed; a list in words or in commas. */
  permissions: z.union([z.array(z.string()), z.string().transform((names) => names.split(','))]).optional(),
});
/** As it is answered, and as it is documented. */
const tokenAnswer = z.union([
  token,
  z.object({ data: z.array(token).length(1) }).transform(({ data }) => data[0]!),
]);

export function authorizeUrlOf(
  base: string,
  app: NetworkAppSettings,
  { redirectUri, state }: { redirectUri: string; state: string },
  scopes: readonly string[],
): URL {
  const url = new URL('/oauth/authorize', base);
  const parameters = {
    client_id: app.clientId ?? '',
    redirect_uri: redirectUri,
    scope: scopes.join(','),
    response_type: 'code',
    state,
  };
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  return url;
}

/** @throws NetworkError rejected `access_denied` when the person refused; `link_failed` when the code is good for nothing */
export async function exchangeMetaCode(
  name: string,
  tokenUrl: string,
  app: NetworkAppSettings,
  { redirectUri, fetch, signal, query }: LinkCall & { query: URLSearchParams },
): Promise<{ token: string; permissions: readonly string[] | undefined }> {
  const code = query.get('code');
  if (query.get('error') === 'access_denied') {
    throw new NetworkError(
      'rejected',
      'access_denied',
      `You did not allow it on ${name}. Nothing was linked.`,
    );
  }
  if (!code) throw linkFailed(name);
  const { body } = await callApi(
    fetch,
    {
      url: tokenUrl,
      method: 'POST',
      form: {
        client_id: app.clientId ?? '',
        client_secret: app.clientSecret ?? '',
        grant_type: 'authorization_code',
        redirect_uri: redirectUri,
        // Some browsers keep the fragment that they append to it.
        code: code.replace(/#_$/, ''),
      },
      signal,
    },
    {
      name,
      explain: (answer) =>
        answer.status < 500 ? linkFailed(name, answer.body) : explainMetaError(answer, name),
    },
  );
  const parsed = tokenAnswer.safeParse(body);
  if (!parsed.success) throw linkFailed(name, parsed.error);
  return {
    token: parsed.data.access_token,
    permissions: parsed.data.permissions?.map((each) => each.trim()),
  };
}

/** @throws NetworkError rejected `scope_missing` naming what was left out, in words */
export function assertScopes(
  name: string,
  granted: readonly string[],
  needed: Readonly<Record<string, string>>,
): void {
  const missing = Object.entries(needed).filter(([scope]) => !granted.includes(scope));
  if (missing.length === 0) return;
  const words = missing.map(([scope, says]) => `${says} (${scope})`).join(', ');
  throw new NetworkError(
    'rejected',
    'scope_missing',
    `${name} did not give a permission that is needed: ${words}. Link the account again and leave it on.`,
  );
}

function linkFailed(name: string, cause?: unknown): NetworkError {
  const why = `${name} did not accept the sign-in. Start again, and if it happens again, check the app's id, secret and redirect address.`;
  return new NetworkError('rejected', 'link_failed', why, { cause });
}
