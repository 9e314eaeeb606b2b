import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { WordRun } from './compare-words.ts';
import { comparePictures, compareParts } from './find-changes.ts';
import { findRevisionPictures } from './post-pictures.ts';

/** What is different from one revision of a post to another. */
export interface RevisionChange {
  channels: {
    channelId: string;
    network: string;
    handle: string;
    imitates: string | null;
    /** added, removed: only one of the two goes there. */
    kind: 'same' | 'changed' | 'added' | 'removed';
    /** Part by part. */
    parts: WordRun[][];
  }[];
  /** Sentences. */
  pictures: string[];
}

/** Null when the post has no such revisions. */
export async function compareRevisions(
  { db }: Pick<Context, 'db'>,
  { teamId }: Caller,
  { postId, from, to }: { postId: string; from: number; to: number },
): Promise<RevisionChange | null> {
  const rows = await db.postRevision.findMany({
    where: { teamId, postId, rev: { in: [from, to] } },
    select: {
      rev: true,
      captions: {
        orderBy: { channelId: 'asc' },
        select: {
          ...{ channelId: true, parts: true },
          channel: { select: { network: true, handle: true, imitates: true } },
        },
      },
    },
  });
  const before = rows.find(({ rev }) => rev === from);
  const after = rows.find(({ rev }) => rev === to);
  if (!before || !after) return null;
  const isThere = (captions: typeof after.captions, id: string) =>
    captions.some(({ channelId }) => channelId === id);
  const all = [
    ...after.captions,
    ...before.captions.filter(({ channelId }) => !isThere(after.captions, channelId)),
  ];
  const partsOf = (captions: typeof after.captions, id: string) =>
    captions.find(({ channelId }) => channelId === id)?.parts ?? [];
  const [picturesBefore, picturesAfter] = await Promise.all([
    findRevisionPictures(db, { postId, rev: from }),
    findRevisionPictures(db, { postId, rev: to }),
  ]);
  return {
    channels: all.map(({ channelId, channel }) => {
      const parts = compareParts(partsOf(before.captions, channelId), partsOf(after.captions, channelId));
      const isSame = parts.flat().every(({ kind }) => kind === 'same');
      const isNew = !isThere(before.captions, channelId);
      const isGone = !isThere(after.captions, channelId);
      const kind = isNew ? 'added' : isGone ? 'removed' : isSame ? 'same' : 'changed';
      return { channelId, ...channel, kind, parts };
    }),
    pictures: comparePictures(picturesBefore, picturesAfter),
  };
}
