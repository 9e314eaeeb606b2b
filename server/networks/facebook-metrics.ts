// https://developers.facebook.com/docs/graph-api/reference/page-post,
// https://developers.facebook.com/docs/platforminsights/page (checked 2026-11). Views replaced impressions in November 2025.
import { z } from 'zod';

import { callMeta, metaId, type MetaSession } from './meta-call.ts';
import { isGone, readInsights } from './meta-insights.ts';
import type { ChannelNumbers, PostNumbers } from './network.ts';
import { NetworkError } from './network-error.ts';

const count = z.int().min(0).optional();
const summary = z.object({ summary: z.object({ total_count: count }).optional() }).optional();
const engagement = z.object({
  reactions: summary,
  comments: summary,
  shares: z.object({ count }).optional(),
});
const FIELDS = 'reactions.limit(0).summary(total_count),comments.limit(0).summary(total_count),shares';
const VIEWS = 'post_media_view';
const CLICKS = 'post_clicks';

export async function measureFacebookPosts(
  session: MetaSession,
  remoteIds: readonly string[],
): Promise<Map<string, PostNumbers>> {
  const told = new Map<string, PostNumbers>();
  for (const id of remoteIds) {
    const numbers = metaId.safeParse(id).success ? await measurePost(session, id) : nothing();
    if (numbers) told.set(id, numbers);
  }
  return told;
}

async function measurePost(session: MetaSession, id: string): Promise<PostNumbers | null> {
  try {
    const query = { fields: FIELDS };
    const post = await callMeta(session, { method: 'GET', path: id, query }, engagement);
    const insights = await readInsights(session, `${id}/insights`, [VIEWS, CLICKS]).catch(orNone);
    return {
      views: insights?.get(VIEWS) ?? null,
      likes: post.reactions?.summary?.total_count ?? null,
      comments: post.comments?.summary?.total_count ?? null,
      // Left out by the network while there is none, so that nobody knows.
      shares: post.shares?.count ?? null,
      clicks: insights?.get(CLICKS) ?? null,
    };
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}

/** Names of metrics come and go with the versions; what else the post tells is told all the same. */
function orNone(error: unknown): null {
  if (error instanceof NetworkError && error.kind === 'rejected') return null;
  throw error;
}

const page = z.object({ followers_count: count });

/** How many posts a Page has is not told. */
export async function measureFacebookPage(session: MetaSession, pageId: string): Promise<ChannelNumbers> {
  const query = { fields: 'followers_count' };
  const { followers_count: followers } = await callMeta(
    session,
    { method: 'GET', path: pageId, query },
    page,
  );
  return { followers: followers ?? null, posts: null };
}

const nothing = (): PostNumbers => ({ views: null, likes: null, comments: null, shares: null, clicks: null });
