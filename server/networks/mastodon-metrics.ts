// Numbers: https://docs.joinmastodon.org/entities/Status/ and https://docs.joinmastodon.org/entities/Account/ (checked 2026-11-21).
// A server tells nobody how often a post was seen.
import { z } from 'zod';

import {
  askMastodon,
  callMastodon,
  mastodonId,
  openMastodonSession,
  type MastodonSession,
} from './mastodon-api.ts';
import { isUnknownPath } from './mastodon-errors.ts';
import type { ChannelNumbers, PostNumbers, RemoteCall } from './network.ts';
import { NetworkError } from './network-error.ts';

/** The most ids that one call takes: https://docs.joinmastodon.org/methods/statuses/#index */
export const MASTODON_MEASURE_BATCH = 20;

const count = z.int().min(0).nullish();

const countedStatus = z.object({
  id: mastodonId,
  favourites_count: count,
  replies_count: count,
  reblogs_count: count,
  quotes_count: count,
});
type CountedStatus = z.infer<typeof countedStatus>;

const countedAccount = z.object({ followers_count: count, statuses_count: count });

/** A post that is gone is left out. */
export async function measureMastodonPosts(
  call: RemoteCall,
  remoteIds: readonly string[],
): Promise<Map<string, PostNumbers>> {
  const session = openMastodonSession(call);
  const ids = remoteIds.filter((id) => mastodonId.safeParse(id).success);
  const statuses = (await readTogether(session, ids)) ?? (await readOneByOne(session, ids));
  const asked = statuses.filter(({ id }) => ids.includes(id));
  return new Map(asked.map((status) => [status.id, numbersOf(status)]));
}

/** @returns null where the server does not know the call: it came with Mastodon 4.3 */
async function readTogether(
  session: MastodonSession,
  ids: readonly string[],
): Promise<CountedStatus[] | null> {
  if (ids.length === 0) return [];
  try {
    const call = { method: 'GET', path: '/api/v1/statuses', query: { 'id[]': ids } } as const;
    const { body } = await askMastodon(session, call);
    return z.array(countedStatus).safeParse(body).data ?? null;
  } catch (error) {
    if (isUnknownPath(error)) return null;
    throw error;
  }
}

async function readOneByOne(session: MastodonSession, ids: readonly string[]): Promise<CountedStatus[]> {
  const statuses: CountedStatus[] = [];
  for (const id of ids) {
    try {
      const call = { method: 'GET', path: `/api/v1/statuses/${id}` } as const;
      statuses.push(await callMastodon(session, call, countedStatus));
    } catch (error) {
      if (!(error instanceof NetworkError && error.code === 'not_found')) throw error;
    }
  }
  return statuses;
}

export async function measureMastodonAccount(call: RemoteCall): Promise<ChannelNumbers> {
  const path = '/api/v1/accounts/verify_credentials';
  const account = await callMastodon(openMastodonSession(call), { method: 'GET', path }, countedAccount);
  return { followers: account.followers_count ?? null, posts: account.statuses_count ?? null };
}

function numbersOf({
  favourites_count,
  replies_count,
  reblogs_count,
  quotes_count,
}: CountedStatus): PostNumbers {
  return {
    views: null,
    likes: favourites_count ?? null,
    comments: replies_count ?? null,
    shares: reblogs_count == null && quotes_count == null ? null : (reblogs_count ?? 0) + (quotes_count ?? 0),
    clicks: null,
  };
}
