export type PictureFormat = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif';

const PNG_SIGNATURE = '\x89PNG\r\n\x1a\n';

/** By the first bytes alone; undefined for everything that is none of the five. */
export function pictureFormatOf(bytes: Uint8Array): PictureFormat | undefined {
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 32)).toString('latin1');
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (head.startsWith(PNG_SIGNATURE)) return 'png';
  if (head.startsWith('GIF87a') || head.startsWith('GIF89a')) return 'gif';
  if (head.startsWith('RIFF') && head.startsWith('WEBP', 8)) return 'webp';
  // ISO base media file: the major brand of the box that comes first.
  if (head.startsWith('ftyp', 4) && /^avi[fs]$/.test(head.slice(8, 12))) return 'avif';
  return undefined;
}
