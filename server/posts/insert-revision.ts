import { connectionIdOf, type Caller } from '../caller.ts';
import type { Transaction } from '../database/client.ts';
import type { PostCaption } from './post-captions.ts';
import type { PostPicture } from './post-pictures.ts';

export interface NewRevision {
  /** Of the team. */
  author: Caller;
  postId: string;
  rev: number;
  text: string;
  contentHash: Uint8Array<ArrayBuffer>;
  captions: readonly PostCaption[];
  pictures: readonly PostPicture[];
}

/** A revision with what it says on each channel and its pictures as they are described now. */
export async function insertRevision(
  tx: Transaction,
  { author, postId, rev, text, contentHash, captions, pictures }: NewRevision,
): Promise<void> {
  const revision = { teamId: author.teamId, postId, rev };
  const createdBy = {
    createdByPersonId: author.personId,
    createdByConnectionId: connectionIdOf(author),
  };
  await tx.postRevision.create({ data: { ...revision, text, contentHash, ...createdBy } });
  await tx.caption.createMany({ data: captions.map((caption) => ({ ...revision, ...caption })) });
  await tx.revisionMedia.createMany({
    data: pictures.map(({ mediaId, altText, focalX, focalY }, index) => ({
      ...revision,
      position: index + 1,
      ...{ mediaId, altText, focalX, focalY },
    })),
  });
}
