import type { Sharp } from 'sharp';

import { ImageRefused } from './image-refused.ts';
import type { PictureFormat } from './picture-format.ts';
import { openPicture, type OpenPicture } from './open-picture.ts';

/** What a plain picture of few bytes may have; a bomb has more, and real ones of this size weigh more. */
const MAX_THIN_PIXELS = 4_000_000;
const THIN_PIXELS_PER_BYTE = 100;
/** The longer side of what the library keeps; no network takes more. */
const MAX_SIDE = 4096;
const QUALITY = 90;
/** A heavier one is a photograph in a format for drawings. */
const MAX_LOSSLESS_BYTES = 4_000_000;

export interface NormalisedPicture {
  image: Sharp;
  wasAnimated: boolean;
}

/**
 * Upright, sRGB, 8 bits, the first frame, no metadata (sharp keeps none unless told to), encoded anew: JPEG for photographs,
 * PNG for drawings, WebP for what is see-through and too heavy for PNG.
 * @throws ImageRefused
 */
export async function normalisePicture(bytes: Uint8Array, format: PictureFormat): Promise<NormalisedPicture> {
  const opened = await openPicture(bytes, format);
  assertIsNotThin(opened, bytes.byteLength);
  const upright = opened.image
    .autoOrient()
    .resize({ width: MAX_SIDE, height: MAX_SIDE, fit: 'inside', withoutEnlargement: true })
    .toColourspace('srgb');
  return {
    image: encodeAnew(upright, opened, format, bytes.byteLength),
    wasAnimated: (opened.metadata.pages ?? 1) > 1,
  };
}

function encodeAnew(
  image: Sharp,
  { metadata }: OpenPicture,
  format: PictureFormat,
  byteCount: number,
): Sharp {
  const isDrawing = format === 'png' || format === 'gif';
  if (isDrawing && byteCount <= MAX_LOSSLESS_BYTES) return image.png({ compressionLevel: 6 });
  return metadata.hasAlpha ? image.webp({ quality: QUALITY, effort: 2 }) : image.jpeg({ quality: QUALITY });
}

/** Asked of strangers' files alone: what our own encoder made of a plain picture may be as thin as it likes. */
function assertIsNotThin({ metadata: { width, height } }: OpenPicture, byteCount: number): void {
  if (width * height > Math.max(MAX_THIN_PIXELS, byteCount * THIN_PIXELS_PER_BYTE)) {
    throw new ImageRefused('hardly_any_bytes');
  }
}
