// Calls of a Mastodon server: https://docs.joinmastodon.org/api/ (checked 2026-11-21). People name the server, so it may be
// anybody's: what it answers is small, checked, and shown nowhere unless its syntax allows it.
import { z } from 'zod';

import type { GuardedFetch } from '../fetch.ts';
import { callApi, type ApiAnswer, type ApiCall } from './call-api.ts';
import { toNetworkError } from './call-failure.ts';
import { explainMastodonError } from './mastodon-errors.ts';
import type { RemoteCall } from './network.ts';
import { NetworkError } from './network-error.ts';

const NAME = 'Mastodon';

/** What every call of one account shares. */
export interface MastodonSession {
  /** An origin. */
  server: string;
  token?: string;
  fetch: GuardedFetch;
  signal: AbortSignal;
}

export interface MastodonCall extends Omit<ApiCall, 'url' | 'token' | 'signal'> {
  path: string;
  /** A list goes as the same name several times. */
  query?: Readonly<Record<string, string | readonly string[]>>;
}

/** Numbers on Mastodon, UUIDs or ULIDs on others that speak its protocol. */
export const mastodonId = z.string().regex(/^[\w-]{1,64}$/);

/** Where an account lives and what opens it. */
const credentialsSchema = z.object({
  server: z.url({ protocol: /^https?$/ }),
  accessToken: z.string().min(1),
});

/** The account's id holds on its own server alone, so the channel's has the server behind it: `14715@mastodon.social`. */
export const toRemoteAccountId = (accountId: string, server: string) =>
  `${accountId}@${new URL(server).host}`;

export const accountIdOf = (remoteAccountId: string) => remoteAccountId.split('@')[0]!;

/** @throws NetworkError auth_expired where there are none */
export function openMastodonSession({
  channel,
  fetch,
  signal,
}: RemoteCall): MastodonSession & { token: string } {
  const parsed = credentialsSchema.safeParse(JSON.parse(channel.credentials ?? 'null'));
  if (parsed.success) return { server: parsed.data.server, token: parsed.data.accessToken, fetch, signal };
  throw new NetworkError('auth_expired', 'no_credentials', 'The Mastodon account must be linked again.');
}

/** @throws NetworkError always */
export async function askMastodon(
  { server, token, fetch, signal }: MastodonSession,
  { path, query = {}, ...call }: MastodonCall,
): Promise<ApiAnswer> {
  const url = new URL(path, server);
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values].flat()) url.searchParams.append(name, value);
  }
  const headers = { 'accept-language': 'en', ...call.headers };
  const named = { name: NAME, explain: explainMastodonError };
  return callApi(fetch, { ...call, url, signal, headers, ...(token && { token }) }, named);
}

/** @throws NetworkError always; ambiguous for an answer that is not what was asked for */
export async function callMastodon<T>(
  session: MastodonSession,
  call: MastodonCall,
  answer: z.ZodType<T>,
): Promise<T> {
  const { body } = await askMastodon(session, call);
  try {
    return answer.parse(body);
  } catch (error) {
    throw toNetworkError(error, NAME);
  }
}
