import type { Media } from '../../prisma/generated/client.ts';

export type MediaState = 'awaiting_upload' | 'ready' | 'deleted';

/** A picture of the library, or the place of one that is still to be uploaded. Lengths in pixels. */
export interface MediaDetails {
  id: string;
  campaignId: string | null;
  state: MediaState;
  source: 'url' | 'upload' | 'card';
  filename: string | null;
  altText: string | null;
  /** 0 to 1, from the left and from the top: what a cut keeps. */
  focalX: number;
  focalY: number;
  tags: string[];
  /** Null, all five, until there is a file. */
  mimeType: string | null;
  width: number | null;
  height: number | null;
  byteCount: number | null;
  /** SHA-256, hex. */
  contentHash: string | null;
  problem: { code: string; message: string } | null;
  createdAt: Date;
}

export function toMediaDetails(row: Media): MediaDetails {
  const isThere = row.state === 'ready';
  return {
    id: row.id,
    campaignId: row.campaignId,
    state: row.state as MediaState,
    source: row.source as MediaDetails['source'],
    filename: row.filename,
    altText: row.altText,
    focalX: row.focalX,
    focalY: row.focalY,
    tags: row.tags,
    mimeType: isThere ? row.mimeType : null,
    width: isThere ? row.width : null,
    height: isThere ? row.height : null,
    byteCount: isThere ? row.byteCount : null,
    contentHash: isThere && row.contentHash ? Buffer.from(row.contentHash).toString('hex') : null,
    problem: row.problemCode
      ? { code: row.problemCode, message: row.problemMessage ?? row.problemCode }
      : null,
    createdAt: row.createdAt,
  };
}
