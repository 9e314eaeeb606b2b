import { checkCaption } from '../posts/check-caption.ts';
import type { CaptionProblem } from '../posts/check-caption.ts';
import type { NetworkBrief } from './caption-brief.ts';

const sentences = new Intl.Segmenter('en', { granularity: 'sentence' });

/** A caption stands without pictures, which are chosen later: one is assumed, so that the text alone is judged. */
const A_PICTURE = [{ altText: 'described' }];

/** What keeps a text from going out on the network, and its length there. */
export function judgeCaption(
  { channel }: Pick<NetworkBrief, 'channel'>,
  text: string,
): { count: number; limit: number; errors: CaptionProblem[] } {
  const { count, limit, problems } = checkCaption(channel, [text], A_PICTURE);
  return { count, limit, errors: problems.filter(({ severity }) => severity === 'error') };
}

/** The first sentences, as many as break no rule; undefined when not even one does. */
export function shortenCaption(network: Pick<NetworkBrief, 'channel'>, text: string): string | undefined {
  const ends = [...sentences.segment(text)].map(({ index, segment }) => index + segment.length);
  for (const end of ends.toReversed()) {
    const shorter = text.slice(0, end).trim();
    if (shorter && judgeCaption(network, shorter).errors.length === 0) return shorter;
  }
  return undefined;
}
