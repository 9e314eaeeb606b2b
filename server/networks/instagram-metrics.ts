// https://developers.facebook.com/documentation/instagram-platform/reference/instagram-media/insights (checked 2026-11)
import { z } from 'zod';

import { callMeta, type MetaSession } from './meta-call.ts';
import { measurePosts } from './meta-insights.ts';
import type { ChannelNumbers, PostNumbers } from './network.ts';

const METRICS = ['views', 'likes', 'comments', 'shares'];

const count = z.int().min(0).optional();
const account = z.object({ followers_count: count, media_count: count });

export async function measureInstagramPosts(
  session: MetaSession,
  remoteIds: readonly string[],
): Promise<Map<string, PostNumbers>> {
  return measurePosts(session, remoteIds, METRICS, toNumbers);
}

export async function measureInstagramAccount(session: MetaSession): Promise<ChannelNumbers> {
  const query = { fields: 'followers_count,media_count' };
  const told = await callMeta(session, { method: 'GET', path: 'me', query }, account);
  return { followers: told.followers_count ?? null, posts: told.media_count ?? null };
}

function toNumbers(told: Map<string, number>): PostNumbers {
  return {
    views: told.get('views') ?? null,
    likes: told.get('likes') ?? null,
    comments: told.get('comments') ?? null,
    shares: told.get('shares') ?? null,
    clicks: null,
  };
}
