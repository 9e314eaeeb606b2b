import sharp, { type OutputInfo, type Sharp } from 'sharp';

import { ImageRefused } from './image-refused.ts';
import type { RenditionSpec } from './image-engine.ts';
import { openPicture } from './open-picture.ts';
import type { PictureFormat } from './picture-format.ts';
import { scaleDown } from './plan-rendition.ts';

const QUALITIES = [90, 82, 74, 66] as const;
/** With each further step down in size, down to about a quarter of each side. */
const SMALLER_QUALITY = 74;
const SIZE_STEP = 0.85;
const SIZE_STEPS = 8;

interface Encoded {
  data: Buffer;
  info: OutputInfo;
}

/**
 * Cuts, scales and encodes a picture of the library; the same bytes and specification always give the same bytes.
 * @throws ImageRefused (`does_not_fit`) when even the smallest has too many bytes
 */
export async function renderPicture(
  bytes: Uint8Array,
  format: PictureFormat,
  spec: RenditionSpec,
): Promise<Encoded> {
  const pixels = await decode(bytes, format, spec);
  for (const attempt of attemptsFor(spec)) {
    const encoded = await encode(pixels, spec, attempt);
    if (encoded.data.byteLength <= spec.maxBytes) return encoded;
  }
  throw new ImageRefused('does_not_fit');
}

interface Attempt {
  scale: number;
  quality: number;
}

function attemptsFor({ mimeType }: RenditionSpec): Attempt[] {
  // PNG has no quality to step down.
  const qualities = mimeType === 'image/png' ? [100] : QUALITIES;
  return [
    ...qualities.map((quality) => ({ scale: 1, quality })),
    ...Array.from({ length: SIZE_STEPS }, (_, step) => ({
      scale: SIZE_STEP ** (step + 1),
      quality: SMALLER_QUALITY,
    })),
  ];
}

/** Decoded once for all attempts. */
async function decode(bytes: Uint8Array, format: PictureFormat, spec: RenditionSpec): Promise<Sharp> {
  const { image, metadata } = await openPicture(bytes, format);
  const { left, top, width, height } = spec.crop;
  const box = {
    left: Math.round(left * metadata.width),
    top: Math.round(top * metadata.height),
    width: Math.round(width * metadata.width),
    height: Math.round(height * metadata.height),
  };
  // Without a cut the JPEG decoder shrinks while it reads.
  if (box.width < metadata.width || box.height < metadata.height) image.extract(box);
  image.resize({ width: spec.width, height: spec.height, fit: 'fill' }).toColourspace('srgb');
  if (spec.mimeType === 'image/jpeg') image.flatten({ background: '#ffffff' });
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
}

function encode(pixels: Sharp, spec: RenditionSpec, { scale, quality }: Attempt): Promise<Encoded> {
  const image = pixels.clone();
  if (scale < 1) image.resize({ ...scaleDown(spec, scale, spec), fit: 'fill' });
  return chooseEncoder(image, spec.mimeType, quality).toBuffer({ resolveWithObject: true });
}

function chooseEncoder(image: Sharp, mimeType: RenditionSpec['mimeType'], quality: number): Sharp {
  if (mimeType === 'image/png') return image.png({ compressionLevel: 9 });
  if (mimeType === 'image/webp') return image.webp({ quality, effort: 3 });
  if (mimeType === 'image/gif') return image.gif();
  return image.jpeg({ quality });
}
