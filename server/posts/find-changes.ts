import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { compareWords, type WordRun } from './compare-words.ts';
import type { DeliveryDetails, PostDetails } from './get-post.ts';
import { findRevisionPictures, type PostPicture } from './post-pictures.ts';

/** What a person who said yes to an earlier revision, or looked at one, has not seen. */
export interface PostChange {
  /** The revision that was approved last, or looked at. */
  rev: number;
  /** Who approved it; null: it was only looked at. */
  personName: string | null;
  /** When it was approved, or else made. */
  at: Date;
  channels: (Pick<DeliveryDetails, 'channelId' | 'network' | 'handle' | 'imitates'> & {
    /** Part by part; null for a channel that is new to the post. */
    parts: WordRun[][] | null;
  })[];
  /** Sentences. */
  pictures: string[];
  /** How many channels were taken off the post. */
  removedChannels: number;
}

/** What is different since the last revision that a person approved; null when there is none, or it is this one. */
export async function findChanges(
  { db }: Context,
  { teamId }: Caller,
  post: PostDetails,
): Promise<PostChange | null> {
  if (post.approval?.decision === 'approved') return null;
  const last = await db.approval.findFirst({
    where: { teamId, postId: post.id, rev: { lt: post.rev }, decision: 'approved' },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    select: {
      ...{ rev: true, createdAt: true, person: { select: { name: true } } },
      revision: { select: { captions: { select: { channelId: true, parts: true } } } },
    },
  });
  if (!last) return null;
  const { captions } = last.revision;
  const made = { rev: last.rev, personName: last.person.name, at: last.createdAt };
  return { ...made, ...(await compareWith(db, post, last.rev, captions)) };
}

/** What is different since an earlier revision; null when there is no such one. */
export async function findChangesSince(
  { db }: Context,
  { teamId }: Caller,
  post: PostDetails,
  rev: number,
): Promise<PostChange | null> {
  if (!Number.isInteger(rev) || rev < 1 || rev >= post.rev) return null;
  const earlier = await db.postRevision.findFirst({
    where: { teamId, postId: post.id, rev },
    select: { createdAt: true, captions: { select: { channelId: true, parts: true } } },
  });
  if (!earlier) return null;
  const compared = await compareWith(db, post, rev, earlier.captions);
  return { rev, personName: null, at: earlier.createdAt, ...compared };
}

async function compareWith(
  db: Context['db'],
  post: PostDetails,
  rev: number,
  captions: readonly { channelId: string; parts: string[] }[],
): Promise<Pick<PostChange, 'channels' | 'pictures' | 'removedChannels'>> {
  const before = await findRevisionPictures(db, { postId: post.id, rev });
  const isOnPost = new Set(post.deliveries.map(({ channelId }) => channelId));
  return {
    channels: post.deliveries
      .map(({ channelId, network, handle, imitates, parts }) => {
        const known = captions.find((caption) => caption.channelId === channelId);
        return {
          channelId,
          network,
          handle,
          imitates,
          parts: known ? compareParts(known.parts, parts) : null,
        };
      })
      .filter(({ parts }) => parts === null || parts.flat().some(({ kind }) => kind !== 'same')),
    pictures: comparePictures(before, post.pictures),
    removedChannels: captions.filter(({ channelId }) => !isOnPost.has(channelId)).length,
  };
}

export function compareParts(before: readonly string[], after: readonly string[]): WordRun[][] {
  const count = Math.max(before.length, after.length);
  return Array.from({ length: count }, (_, index) => compareWords(before[index] ?? '', after[index] ?? ''));
}

export function comparePictures(before: readonly PostPicture[], after: readonly PostPicture[]): string[] {
  const known = new Map(before.map((picture) => [picture.mediaId, picture]));
  const isShown = new Set(after.map(({ mediaId }) => mediaId));
  const removed = before.filter(({ mediaId }) => !isShown.has(mediaId));
  const kept = (pictures: readonly PostPicture[], others: ReadonlySet<string>) =>
    pictures.filter(({ mediaId }) => others.has(mediaId)).map(({ mediaId }) => mediaId);
  const isReordered = String(kept(before, isShown)) !== String(kept(after, new Set(known.keys())));
  return [
    ...after.flatMap((picture, index) => describeChange(known.get(picture.mediaId), picture, index + 1)),
    ...removed.map(({ altText }) => `A picture was taken off: ${altText || 'one that nobody described'}.`),
    ...(isReordered ? ['The pictures are in another order.'] : []),
  ];
}

function describeChange(before: PostPicture | undefined, after: PostPicture, position: number): string[] {
  if (!before) return [`Picture ${position} is new.`];
  const changes: string[] = [];
  if (before.altText !== after.altText) {
    changes.push(`Picture ${position} was described as: ${before.altText || 'nothing'}.`);
  }
  if (before.focalX !== after.focalX || before.focalY !== after.focalY) {
    changes.push(`Picture ${position} is cut around another point.`);
  }
  return changes;
}
