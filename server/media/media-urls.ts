/** Hex SHA-256 of the file, where it changes the address: what lies there never changes, so browsers may keep it. */
type Hash = Uint8Array | string;

/** The picture as the library keeps it, for signed-in members of the team. */
export function mediaFilePath(media: { id: string; contentHash: Hash }): string {
  return `/media/${media.id}/file?v=${shorten(media.contentHash)}`;
}

/** A small version, at most 480 pixels wide and high. */
export function mediaThumbnailPath(media: { id: string; contentHash: Hash }): string {
  return `/media/${media.id}/thumbnail?v=${shorten(media.contentHash)}`;
}

/** The picture's page in the dashboard. */
export function mediaPagePath(mediaId: string): string {
  return `/media/${mediaId}`;
}

export interface RenditionAddress {
  postId: string;
  rev: number;
  channelId: string;
  /** From 1. */
  position: number;
  contentHash: Hash;
}

/** What a channel gets, as it was made when the post was scheduled. */
export function renditionPath({ postId, rev, channelId, position, contentHash }: RenditionAddress): string {
  return `/renditions/${postId}/${rev}/${channelId}/${position}?v=${shorten(contentHash)}`;
}

/** Where a file is sent to with the one-time token. */
export function uploadUrl({ publicUrl }: { publicUrl: string }, token: string): string {
  return `${publicUrl}${UPLOAD_PREFIX}${token}`;
}

export const UPLOAD_PREFIX = '/media/uploads/';

function shorten(hash: Hash): string {
  return (typeof hash === 'string' ? hash : Buffer.from(hash).toString('hex')).slice(0, 16);
}
