// https://developers.facebook.com/documentation/threads/insights (checked 2026-11)
import type { MetaSession } from './meta-call.ts';
import { measurePosts, readInsights } from './meta-insights.ts';
import type { ChannelNumbers, PostNumbers } from './network.ts';

const METRICS = ['views', 'likes', 'replies', 'reposts', 'quotes', 'shares'];
/** Three ways to pass a post on. */
const SHARES = ['reposts', 'quotes', 'shares'];

export async function measureThreadsPosts(
  session: MetaSession,
  remoteIds: readonly string[],
): Promise<Map<string, PostNumbers>> {
  return measurePosts(session, remoteIds, METRICS, toNumbers);
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
