// What X tells of posts and accounts: https://docs.x.com/x-api/fundamentals/metrics and the description of GET /2/tweets and
// GET /2/users/me (checked 2026-11-21). X charges for each post that is read, once a day: posts are asked for by the hundred,
// and only for what everybody may see; clicks are not, and X keeps them for 30 days anyway.
import { z } from 'zod';

import type { ChannelNumbers, PostNumbers, RemoteCall } from './network.ts';
import { callX, openXSession, xId } from './x-api.ts';

/** The most ids that one GET /2/tweets takes. */
export const X_MEASURE_BATCH = 100;

const count = z.int().min(0).optional().catch(undefined);

const posts = z.object({
  data: z
    .array(
      z.object({
        id: xId,
        public_metrics: z
          .object({
            repost_count: count,
            retweet_count: count,
            reply_count: count,
            like_count: count,
            quote_count: count,
            impression_count: count,
          })
          .optional(),
      }),
    )
    .default([]),
  /** What was asked for and is not in `data`. */
  errors: z.array(z.object({ type: z.string().optional(), resource_id: z.string().optional() })).default([]),
});
type PublicMetrics = NonNullable<z.infer<typeof posts>['data'][number]['public_metrics']>;

const account = z.object({
  data: z.object({
    public_metrics: z.object({ followers_count: count, post_count: count, tweet_count: count }).optional(),
  }),
});

const NOTHING_TOLD: PostNumbers = { views: null, likes: null, comments: null, shares: null, clicks: null };

/** A post that X says it does not have is left out; of what it is silent about, nothing is told. */
export async function measureXPosts(
  apiUrl: string,
  call: RemoteCall,
  remoteIds: readonly string[],
): Promise<Map<string, PostNumbers>> {
  const told = new Map(remoteIds.map((id) => [id, { ...NOTHING_TOLD }]));
  const ids = remoteIds.filter((id) => xId.safeParse(id).success);
  if (ids.length === 0) return told;
  const query = { ids: ids.join(','), 'post.fields': 'public_metrics' };
  const { data, errors } = await callX(
    openXSession(apiUrl, call),
    { method: 'GET', path: '/2/tweets', query },
    posts,
  );
  for (const { id, public_metrics: metrics } of data) told.set(id, toNumbers(metrics ?? {}));
  for (const { type, resource_id: id } of errors) {
    if (id !== undefined && type?.endsWith('/resource-not-found')) told.delete(id);
  }
  return told;
}

export async function measureXAccount(apiUrl: string, call: RemoteCall): Promise<ChannelNumbers> {
  const query = { 'user.fields': 'public_metrics' };
  const { data } = await callX(
    openXSession(apiUrl, call),
    { method: 'GET', path: '/2/users/me', query },
    account,
  );
  const { followers_count: followers, post_count: posted, tweet_count: tweeted } = data.public_metrics ?? {};
  return { followers: followers ?? null, posts: posted ?? tweeted ?? null };
}

function toNumbers(metrics: PublicMetrics): PostNumbers {
  return {
    views: metrics.impression_count ?? null,
    likes: metrics.like_count ?? null,
    comments: metrics.reply_count ?? null,
    shares: sharesOf(metrics.repost_count ?? metrics.retweet_count, metrics.quote_count),
    clicks: null,
  };
}

/** A quote passes a post on as a repost does. */
function sharesOf(reposts: number | undefined, quotes: number | undefined): number | null {
  if (reposts === undefined && quotes === undefined) return null;
  return (reposts ?? 0) + (quotes ?? 0);
}
