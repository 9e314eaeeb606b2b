import type { Context } from '../context.ts';
import type { Network } from '../networks/network.ts';
import { countUtf8Bytes } from '../networks/text-length.ts';

export type CaptionRule = 'text_empty' | 'text_length' | 'text_bytes' | 'thread_parts' | 'network_unknown';

/** A rule that the network would refuse the caption for; the numbers are in the rule's own unit. */
export interface CaptionProblem {
  ruleId: CaptionRule;
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

/** Runs the network's own counters over a caption: what passes here is not refused for its text. */
export function checkCaption(context: Context, networkId: string, parts: readonly string[]): CaptionCheck {
  const network = context.networks.get(networkId);
  if (!network) return { count: 0, limit: 0, problems: [unknownNetwork()] };
  const counts = parts.map((text) => network.countText(text));
  const problems = [
    ...threadProblems(network, parts),
    ...parts.flatMap((text, index) => partProblems(network, text, counts[index]!, index, parts.length)),
  ];
  return { count: Math.max(0, ...counts), limit: network.limits.maxLength, problems };
}

function unknownNetwork(): CaptionProblem {
  const fix = 'This server cannot publish to the network of this channel. Choose another channel.';
  return { ruleId: 'network_unknown', limit: 0, actual: 0, fix };
}

function threadProblems({ name, limits }: Network, parts: readonly string[]): CaptionProblem[] {
  if (parts.length <= limits.maxParts) return [];
  const fix =
    limits.maxParts === 1
      ? `${name} takes no threads. Put everything into one part.`
      : `${name} takes at most ${limits.maxParts} parts. Join or drop some.`;
  return [{ ruleId: 'thread_parts', limit: limits.maxParts, actual: parts.length, fix }];
}

function partProblems(
  { name, limits }: Network,
  text: string,
  count: number,
  index: number,
  partCount: number,
): CaptionProblem[] {
  const part = partCount > 1 ? `part ${index + 1}` : 'the text';
  if (text.trim() === '') {
    return [{ ruleId: 'text_empty', limit: 1, actual: 0, fix: `Write ${part}, or leave it out.` }];
  }
  const problems: CaptionProblem[] = [];
  if (count > limits.maxLength) {
    const fix = `Shorten ${part} by ${count - limits.maxLength} ${limits.unit}: ${name} takes ${limits.maxLength}.`;
    problems.push({ ruleId: 'text_length', limit: limits.maxLength, actual: count, fix });
  }
  const bytes = limits.maxBytes === undefined ? 0 : countUtf8Bytes(text);
  if (limits.maxBytes !== undefined && bytes > limits.maxBytes) {
    const fix = `Shorten ${part}: ${name} takes ${limits.maxBytes} bytes, and these characters take ${bytes}.`;
    problems.push({ ruleId: 'text_bytes', limit: limits.maxBytes, actual: bytes, fix });
  }
  return problems;
}
