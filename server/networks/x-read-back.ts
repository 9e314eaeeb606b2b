// The account's own posts: https://docs.x.com/x-api/users/get-posts (checked 2026-11-21). X knows no key, so a part is found by
// its text, its place in the thread and its pictures, among what the account posted since it was written down.
import { z } from 'zod';

import type { Call, ReadBackCall } from './network.ts';
import { NetworkError } from './network-error.ts';
import { callX, xId, type XSession } from './x-api.ts';
import { readXPictures } from './x-media.ts';
import { hasXText, xText } from './x-text.ts';

const PAGE_LENGTH = '100';
const MOST_PAGES = 5;
/** X's clock may be behind ours. */
const CLOCK_MARGIN_MS = 60_000;

const post = xText.extend({
  id: xId,
  created_at: z.string().optional(),
  conversation_id: xId.optional(),
  attachments: z.object({ media_keys: z.array(z.string()).optional() }).optional(),
});
type Post = z.infer<typeof post>;

const page = z.object({
  data: z.array(post).default([]),
  meta: z.object({ next_token: z.string().optional() }).optional(),
});

/**
 * The id of the post that is this part, or null when there is none.
 * @throws NetworkError rejected `several_match`; ambiguous `links_unresolved`, `too_many_posts` where it cannot be told
 */
export async function findXPost(
  session: XSession,
  { channel, part, known }: ReadBackCall,
): Promise<string | null> {
  const since = new Date(part.frozenAt.getTime() - CLOCK_MARGIN_MS);
  const others = new Set([...(known ?? []), ...part.earlier.map(({ remoteId }) => remoteId)]);
  const posts = await listPosts(session, channel.remoteAccountId, since);
  const near = posts.filter((found) => !others.has(found.id) && isInPlace(found, since, part));
  const matches = near.filter((found) => hasXText(found, part.text) === true);
  if (matches.length > 1) {
    const message = 'Several posts on X have this text. A person must say which one it is.';
    throw new NetworkError('rejected', 'several_match', message);
  }
  if (matches[0]) return matches[0].id;
  if (near.some((found) => hasXText(found, part.text) === null)) {
    throw new NetworkError('ambiguous', 'links_unresolved', 'X did not tell where links in posts lead.');
  }
  return null;
}

async function listPosts(session: XSession, accountId: string, since: Date): Promise<Post[]> {
  const posts: Post[] = [];
  let next: string | undefined;
  for (let count = 0; count < MOST_PAGES; count += 1) {
    const query = {
      max_results: PAGE_LENGTH,
      start_time: since.toISOString().replace(/\.\d+Z$/, 'Z'),
      'post.fields': 'attachments,conversation_id,created_at,entities,note_post',
      ...(next && { pagination_token: next }),
    };
    const { data, meta } = await callX(
      session,
      { method: 'GET', path: `/2/users/${accountId}/tweets`, query },
      page,
    );
    posts.push(...data);
    next = meta?.next_token;
    if (next === undefined) return posts;
  }
  throw new NetworkError('ambiguous', 'too_many_posts', 'The account posted too much to look through.');
}

/** A first part begins a conversation, a later one belongs to it; what X does not tell rules nothing out. */
function isInPlace(found: Post, since: Date, { earlier, prepared }: Call['part']): boolean {
  if (found.created_at === undefined) return true;
  const pictureCount = found.attachments?.media_keys?.length ?? 0;
  const conversationId = earlier[0]?.remoteId ?? found.id;
  return (
    Date.parse(found.created_at) >= since.getTime() &&
    (found.conversation_id === undefined || found.conversation_id === conversationId) &&
    pictureCount === readXPictures(prepared).length
  );
}
