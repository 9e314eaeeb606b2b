import type { Context } from '../context.ts';
import { scaleDown } from './plan-rendition.ts';

const MAX_SIDE = 480;
const MAX_BYTES = 100_000;
const WHOLE = { left: 0, top: 0, width: 1, height: 1 };

/** Beside the picture, and removed with it. */
export function thumbnailKeyOf(storageKey: string): string {
  return `${storageKey}-thumbnail`;
}

/** A small WebP of a picture, made when it is first asked for. @throws AppError Unavailable */
export async function readThumbnail(
  { mediaStore, images }: Pick<Context, 'mediaStore' | 'images'>,
  media: { storageKey: string; width: number; height: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const key = thumbnailKeyOf(media.storageKey);
  const kept = await mediaStore.find(key);
  if (kept) return kept;
  const size = scaleDown(media, Math.min(1, MAX_SIDE / media.width, MAX_SIDE / media.height), {});
  const original = await mediaStore.read(media.storageKey);
  const made = await images.render(original, {
    mimeType: 'image/webp',
    ...size,
    crop: WHOLE,
    maxBytes: MAX_BYTES,
  });
  await mediaStore.put(key, made.bytes, made.mimeType);
  return made.bytes;
}
