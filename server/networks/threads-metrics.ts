// https://developers.facebook.com/documentation/threads/insights (checked 2026-11)
import { metaId, type MetaSession } from './meta-call.ts';
import { readInsights } from './meta-insights.ts';
import type { ChannelNumbers, PostNumbers } from './network.ts';

const METRICS = ['views', 'likes', 'replies', 'reposts', 'quotes', 'shares'];
/** Three ways to pass a post on. */
const SHARES = ['reposts', 'quotes', 'shares'];

export async function measureThreadsPosts(
  session: MetaSession,
  remoteIds: readonly string[],
): Promise<Map<string, PostNumbers>> {
  const numbers = new Map<string, PostNumbers>();
  for (const id of remoteIds) {
    const isKnown = metaId.safeParse(id).success;
    const told = isKnown ? await readInsights(session, `${id}/insights`, METRICS) : new Map<string, number>();
    if (told) numbers.set(id, toNumbers(told));
  }
  return numbers;
}

export async function measureThreadsAccount(session: MetaSession): Promise<ChannelNumbers> {
  const told = await readInsights(session, 'me/threads_insights', ['followers_count']);
  return { followers: told?.get('followers_count') ?? null, posts: null };
}

function toNumbers(told: Map<string, number>): PostNumbers {
  const shares = SHARES.flatMap((name) => told.get(name) ?? []);
  return {
    views: told.get('views') ?? null,
    likes: told.get('likes') ?? null,
    comments: told.get('replies') ?? null,
    shares: shares.length > 0 ? shares.reduce((sum, count) => sum + count, 0) : null,
    clicks: null,
  };
}
