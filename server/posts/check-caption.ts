import type { RuledChannel } from '../networks/find-rules.ts';
import { findRules } from '../networks/find-rules.ts';
import type { NetworkRules } from '../networks/network-rules.ts';
import { splitThread } from './split-thread.ts';

/** A rule that the network would refuse the caption for, or that people trip over; numbers are in the rule's own unit. */
export interface CaptionProblem {
  ruleId: string;
  /** error: it cannot go out like this. warning: it can. */
  severity: 'error' | 'warning';
  limit: number;
  actual: number;
  /** What to do, as a sentence. */
  fix: string;
  /** Of a text that is too long, on networks that take threads: the parts that would fit. */
  splitParts?: readonly string[];
  /** Which part it is about, from 0; absent where it is about the thread or the pictures. */
  partIndex?: number;
  /** It is about a picture, not about what is written. */
  isAboutPictures?: true;
}

export interface CaptionCheck {
  /** The length of the longest part, as the network counts. */
  count: number;
  /** The longest that a part may be. */
  limit: number;
  problems: CaptionProblem[];
}

/** A picture of a post, as far as rules are about it. */
export interface CheckedPicture {
  altText: string | null;
}

/** Runs the network's own counters over a caption: what passes here is not refused for what it says. */
export function checkCaption(
  channel: RuledChannel,
  parts: readonly string[],
  pictures: readonly CheckedPicture[],
): CaptionCheck {
  const rules = findRules(channel);
  if (!rules) return { count: 0, limit: 0, problems: [unknownNetwork()] };
  const problems = [
    ...threadProblems(rules, parts),
    ...parts.flatMap((text, partIndex) => {
      const found = isEmpty(text)
        ? emptyProblems(partIndex, parts.length, pictures.length)
        : textProblems(rules, text, partIndex, parts.length);
      return found.map((problem) => ({ ...problem, partIndex }));
    }),
    ...pictureProblems(rules, pictures).map((problem) => ({ ...problem, isAboutPictures: true as const })),
  ];
  return { count: Math.max(0, ...countParts(rules, parts)), limit: rules.maxLength, problems };
}

/** The length of each part in the network's unit, as the network counts. */
export function countParts({ countText }: NetworkRules, parts: readonly string[]): number[] {
  return parts.map((text) => countText(text));
}

/**
 * The first rule that keeps a caption from going out, for those who are about to send it: rules and limits may have changed
 * since it was scheduled. Not to be asked once a part may have reached the network.
 */
export function findBrokenRule(
  channel: RuledChannel,
  parts: readonly string[],
  pictures: readonly CheckedPicture[],
): CaptionProblem | undefined {
  return checkCaption(channel, parts, pictures).problems.find(({ severity }) => severity === 'error');
}

function unknownNetwork(): CaptionProblem {
  const fix = 'This server cannot publish to the network of this channel. Choose another channel.';
  return error('network_unknown', 0, 0, fix);
}

const isEmpty = (text: string) => text.trim() === '';

function threadProblems({ name, maxParts }: NetworkRules, parts: readonly string[]): CaptionProblem[] {
  if (parts.length <= maxParts) return [];
  const fix =
    maxParts === 1
      ? `${name} takes no threads. Put everything into one part.`
      : `${name} takes at most ${maxParts} parts. Join or drop some.`;
  return [error('thread_parts', maxParts, parts.length, fix)];
}

/** A picture may go out without words. */
function emptyProblems(index: number, partCount: number, pictureCount: number): CaptionProblem[] {
  if (partCount === 1 && pictureCount > 0) return [];
  return [error('text_empty', 1, 0, `Write ${partName(index, partCount)}, or leave it out.`)];
}

const partName = (index: number, partCount: number) => (partCount > 1 ? `part ${index + 1}` : 'the text');

function textProblems(rules: NetworkRules, text: string, index: number, partCount: number): CaptionProblem[] {
  const part = partName(index, partCount);
  const problems = rules.textRules.flatMap(({ id, severity, limit, count, fix }): CaptionProblem[] => {
    const actual = count(text);
    return actual > limit ? [{ ruleId: id, severity, limit, actual, fix: fix({ part, limit, actual }) }] : [];
  });
  return problems.some(isAboutLength) ? offerSplit(rules, text, partCount, problems) : problems;
}

const isAboutLength = ({ ruleId }: CaptionProblem) => ruleId === 'text_length' || ruleId === 'text_bytes';

/** A text that is too long for one part may still make a thread. */
function offerSplit(
  rules: NetworkRules,
  text: string,
  partCount: number,
  problems: CaptionProblem[],
): CaptionProblem[] {
  const splitParts = rules.maxParts > 1 ? splitThread(rules, text) : undefined;
  if (!splitParts || partCount - 1 + splitParts.length > rules.maxParts) return problems;
  return problems.map((problem) =>
    isAboutLength(problem)
      ? {
          ...problem,
          fix: `${problem.fix} Or give it as ${splitParts.length} parts of a thread.`,
          splitParts,
        }
      : problem,
  );
}

function pictureProblems(rules: NetworkRules, pictures: readonly CheckedPicture[]): CaptionProblem[] {
  const { name, pictures: limits } = rules;
  const problems: CaptionProblem[] = [];
  if (pictures.length > limits.maxCount) {
    const fix = `${name} takes at most ${limits.maxCount} pictures. Leave some out for it.`;
    problems.push(error('picture_count', limits.maxCount, pictures.length, fix));
  }
  if (limits.isRequired && pictures.length === 0) {
    problems.push(error('picture_missing', 1, 0, `${name} takes no post without a picture. Add one.`));
  }
  return [...problems, ...altProblems(rules, pictures)];
}

function altProblems(
  { name, pictures: { maxAltLength } }: NetworkRules,
  pictures: readonly CheckedPicture[],
): CaptionProblem[] {
  const problems: CaptionProblem[] = [];
  const longest = Math.max(0, ...pictures.map(({ altText }) => altText?.length ?? 0));
  if (longest > maxAltLength) {
    const fix = `Shorten the description of a picture by ${longest - maxAltLength} characters: ${name} takes ${maxAltLength}.`;
    problems.push(error('alt_length', maxAltLength, longest, fix));
  }
  const missing = pictures.filter(({ altText }) => isEmpty(altText ?? '')).length;
  if (missing > 0) {
    const which = missing === 1 ? 'the picture that has' : `the ${missing} pictures that have`;
    const fix = `Describe ${which} no alt text, for people who cannot see it.`;
    problems.push({ ruleId: 'alt_missing', severity: 'warning', limit: 0, actual: missing, fix });
  }
  return problems;
}

const error = (ruleId: string, limit: number, actual: number, fix: string): CaptionProblem => ({
  ruleId,
  severity: 'error',
  limit,
  actual,
  fix,
});
