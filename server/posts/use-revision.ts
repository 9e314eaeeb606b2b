import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { updatePost, type PostUpdated } from './update-post.ts';

export interface UseRevisionInput {
  postId: string;
  /** The one whose words are to be said again. */
  rev: number;
  /** The current one, as the person was shown it. */
  expectedRev: number;
  places?: string | undefined;
}

/**
 * Makes a new revision with the words of an earlier one, on the channels that the post goes to now. Pictures stay.
 * @throws as `updatePost`
 */
export async function useRevision(
  context: Context,
  caller: Caller,
  { rev, ...input }: UseRevisionInput,
): Promise<PostUpdated> {
  const { postId } = input;
  // Whatever a form says; PostgreSQL numbers them from 1, in four bytes.
  const mayExist = Number.isInteger(rev) && rev >= 1 && rev < 2 ** 31;
  const revision =
    mayExist &&
    (await context.db.postRevision.findFirst({
      where: { teamId: caller.teamId, postId, rev },
      select: { text: true, captions: { select: { channelId: true, parts: true } } },
    }));
  if (!revision) {
    throw notFound({ code: 'not_found', field: 'rev', message: `The post has no revision ${rev}.` });
  }
  const deliveries = await context.db.delivery.findMany({
    where: { teamId: caller.teamId, postId },
    select: { channelId: true },
  });
  const isOnPost = new Set(deliveries.map(({ channelId }) => channelId));
  const overrides = revision.captions.filter(({ channelId }) => isOnPost.has(channelId));
  return updatePost(context, caller, { ...input, changes: { text: revision.text, overrides } });
}
