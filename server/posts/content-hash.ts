import { createHash } from 'node:crypto';

export interface HashedCaption {
  channelId: string;
  parts: readonly string[];
}

/**
 * SHA-256 over everything that would be published, whatever order the channels came in: an approval is of this.
 * The leading word names the form, so that a later one (with media) can never hash to the same bytes.
 */
export function hashContent(captions: readonly HashedCaption[]): Uint8Array<ArrayBuffer> {
  const inOrder = captions
    .map(({ channelId, parts }) => [channelId, ...parts])
    .toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1));
  return new Uint8Array(
    createHash('sha256')
      .update(`captions-1\n${JSON.stringify(inOrder)}`)
      .digest(),
  );
}
