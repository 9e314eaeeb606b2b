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

/**
 * For networks that say `characters` and not which: UTF-16 code units, the most that any of the usual counts gives, so that
 * what fits here fits there.
 */
export function countUtf16Units(text: string): number {
  return text.length;
}

const EMOJI = /[\p{Emoji_Presentation}\p{Emoji_Modifier}\u{FE0F}\u{20E3}]/u;

/** Code points, but emoji as the number of their UTF-8 bytes (Threads). */
export function countEmojiAsBytes(text: string): number {
  let count = 0;
  for (const { segment } of segmenter.segment(text)) {
    count += EMOJI.test(segment) ? countUtf8Bytes(segment) : [...segment].length;
  }
  return count;
}
