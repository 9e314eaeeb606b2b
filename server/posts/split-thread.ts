import type { NetworkRules } from '../networks/network-rules.ts';
import { findEntitySpans } from '../networks/text-entities.ts';

/** A part that ends at a better place is taken if it is at least this full. */
const MIN_FILL = 0.5;

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });
const words = new Intl.Segmenter('en', { granularity: 'word' });
const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/** How good a place is to cut at: between paragraphs, sentences, words with space between, words without, characters. */
const RANKS = { paragraph: 4, sentence: 3, space: 2, word: 1, grapheme: 0 } as const;

interface Cut {
  at: number;
  rank: number;
}

/** The text breaks no rule of the network that one part can break. */
function fitsOnePart({ textRules }: Pick<NetworkRules, 'textRules'>, text: string): boolean {
  return textRules.every(({ severity, limit, count }) => severity === 'warning' || count(text) <= limit);
}

/**
 * Splits a text into parts that the network takes, between paragraphs where possible, else between sentences, else between
 * words; never inside a link, a mention, a hashtag or a character. Nothing but white space at the cuts is lost.
 * @param isNumbered adds ` 1/3` to every part, which then fits with it
 * @returns one part when the text fits; undefined when something that must stay whole fits no part
 */
export function splitThread(
  rules: Pick<NetworkRules, 'textRules'>,
  text: string,
  { isNumbered = false }: { isNumbered?: boolean } = {},
): string[] | undefined {
  const whole = trimSpace(text);
  if (whole === '') return [];
  if (fitsOnePart(rules, whole)) return [whole];
  const cuts = findCuts(whole);
  if (!isNumbered) return cutAt(whole, cuts, (part) => fitsOnePart(rules, part));
  // A longer number takes room of the parts, and so may make more of them.
  for (let digits = 1; digits <= 4; digits += 1) {
    const widest = numberOf(10 ** digits - 1, 10 ** digits - 1);
    const parts = cutAt(whole, cuts, (part) => fitsOnePart(rules, part + widest));
    if (!parts) return undefined;
    if (String(parts.length).length <= digits) {
      return parts.map((part, index) => part + numberOf(index + 1, parts.length));
    }
  }
  return undefined;
}

const numberOf = (part: number, count: number) => ` ${part}/${count}`;

function cutAt(text: string, cuts: readonly Cut[], fits: (part: string) => boolean): string[] | undefined {
  const parts: string[] = [];
  let start = 0;
  let next = 0;
  while (start < text.length) {
    const partTo = (index: number) => trimSpace(text.slice(start, cuts[index]!.at));
    const furthest = findFurthest(cuts, next, (index) => fits(partTo(index)));
    if (furthest === undefined) return undefined;
    const chosen = chooseCut(cuts, next, furthest, start, (index) => fits(partTo(index)));
    const part = partTo(chosen);
    if (part !== '') parts.push(part);
    start = cuts[chosen]!.at;
    next = chosen + 1;
  }
  return parts;
}

/** The last cut that a part can reach: in widening steps, then by halves. */
function findFurthest(
  cuts: readonly Cut[],
  first: number,
  fitsTo: (index: number) => boolean,
): number | undefined {
  if (!fitsTo(first)) return undefined;
  let good = first;
  let step = 64;
  let bad = cuts.length;
  while (good + step < cuts.length) {
    if (fitsTo(good + step)) {
      good += step;
      step *= 2;
    } else {
      bad = good + step;
      break;
    }
  }
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (fitsTo(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** The best cut that leaves the part full enough; of equal ones the last. */
function chooseCut(
  cuts: readonly Cut[],
  first: number,
  furthest: number,
  start: number,
  fitsTo: (index: number) => boolean,
): number {
  if (furthest === cuts.length - 1) return furthest;
  const enough = start + (cuts[furthest]!.at - start) * MIN_FILL;
  let best = furthest;
  for (let index = furthest - 1; index >= first && cuts[index]!.at >= enough; index -= 1) {
    if (cuts[index]!.rank > cuts[best]!.rank) best = index;
  }
  if (cuts[best]!.rank < RANKS.space) {
    // Any space, however near to the beginning, is better than a cut word.
    for (let index = best; index >= first; index -= 1) {
      if (cuts[index]!.rank > cuts[best]!.rank) best = index;
    }
  }
  return fitsTo(best) ? best : furthest;
}

/** Every place where the text may be cut, its end included. */
function findCuts(text: string): Cut[] {
  const ranks = new Map<number, number>();
  const raise = (segmenter: Intl.Segmenter, rank: number) => {
    for (const { index, segment } of segmenter.segment(text)) {
      const at = index + segment.length;
      if (rank === RANKS.grapheme || ranks.has(at)) ranks.set(at, rank);
    }
  };
  raise(graphemes, RANKS.grapheme);
  raise(words, RANKS.word);
  for (const { index, 0: space } of text.matchAll(/\s+/gu)) {
    const rank = /\n\s*\n/u.test(space) ? RANKS.paragraph : RANKS.space;
    if (ranks.has(index + space.length)) ranks.set(index + space.length, rank);
  }
  for (const { index, segment } of sentences.segment(text)) {
    const at = index + segment.length;
    if ((ranks.get(at) ?? RANKS.paragraph) < RANKS.sentence) ranks.set(at, RANKS.sentence);
  }
  for (const [from, to] of findEntitySpans(text)) {
    for (let at = from + 1; at < to; at += 1) ranks.delete(at);
  }
  // The characters came first and in order.
  return [...ranks].map(([at, rank]) => ({ at, rank }));
}

/** White space of which no mark makes a character that people see; line ends never carry one. */
const LEADING_SPACE =
  /^(?:[\t-\r\u2028\u2029\ufeff]|\s(?![\p{M}\p{Grapheme_Extend}\p{Emoji_Modifier}\u200d]))+/u;

function trimSpace(text: string): string {
  return text.replace(LEADING_SPACE, '').trimEnd();
}
