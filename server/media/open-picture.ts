import sharp, { type Metadata, type Sharp } from 'sharp';

import { ImageRefused } from './image-refused.ts';
import type { PictureFormat } from './picture-format.ts';

export const MAX_PIXELS = 40_000_000;
const MAX_DECODED_BYTES = 170_000_000;
const BYTES_PER_SAMPLE: Record<string, number> = { uchar: 1, char: 1, ushort: 2, short: 2 };

export interface OpenPicture {
  image: Sharp;
  metadata: Metadata;
}

/**
 * The picture, its header read and its size judged before a pixel is decoded. Later pages and frames are left alone.
 * @throws ImageRefused
 */
export async function openPicture(bytes: Uint8Array, format: PictureFormat): Promise<OpenPicture> {
  const image = sharp(bytes, { limitInputPixels: MAX_PIXELS, failOn: 'error' });
  const metadata = await image.metadata().catch((error: unknown) => {
    throw new ImageRefused(isOverLimit(error) ? 'too_many_pixels' : 'damaged');
  });
  if (!agrees(metadata, format)) throw new ImageRefused('damaged');
  const { width, height, channels, depth } = metadata;
  const pixels = width * height;
  if (pixels > MAX_PIXELS) throw new ImageRefused('too_many_pixels');
  if (pixels * channels * (BYTES_PER_SAMPLE[depth] ?? 4) > MAX_DECODED_BYTES) {
    throw new ImageRefused('too_many_pixels');
  }
  return { image, metadata };
}

/** The decoder found what the first bytes promise. */
function agrees(metadata: Metadata, format: PictureFormat): boolean {
  if (format === 'avif') return metadata.format === 'heif' && metadata.compression === 'av1';
  return metadata.format === format;
}

const isOverLimit = (error: unknown): boolean =>
  error instanceof Error && error.message.includes('exceeds pixel limit');
