const ENDINGS: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/gif': 'gif',
};

/** Of a picture's type, without the dot. */
export function fileEndingOf(mimeType: string): string {
  return ENDINGS[mimeType] ?? 'bin';
}
