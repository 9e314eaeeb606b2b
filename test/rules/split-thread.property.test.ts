import fc from 'fast-check';
import { expect, test } from 'vitest';

import { findRules } from '../../server/networks/find-rules.ts';
import type { NetworkRules } from '../../server/networks/network-rules.ts';
import { splitThread } from '../../server/posts/split-thread.ts';
import { piecedText, RUNS, type PiecedText } from './texts.ts';

type TextRules = Pick<NetworkRules, 'textRules'>;

/** The rules of a network with parts so short that a text of a few words needs several. */
const narrowRules = fc
  .tuple(
    fc.constantFrom('x', 'bluesky', 'mastodon', 'threads', 'playground'),
    fc.integer({ min: 40, max: 140 }),
  )
  .map(([network, limit]): TextRules => {
    const { textRules } = findRules({ network })!;
    return { textRules: textRules.map((rule) => (rule.id === 'text_length' ? { ...rule, limit } : rule)) };
  });

const fits = ({ textRules }: TextRules, part: string) =>
  textRules.every(({ severity, limit, count }) => severity === 'warning' || count(part) <= limit);

const graphemes = new Intl.Segmenter('en');

/** What is wrong with the parts of a text, in words; nothing when all is there and whole. */
function findFault({ text, whole }: PiecedText, parts: readonly string[]): string | undefined {
  const boundaries = new Set([text.length]);
  for (const { index } of graphemes.segment(text)) boundaries.add(index);
  let end = 0;
  for (const part of parts) {
    const from = text.indexOf(part, end);
    if (from < end || text.slice(end, from).trim() !== '') return `lost before ${part}`;
    end = from + part.length;
    if (!boundaries.has(from) || !boundaries.has(end)) return `a character is cut in ${part}`;
    for (const edge of [from, end]) {
      if (whole.some(([first, last]) => edge > first && edge < last)) return `cut at the edge of ${part}`;
    }
  }
  return text.slice(end).trim() === '' ? undefined : 'lost at the end';
}

test('nothing is lost or cut, every part is within the limit, and only what must stay whole stops it', () => {
  fc.assert(
    fc.property(narrowRules, piecedText, (rules, written) => {
      const parts = splitThread(rules, written.text);
      if (!parts) return !written.text.split(/\s+/u).every((run) => fits(rules, run));
      expect(findFault(written, parts)).toBeUndefined();
      return parts.every((part) => part !== '' && fits(rules, part));
    }),
    { numRuns: RUNS },
  );
});

test('numbered parts are within the limit with their number, and without it still the whole text', () => {
  fc.assert(
    fc.property(narrowRules, piecedText, (rules, written) => {
      const parts = splitThread(rules, written.text, { isNumbered: true });
      if (!parts || parts.length < 2) return true;
      const numbers = parts.map((_, index) => ` ${index + 1}/${parts.length}`);
      const bare = parts.map((part, index) => part.slice(0, -numbers[index]!.length));
      expect(findFault(written, bare)).toBeUndefined();
      return parts.every((part, index) => part === bare[index]! + numbers[index]! && fits(rules, part));
    }),
    { numRuns: RUNS },
  );
});
