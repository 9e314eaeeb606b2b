import { createHash } from 'node:crypto';

export interface HashedCaption {
  channelId: string;
  parts: readonly string[];
}

export interface HashedPicture {
  /** SHA-256 of the file. */
  contentHash: Uint8Array;
  altText: string | null;
  focalX: number;
  focalY: number;
}

/**
 * SHA-256 over everything that would be published, whatever order the channels came in: an approval is of this. Pictures
 * count in their order, with what is said about them and what a cut would keep. The leading word names the form, so that
 * one with pictures and one without can never hash the same bytes.
 */
export function hashContent(
  captions: readonly HashedCaption[],
  pictures: readonly HashedPicture[],
): Uint8Array<ArrayBuffer> {
  const inOrder = captions
    .map(({ channelId, parts }) => [channelId, ...parts])
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  const shown = pictures.map(({ contentHash, altText, focalX, focalY }) => [
    Buffer.from(contentHash).toString('hex'),
    altText,
    focalX,
    focalY,
  ]);
  const text =
    pictures.length === 0
      ? `captions-1\n${JSON.stringify(inOrder)}`
      : `captions-with-pictures-1\n${JSON.stringify([inOrder, shown])}`;
  return new Uint8Array(createHash('sha256').update(text).digest());
}
