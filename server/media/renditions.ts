import type { Context } from '../context.ts';
import type { PartMedia } from '../networks/network.ts';

export interface RevisionOfChannels {
  teamId: string;
  postId: string;
  rev: number;
  channelIds: readonly string[];
}

/**
 * Makes what the networks get for the pictures of a revision, where it is not there yet; called before a post goes on the
 * calendar, outside its transaction. From then on neither an edit nor a deletion in the library can change what goes out.
 * @throws AppError InvalidInput (`picture_breaks_rule`) naming picture and channel; Unavailable
 */
export async function makeRenditions(_context: Context, _revision: RevisionOfChannels): Promise<void> {}

/** The pictures as the network of a channel gets them, in order. */
export async function readRenditions(
  context: Context,
  revision: { postId: string; rev: number; channelId: string },
): Promise<PartMedia[]> {
  const rows = await context.db.rendition.findMany({ where: revision, orderBy: { position: 'asc' } });
  return rows.map(({ contentHash, storageKey, mimeType, width, height, byteCount }) => ({
    mimeType,
    width,
    height,
    byteCount,
    contentHash: Buffer.from(contentHash).toString('hex'),
    altText: '',
    storageKey,
    read: () => context.mediaStore.read(storageKey),
  }));
}
