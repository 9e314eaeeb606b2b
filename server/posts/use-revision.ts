import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import type { PostDetails } from './get-post.ts';
import { changeWords, type PostCaption } from './post-captions.ts';
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
  const deliveries = await context.db.delivery.findMany({
    where: { teamId: caller.teamId, postId },
    select: { channelId: true },
  });
  const changes = await findWords(context, caller, { postId, rev, deliveries });
  return updatePost(context, caller, { ...input, changes });
}

/**
 * The post as `useRevision` would leave it: what it says on each of its channels, with its pictures.
 * @throws AppError NotFound
 */
export async function previewRevision(
  context: Context,
  caller: Caller,
  post: PostDetails,
  rev: number,
): Promise<PostDetails> {
  const changes = await findWords(context, caller, { postId: post.id, rev, deliveries: post.deliveries });
  const { text, captions } = changeWords({ text: post.text, captions: post.deliveries }, changes);
  const partsOf = new Map(captions.map(({ channelId, parts }) => [channelId, parts]));
  const deliveries = post.deliveries.map((delivery) => ({
    ...delivery,
    parts: partsOf.get(delivery.channelId) ?? [],
  }));
  return { ...post, text, deliveries };
}

/** For the channels that the post goes to now. One that the revision did not go to keeps words of its own. */
async function findWords(
  { db }: Context,
  { teamId }: Caller,
  { postId, rev, deliveries }: { postId: string; rev: number; deliveries: readonly { channelId: string }[] },
): Promise<{ text: string; overrides: PostCaption[] }> {
  // Whatever a form says; PostgreSQL numbers them from 1, in four bytes.
  const mayExist = Number.isInteger(rev) && rev >= 1 && rev < 2 ** 31;
  const revision =
    mayExist &&
    (await db.postRevision.findFirst({
      where: { teamId, postId, rev },
      select: { text: true, captions: { select: { channelId: true, parts: true } } },
    }));
  if (!revision) {
    throw notFound({ code: 'not_found', field: 'rev', message: `The post has no revision ${rev}.` });
  }
  const isOnPost = new Set(deliveries.map(({ channelId }) => channelId));
  return {
    text: revision.text,
    overrides: revision.captions.filter(({ channelId }) => isOnPost.has(channelId)),
  };
}
