import type { RuledChannel } from '../networks/find-rules.ts';
import { findRules } from '../networks/find-rules.ts';
import type { NetworkRules } from '../networks/network-rules.ts';
import { countUtf8Bytes } from '../networks/text-length.ts';

/** A rule that the network would refuse the caption for, or that people trip over; numbers are in the rule's own unit. */
export interface CaptionProblem {
  ruleId: string;
  /** error: it cannot go out like this. warning: it can. */
  severity: 'error' | 'warning';
  limit: number;
  actual: number;
  /** What to do, as a sentence. */
  fix: string;
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
  const counts = parts.map((text) => rules.countText(text));
  const problems = [
    ...threadProblems(rules, parts),
    ...parts.flatMap((text, index) => partProblems(rules, text, counts[index]!, index, parts.length)),
    ...pictureProblems(rules, pictures),
  ];
  return { count: Math.max(0, ...counts), limit: rules.maxLength, problems };
}

function unknownNetwork(): CaptionProblem {
  const fix = 'This server cannot publish to the network of this channel. Choose another channel.';
  return error('network_unknown', 0, 0, fix);
}

function threadProblems({ name, maxParts }: NetworkRules, parts: readonly string[]): CaptionProblem[] {
  if (parts.length <= maxParts) return [];
  const fix =
    maxParts === 1
      ? `${name} takes no threads. Put everything into one part.`
      : `${name} takes at most ${maxParts} parts. Join or drop some.`;
  return [error('thread_parts', maxParts, parts.length, fix)];
}

function partProblems(
  { name, maxLength, maxBytes, unit }: NetworkRules,
  text: string,
  count: number,
  index: number,
  partCount: number,
): CaptionProblem[] {
  const part = partCount > 1 ? `part ${index + 1}` : 'the text';
  if (text.trim() === '') return [error('text_empty', 1, 0, `Write ${part}, or leave it out.`)];
  const problems: CaptionProblem[] = [];
  if (count > maxLength) {
    const fix = `Shorten ${part} by ${count - maxLength} ${unit}: ${name} takes ${maxLength}.`;
    problems.push(error('text_length', maxLength, count, fix));
  }
  const bytes = maxBytes === undefined ? 0 : countUtf8Bytes(text);
  if (maxBytes !== undefined && bytes > maxBytes) {
    const fix = `Shorten ${part}: ${name} takes ${maxBytes} bytes, and these characters take ${bytes}.`;
    problems.push(error('text_bytes', maxBytes, bytes, fix));
  }
  return problems;
}

function pictureProblems(
  { name, pictures: limits }: NetworkRules,
  pictures: readonly CheckedPicture[],
): CaptionProblem[] {
  if (pictures.length > limits.maxCount) {
    const fix = `${name} takes at most ${limits.maxCount} pictures. Leave some out for it.`;
    return [error('picture_count', limits.maxCount, pictures.length, fix)];
  }
  if (limits.isRequired && pictures.length === 0) {
    return [error('picture_missing', 1, 0, `${name} takes no post without a picture. Add one.`)];
  }
  return [];
}

const error = (ruleId: string, limit: number, actual: number, fix: string): CaptionProblem => ({
  ruleId,
  severity: 'error',
  limit,
  actual,
  fix,
});
