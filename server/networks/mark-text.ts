import { markBlueskyText } from './bluesky-facets.ts';
import type { NetworkId } from './network-rules.ts';
import { CASHTAG, HASHTAG, MENTION, type Span } from './text-entities.ts';
import { findHttpUrlSpans, findUrlSpans } from './twitter-text.ts';

export type MarkKind = 'text' | 'link' | 'mention' | 'hashtag' | 'cashtag';

/** A stretch of a text; one after the other they are the text. */
export interface MarkedRun {
  kind: MarkKind;
  text: string;
}

interface Marks {
  /** http: only with http:// or https:// in front. */
  links: 'all' | 'http' | 'none';
  others: readonly (readonly [MarkKind, RegExp])[];
  /** The network draws a card from the page of the first link, without being asked to. */
  drawsCards?: true;
}

const REMOTE_MENTION =
  /(?<![=/\p{L}\p{N}_.])@[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?(?:@[\p{L}\p{N}.-]*[\p{L}\p{N}])?/giu;

/** What each network makes of a text. Names that it does not know stay plain text there; nobody is asked for a preview. */
const MARKS: Readonly<Record<Exclude<NetworkId, 'bluesky'>, Marks>> = {
  playground: { links: 'all', others: [mentions(), hashtags()] },
  x: { links: 'all', others: [mentions(), hashtags(), ['cashtag', CASHTAG]], drawsCards: true },
  mastodon: { links: 'http', others: [['mention', REMOTE_MENTION], hashtags()], drawsCards: true },
  threads: { links: 'all', others: [mentions(), hashtags()], drawsCards: true },
  // A mention there is a template with a number, which is no part of what people read.
  linkedin: { links: 'all', others: [hashtags()] },
  facebook: { links: 'all', others: [hashtags()] },
  instagram: { links: 'none', others: [mentions(), hashtags()] },
};

function mentions(): readonly [MarkKind, RegExp] {
  return ['mention', MENTION];
}

function hashtags(): readonly [MarkKind, RegExp] {
  return ['hashtag', HASHTAG];
}

/** A text as a network shows it: what leads somewhere there, and what does not. */
export async function markText(network: NetworkId, text: string): Promise<MarkedRun[]> {
  if (network === 'bluesky') return markBlueskyText(text);
  const { links, others } = MARKS[network];
  const spans = [
    ...findLinkSpans(links, text).map((span) => ({ kind: 'link' as const, span })),
    ...others.flatMap(([kind, pattern]) =>
      [...text.matchAll(pattern)].map(({ index, 0: { length } }) => ({
        kind,
        span: [index, index + length] as const,
      })),
    ),
  ];
  return toRuns(text, spans);
}

/** The host of the page that the network would draw a card from; null where it draws none. */
export function findCardHost(network: NetworkId, text: string): string | null {
  if (network === 'bluesky' || !MARKS[network].drawsCards) return null;
  const [first] = findLinkSpans(MARKS[network].links, text);
  if (!first) return null;
  const link = text.slice(...first);
  return URL.parse(/^https?:\/\//i.test(link) ? link : `https://${link}`)?.host ?? null;
}

function findLinkSpans(links: Marks['links'], text: string): readonly Span[] {
  if (links === 'none') return [];
  return links === 'all' ? findUrlSpans(text) : findHttpUrlSpans(text);
}

/** Of marks that overlap, the one that begins first stays; of those, the one named first. */
function toRuns(text: string, marks: readonly { kind: MarkKind; span: Span }[]): MarkedRun[] {
  const runs: MarkedRun[] = [];
  let end = 0;
  const add = (kind: MarkKind, from: number, to: number) => {
    if (to > from) runs.push({ kind, text: text.slice(from, to) });
    end = to;
  };
  for (const { kind, span } of marks.toSorted((a, b) => a.span[0] - b.span[0])) {
    if (span[0] < end) continue;
    add('text', end, span[0]);
    add(kind, ...span);
  }
  add('text', end, text.length);
  return runs;
}
