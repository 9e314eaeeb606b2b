const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** Characters as people count them: a family emoji is one (UAX 29 extended grapheme clusters). */
export function countGraphemes(text: string): number {
  let count = 0;
  for (const _ of segmenter.segment(text)) count += 1;
  return count;
}

export function countUtf8Bytes(text: string): number {
  return Buffer.byteLength(text, 'utf8');
}
