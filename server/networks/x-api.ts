// Calls of the X API v2: https://docs.x.com/x-api and its description, https://api.x.com/2/openapi.json (2.167, checked
// 2026-11-21). The description was renamed on 2026-08-07 (`tweet` became `post`, `retweet` `repost`), the guides were not:
// requests use the description's names, answers are read in both.
import { z } from 'zod';

import type { GuardedFetch } from '../fetch.ts';
import { callApi, type ApiCall } from './call-api.ts';
import { toNetworkError } from './call-failure.ts';
import type { RemoteCall } from './network.ts';
import { NetworkError } from './network-error.ts';
import { explainXError } from './x-errors.ts';

const NAME = 'X';

/** Of a post, a person or a picture: a 64-bit number as a string. */
export const xId = z.string().regex(/^\d{1,19}$/);

const credentialsSchema = z.object({
  accessToken: z.string().min(1),
  /** Good once. */
  refreshToken: z.string().min(1).optional(),
});
export type XCredentials = z.infer<typeof credentialsSchema>;

/** What every call of one account shares. */
export interface XSession {
  apiUrl: string;
  token: string;
  fetch: GuardedFetch;
  signal: AbortSignal;
}

export interface XCall extends Omit<ApiCall, 'url' | 'token' | 'signal'> {
  path: string;
  query?: Readonly<Record<string, string>>;
}

/** @throws NetworkError auth_expired where there are none */
export function readXCredentials(credentials: string | undefined): XCredentials {
  const parsed = credentialsSchema.safeParse(JSON.parse(credentials ?? 'null'));
  if (parsed.success) return parsed.data;
  throw new NetworkError('auth_expired', 'no_credentials', 'The X account must be linked again.');
}

export function openXSession(apiUrl: string, { channel, fetch, signal }: RemoteCall): XSession {
  return { apiUrl, token: readXCredentials(channel.credentials).accessToken, fetch, signal };
}

/** @throws NetworkError always; ambiguous for an answer that is not what was asked for */
export async function callX<T>(
  { apiUrl, token, fetch, signal }: XSession,
  { path, query, ...call }: XCall,
  answer: z.ZodType<T>,
): Promise<T> {
  const url = new URL(path, apiUrl);
  for (const [name, value] of Object.entries(query ?? {})) url.searchParams.set(name, value);
  const { body } = await callApi(
    fetch,
    { ...call, url, token, signal },
    { name: NAME, explain: explainXError },
  );
  try {
    return answer.parse(body);
  } catch (error) {
    throw toNetworkError(error, NAME);
  }
}
