import fc from 'fast-check';

/** How often every property is tried. */
export const RUNS = 10_000;

/** A piece of a text; a whole one (a link, a mention, a hashtag) must not be cut. */
export interface Piece {
  text: string;
  isWhole: boolean;
}

/** Where whole pieces stand in a text, as offsets. */
export interface PiecedText {
  text: string;
  pieces: readonly Piece[];
  whole: readonly (readonly [number, number])[];
}

const pick = (...values: string[]) => fc.constantFrom(...values);
const codePoints = (from: number, to: number, maxLength: number) =>
  fc
    .array(fc.integer({ min: from, max: to }), { minLength: 1, maxLength })
    .map((points) => String.fromCodePoint(...points));

export const emoji = fc.oneof(
  pick('😀', '👍🏽', '👨‍👩‍👧‍👦', '🏳️‍🌈', '❤️', '1️⃣', '🇩🇪', '🏴󠁧󠁢󠁥󠁮󠁧󠁿', '🧑🏿‍🚀', '☕', '⌚', '🐦‍🔥', '©️'),
  codePoints(0x1f600, 0x1f64f, 1),
);

const latin = pick(
  'Hello',
  'release',
  'naïve',
  'Straße',
  'I',
  'don’t',
  'Dr.',
  'U.S.',
  '3.5',
  'état',
  'ﬁne',
  'e.g.',
);
const unspaced = fc.oneof(
  codePoints(0x4e00, 0x9fff, 12),
  codePoints(0x3041, 0x3096, 12),
  codePoints(0xac00, 0xd7a3, 8),
  pick('สวัสดีครับ', '日本語です。', '漢𠮷字', '你好，世界！'),
);
const combining = pick(
  'e\u0301',
  'क्षि',
  'กำ',
  'Z\u0351\u036b\u0343',
  'ᄒ\u1161ᆫ',
  'u\u0308\u0304',
  ' \u0301x',
  'ம்',
);
const rightToLeft = pick('مرحبا', 'שלום', '\u200fعالم\u200f', 'אב״ג', 'السلام عليكم.');

const domain = pick('example.com', 'a.co', 'www.example.org', 'münchen.de', 'sub.domain.example.net');
const path = pick(
  '',
  '/',
  '/a',
  '/path/to/page',
  '/q?x=1&y=two_3',
  '/a_b-(c)',
  '/p#frag',
  `/${'long'.repeat(9)}`,
);
export const httpLink = fc
  .tuple(pick('https://', 'http://'), pick('example.com', 'a.co', 'www.example.org'), path)
  .map((piece) => piece.join(''));
const bareLink = fc.tuple(domain, path).map((piece) => piece.join(''));
const mention = pick('@user', '@Some_One', '@name.with.dots', '@a1');
export const remoteMention = fc
  .tuple(pick('user', 'Some_One', 'a1'), pick('mastodon.social', 'social.example.co.uk'))
  .map(([name, server]) => ({ name, text: `@${name}@${server}` }));
const hashtag = pick('#tag', '#CamelCase', '#tag_1', '#日本語', '#2026goals', '#café');
const cashtag = pick('$ABC', '$btc');

const space = pick(' ', ' ', ' ', '  ', '\n', '\n\n', ' \n \n', '\u00a0', '\u3000', '\t', '\r\n');
const wild = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  pick('!', '?!', '…', '(', ')', '—', '.', '#', '@', '://', '\u200d', '\ufe0f', '\u0301', '🇩', '＃x'),
);

const loose = fc
  .oneof(latin, latin, emoji, unspaced, combining, rightToLeft, wild)
  .map((text): Piece => ({ text, isWhole: false }));
const whole = fc
  .oneof(
    httpLink,
    bareLink,
    mention,
    remoteMention.map(({ text }) => text),
    hashtag,
    cashtag,
  )
  .map((text): Piece => ({ text, isWhole: true }));
const gap = space.map((text): Piece => ({ text, isWhole: false }));
// A whole piece stands between spaces and punctuation, as people write it: glued to a letter it would be another thing.
const spaced = fc
  .tuple(pick(' ', '\n', ' ('), whole, pick(' ', '\n', ', ', '. ', ') ', '! '))
  .map(([before, piece, after]): Piece[] => [
    { text: before, isWhole: false },
    piece,
    { text: after, isWhole: false },
  ]);

/** Texts as people and machines write them, and worse. */
export const piecedText = fc
  .array(
    fc.oneof(
      { weight: 4, arbitrary: fc.tuple(loose, gap) },
      { weight: 2, arbitrary: fc.tuple(loose) },
      { weight: 2, arbitrary: spaced },
    ),
    { minLength: 1, maxLength: 20, size: 'max' },
  )
  .map((groups): PiecedText => {
    const pieces = groups.flat();
    const found: [number, number][] = [];
    let text = '';
    for (const piece of pieces) {
      if (piece.isWhole) found.push([text.length, text.length + piece.text.length]);
      text += piece.text;
    }
    return { text, pieces, whole: found };
  });

export const anyText = piecedText.map(({ text }) => text);
