import { z } from 'zod';

import { callMeta, metaId, type MetaSession } from './meta-call.ts';
import { NetworkError } from './network-error.ts';

/** Our clock and theirs. */
const CLOCK_SLACK_MS = 5 * 60_000;
const MOST_POSTS = '100';

const posts = z.object({
  data: z.array(
    z.object({
      id: metaId,
      text: z.string().optional(),
      caption: z.string().optional(),
      timestamp: z.string(),
      permalink: z.string().optional(),
      replied_to: z.object({ id: metaId }).optional(),
    }),
  ),
});

export interface FoundPost {
  id: string;
  permalink: string | undefined;
}

/**
 * The one post that a container became: of this account, with this text, since the part was frozen, in its place in a
 * thread. The container says that it was published, so finding none only means that the list is not up to date.
 * @throws NetworkError ambiguous `not_listed`; rejected `several_match`
 */
export async function findPublishedPost(
  session: MetaSession,
  list: { path: string; fields: string },
  post: {
    text: string;
    since: Date;
    repliesTo: string | null;
    /** Posts that are known to be others. */
    known: ReadonlySet<string> | undefined;
  },
): Promise<FoundPost> {
  const query = { fields: list.fields, limit: MOST_POSTS };
  const { data } = await callMeta(session, { method: 'GET', path: list.path, query }, posts);
  const wanted = normalise(post.text);
  const found = data.filter(
    ({ id, text, caption, timestamp, replied_to: parent }) =>
      !post.known?.has(id) &&
      normalise(text ?? caption ?? '') === wanted &&
      Date.parse(timestamp) >= post.since.getTime() - CLOCK_SLACK_MS &&
      (post.repliesTo === null || parent?.id === post.repliesTo),
  );
  if (found.length > 1) {
    const why = `${session.name} has published it, and several posts look like it.`;
    throw new NetworkError('rejected', 'several_match', why);
  }
  if (found.length === 0) {
    const why = `${session.name} has published it, but does not list it yet.`;
    throw new NetworkError('ambiguous', 'not_listed', why);
  }
  return { id: found[0]!.id, permalink: found[0]!.permalink };
}

/** They take the sign from a hashtag that becomes a topic, and trim. */
function normalise(text: string): string {
  return text.normalize('NFC').replaceAll('#', '').replace(/\s+/g, ' ').trim();
}
