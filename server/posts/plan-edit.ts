import type { Caller } from '../caller.ts';
import { findChannels, type FoundChannel } from '../channels/find-channels.ts';
import type { Transaction } from '../database/client.ts';
import { findObstacle, obstacleConflict } from '../deliveries/find-obstacle.ts';
import type { LockedDelivery, LockedPost } from '../deliveries/lock-post.ts';
import { hashContent } from './content-hash.ts';
import { changeWords, type CaptionChanges, type PostCaption } from './post-captions.ts';
import type { PostPicture } from './post-pictures.ts';

/** What a post is to say. */
export interface PostContent {
  text: string;
  captions: PostCaption[];
  pictures: readonly PostPicture[];
  contentHash: Uint8Array<ArrayBuffer>;
}

/** What becomes of a post's deliveries. */
export interface EditPlan {
  /** They get the new revision; what went out, or is about to, keeps the one it has. */
  moved: LockedDelivery[];
  removed: LockedDelivery[];
  added: FoundChannel[];
}

/**
 * What the post would say after a change.
 * @param pictures those that the change names; null: they stay
 * @throws AppError InvalidInput (`invalid_override`, `too_long`)
 */
export function composeEdit(
  post: LockedPost,
  changes: CaptionChanges,
  pictures: readonly PostPicture[] | null,
): PostContent {
  const captions = post.deliveries.map(({ channelId, parts }) => ({ channelId, parts }));
  const words = changeWords({ text: post.text, captions }, changes);
  const shown = pictures ?? post.pictures;
  return { ...words, pictures: shown, contentHash: hashContent(words.captions, shown) };
}

/** The post says exactly this already. */
export function isThere(post: LockedPost, content: PostContent): boolean {
  return content.text === post.text && Buffer.compare(content.contentHash, post.contentHash) === 0;
}

/**
 * @throws AppError NotFound for a channel; Conflict (`already_published`, `under_way`, `outcome_unknown`) naming the channel
 *   where the change comes too late
 */
export async function planEdit(
  tx: Transaction,
  caller: Caller,
  post: LockedPost,
  content: PostContent,
): Promise<EditPlan> {
  const partsOf = new Map(content.captions.map(({ channelId, parts }) => [channelId, parts]));
  const removed = post.deliveries.filter(({ channelId }) => !partsOf.has(channelId));
  const kept = post.deliveries.filter(({ channelId }) => partsOf.has(channelId));
  const arePicturesNew =
    Buffer.compare(hashContent([], content.pictures), hashContent([], post.pictures)) !== 0;
  const touched = kept.filter(
    ({ channelId, parts }) =>
      arePicturesNew || JSON.stringify(partsOf.get(channelId)) !== JSON.stringify(parts),
  );
  for (const delivery of removed) assertFree(post, delivery, 'taken off the post');
  for (const delivery of touched) assertFree(post, delivery, 'changed');
  const known = new Set(post.deliveries.map(({ channelId }) => channelId));
  const addedIds = [...partsOf.keys()].filter((channelId) => !known.has(channelId));
  return {
    moved: kept.filter((delivery) => !findObstacle(delivery, post.now)),
    removed,
    added: await findChannels(tx, caller, addedIds),
  };
}

function assertFree(post: LockedPost, delivery: LockedDelivery, consequence: string): void {
  const obstacle = findObstacle(delivery, post.now);
  if (!obstacle) return;
  throw obstacleConflict(obstacle, {
    channelId: delivery.channelId,
    consequence,
    nextStep: obstacle.isPassing
      ? 'Call get_post in a minute, then decide on what it says.'
      : 'Change only its other channels, by overrides, or draft a new post with create_post.',
  });
}
