import { findUrls } from './twitter-text.ts';

export const HASHTAG = /(?<![\p{L}\p{M}\p{N}_&/])[#＃](?=[\p{N}_]*[\p{L}\p{M}])[\p{L}\p{M}\p{N}_]+/gu;
export const MENTION = /(?<![\p{L}\p{M}\p{N}_/.])@[\p{L}\p{N}_](?:[\p{L}\p{N}_.]*[\p{L}\p{N}_])?/gu;
const HTTP_LINK = /https?:\/\/[^\s"<>]+/giu;
export const CASHTAG = /(?<![\p{L}\p{M}\p{N}_$])\$[A-Za-z]{1,6}(?:[._][A-Za-z]{1,2})?(?![\p{L}\p{N}_$])/gu;
/** Of the written languages that put spaces between words: in the others, text follows a link without one. */
const LINK_CHARACTER = String.raw`[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Arabic}\p{Script=Hebrew}\p{M}\p{N}\-._~:/?#\[\]@!$&'()*+,;=%]`;
const WHOLE_LINK = new RegExp(String.raw`https?:\/\/${LINK_CHARACTER}+`, 'giu');
const BARE_DOMAIN = new RegExp(
  String.raw`(?<![\p{L}\p{N}-])[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+(?:[/?#]${LINK_CHARACTER}*)?`,
  'gu',
);
const ADDRESS = /@[\p{L}\p{N}_](?:[\p{L}\p{N}_.@-]*[\p{L}\p{N}_])?/gu;

/** Hashtags with their sign; what stands in a link is none. */
export function findHashtags(text: string): string[] {
  return text.replaceAll(HTTP_LINK, ' ').match(HASHTAG) ?? [];
}

/** Mentions with their sign; an e-mail address is none. */
export function findMentions(text: string): string[] {
  return text.replaceAll(HTTP_LINK, ' ').match(MENTION) ?? [];
}

/** Different links, with and without https:// in front. */
export function findLinks(text: string): string[] {
  return [...new Set(findUrls(text))];
}

/** From (inclusive) and to (exclusive), as offsets into the string. */
export type Span = readonly [number, number];

/** Links, mentions, hashtags and cashtags: what a text is not to be cut in. They may overlap. */
export function findEntitySpans(text: string): Span[] {
  const patterns = [WHOLE_LINK, BARE_DOMAIN, ADDRESS, HASHTAG, CASHTAG];
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(({ index, 0: found }): Span => [index, index + found.length]),
  );
}
