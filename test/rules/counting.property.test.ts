import { RichText, UnicodeString } from '@atproto/api';
import fc from 'fast-check';
import twitterText from 'twitter-text';
import { expect, test } from 'vitest';

import { findRules } from '../../server/networks/find-rules.ts';
import { countGraphemes, countUtf8Bytes } from '../../server/networks/text-length.ts';
import { anyText, emoji, httpLink, remoteMention, RUNS } from './texts.ts';

const counterOf = (network: string, ownLimits?: unknown) => findRules({ network, ownLimits })!.countText;

test('X counts as its own library does on the composed text, however the text is composed', () => {
  const count = counterOf('x');
  fc.assert(
    fc.property(anyText, (text) => {
      const composed = text.normalize('NFC');
      expect(count(text)).toBe(twitterText.parseTweet(composed).weightedLength);
      expect(count(text.normalize('NFD'))).toBe(count(composed));
    }),
    { numRuns: RUNS },
  );
});

test('X counts a long text, which is read in pieces, as in one', () => {
  const count = counterOf('x');
  const longText = fc
    .array(anyText, { minLength: 8, maxLength: 16, size: 'max' })
    .map((texts) => texts.join(' '));
  fc.assert(
    fc.property(longText, (text) => count(text) === twitterText.parseTweet(text).weightedLength),
    { numRuns: RUNS / 10 },
  );
});

test('Bluesky counts the graphemes and bytes that its own library counts', () => {
  const count = counterOf('bluesky');
  fc.assert(
    fc.property(anyText, (text) => {
      expect(count(text)).toBe(new RichText({ text }).graphemeLength);
      expect(countUtf8Bytes(text)).toBe(new UnicodeString(text).length);
    }),
    { numRuns: RUNS },
  );
});

test('graphemes are those of the runtime, whatever the language', () => {
  const segmenters = ['de', 'ja', 'ar', 'th', 'hi'].map((locale) => new Intl.Segmenter(locale));
  fc.assert(
    fc.property(anyText, fc.constantFrom(...segmenters), (text, segmenter) => {
      expect(countGraphemes(text)).toBe([...segmenter.segment(text)].length);
    }),
    { numRuns: RUNS },
  );
});

const countable = (text: string, length: number) => ({ text, length });
const plain = fc
  .constantFrom('Hello', 'don’t', 'e\u0301', 'क्षि', '日本語', 'مرحبا', '#tag', '@local', 'a@b', 'example.com')
  .map((text) => countable(text, [...new Intl.Segmenter('en').segment(text)].length));

test('Mastodon counts a link as told by the server and a mention without its server, the rest by graphemes', () => {
  const perLink = fc.integer({ min: 1, max: 60 });
  fc.assert(
    fc.property(perLink, fc.array(mastodonPiece(), { minLength: 1, maxLength: 12 }), (reserved, pieces) => {
      const text = pieces.map((piece) => piece.text).join(' ');
      const expected =
        pieces.map(({ length }) => length ?? reserved).reduce((a, b) => a + b) + pieces.length - 1;
      expect(counterOf('mastodon', { characters_reserved_per_url: reserved })(text)).toBe(expected);
    }),
    { numRuns: RUNS },
  );
});

/** A null length: what the server reserves for a link. */
function mastodonPiece() {
  return fc.oneof(
    plain,
    emoji.map((text) => countable(text, 1)),
    httpLink.map((text) => ({ text, length: null })),
    remoteMention.map(({ name, text }) => countable(text, name.length + 1)),
  );
}

test('Threads counts an emoji as its UTF-8 bytes and all else by code points', () => {
  const count = counterOf('threads');
  const words = fc
    .constantFrom('Hello', 'e\u0301', '日本語', '𠮷', 'مرحبا', '©', '1', '#', 'https://example.com/a')
    .map((text) => countable(text, [...text].length));
  const pictures = emoji.map((text) => countable(text, new TextEncoder().encode(text).length));
  const pieces = fc.array(fc.oneof(words, pictures), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(pieces, (found) => {
      const text = found.map((piece) => piece.text).join(' ');
      expect(count(text)).toBe(found.reduce((sum, { length }) => sum + length, found.length - 1));
    }),
    { numRuns: RUNS },
  );
});
