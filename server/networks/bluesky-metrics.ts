// What Bluesky tells of posts and accounts, through the account's own server, which asks the AppView (checked 2026-11):
// https://docs.bsky.app/docs/api/app-bsky-feed-get-posts and https://docs.bsky.app/docs/api/app-bsky-actor-get-profile,
// https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/getPosts.json
import { z } from 'zod';

import { readBlueskyAccess } from './bluesky-access.ts';
import { callXrpc } from './bluesky-xrpc.ts';
import type { ChannelNumbers, PostNumbers, RemoteCall } from './network.ts';

/** The most uris that one getPosts takes. */
export const BLUESKY_MEASURE_BATCH = 25;

const count = z.int().min(0).optional();

const posts = z.object({
  posts: z.array(
    z.object({
      uri: z.string(),
      likeCount: count,
      replyCount: count,
      repostCount: count,
      quoteCount: count,
    }),
  ),
});
const profile = z.object({ followersCount: count, postsCount: count });

const NOTHING_TOLD: PostNumbers = { views: null, likes: null, comments: null, shares: null, clicks: null };

/** Views and clicks are not told. A post that the AppView does not have is left out; what is no at-uri was never asked for. */
export async function measureBlueskyPosts(
  { channel, fetch, signal }: RemoteCall,
  remoteIds: readonly string[],
): Promise<Map<string, PostNumbers>> {
  const uris = remoteIds.filter((id) => id.startsWith('at://'));
  const told = new Map(
    remoteIds.filter((id) => !id.startsWith('at://')).map((id) => [id, { ...NOTHING_TOLD }]),
  );
  if (uris.length === 0) return told;
  const { serviceUrl, token } = readBlueskyAccess(channel.credentials);
  const nsid = 'app.bsky.feed.getPosts';
  const query = { uris };
  const call = { serviceUrl, method: 'GET', nsid, token, query, signal } as const;
  for (const post of (await callXrpc(fetch, call, posts)).posts) {
    told.set(post.uri, {
      ...NOTHING_TOLD,
      likes: post.likeCount ?? null,
      comments: post.replyCount ?? null,
      shares: sharesOf(post),
    });
  }
  return told;
}

export async function measureBlueskyAccount({ channel, fetch, signal }: RemoteCall): Promise<ChannelNumbers> {
  const { serviceUrl, token } = readBlueskyAccess(channel.credentials);
  const nsid = 'app.bsky.actor.getProfile';
  const query = { actor: channel.remoteAccountId };
  const call = { serviceUrl, method: 'GET', nsid, token, query, signal } as const;
  const { followersCount, postsCount } = await callXrpc(fetch, call, profile);
  return { followers: followersCount ?? null, posts: postsCount ?? null };
}

/** A quote passes a post on as a repost does. */
function sharesOf(post: {
  repostCount?: number | undefined;
  quoteCount?: number | undefined;
}): number | null {
  if (post.repostCount === undefined && post.quoteCount === undefined) return null;
  return (post.repostCount ?? 0) + (post.quoteCount ?? 0);
}
