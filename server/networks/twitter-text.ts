import { createRequire } from 'node:module';

import type TwitterText from 'twitter-text';

const require = createRequire(import.meta.url);
let loaded: typeof TwitterText | undefined;

/** Loaded on first use, because it takes 65 to 120 ms and most processes never need it. */
function twitterText(): typeof TwitterText {
  loaded ??= require('twitter-text') as typeof TwitterText;
  return loaded;
}

// X's own parser of texts (https://github.com/twitter/twitter-text, version 3 of its configuration). Its last release is of
// 2020: domains that ended differently by then, and emoji sequences made since, it counts character by character.
// Its search for links takes time with the square of the length: a hostile text, or a long one in Chinese with a link in it,
// would hold up the process for seconds. No link goes over a space, nor is a host longer than 253 characters, so it gets a
// text piece by piece. A text is asked about several times in a row: the last answer is kept.

/** The weighted length: a link 23, an emoji and most of what is not of a Latin, Greek or Cyrillic kind 2, after NFC. */
export const countWeighted = rememberLast((text) =>
  cutAtSpaces(text.normalize('NFC')).reduce(
    (sum, piece) => sum + twitterText().parseTweet(piece.text).weightedLength,
    0,
  ),
);

/** Symbols of shares with their sign left out: `ABC` for `$ABC`. */
export const findCashtags = rememberLast((text): readonly string[] => twitterText().extractCashtags(text));

/** Links with and without https:// in front. */
export const findUrls = rememberLast((text): readonly string[] =>
  cutAtSpaces(text).flatMap((piece) => twitterText().extractUrls(piece.text)),
);

/** From (inclusive) and to (exclusive) of links with http:// or https:// in front, as offsets into the string. */
export const findHttpUrlSpans = rememberLast((text) =>
  text.includes('://') ? findSpans(text, { extractUrlsWithoutProtocol: false }) : [],
);

/** As `findHttpUrlSpans`, with and without https:// in front. */
export const findUrlSpans = rememberLast((text) => findSpans(text, { extractUrlsWithoutProtocol: true }));

function findSpans(
  text: string,
  options: { extractUrlsWithoutProtocol: boolean },
): readonly (readonly [number, number])[] {
  return cutAtSpaces(text).flatMap((piece) =>
    twitterText()
      .extractUrlsWithIndices(piece.text, options)
      .map(({ indices: [from, to] }) => [piece.at + from, piece.at + to] as const),
  );
}

function rememberLast<Answer>(ask: (text: string) => Answer): (text: string) => Answer {
  let last: { text: string; answer: Answer } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, answer: ask(text) };
    return last.answer;
  };
}

const PIECE_LENGTH = 500;
/** Of a host; what is longer without a space or slash is cut, if possible where no word or domain would be. */
const HOST = String.raw`(?:[^\s/]{1,256}(?![\w.\-@])|[^\s/]{1,256})`;
/** Of what may follow a host in a link, which has no Chinese or Japanese in it. */
const PATH = String.raw`\/[\p{Script=Latin}\p{Script=Cyrillic}\p{M}\p{N}\u{21}-\u{7e}\u{2013}]{0,3840}`;
const RUNS = new RegExp(String.raw`\s*(?:https?:\/\/)?${HOST}(?:${PATH})?|\s*${PATH}|\s+`, 'giu');

/** Pieces of about PIECE_LENGTH that together are the text. What stands before a link counts, so a space leads its word. */
function cutAtSpaces(text: string): { text: string; at: number }[] {
  const pieces: { text: string; at: number }[] = [];
  for (const { 0: run, index } of text.matchAll(RUNS)) {
    const last = pieces.at(-1);
    if (last && last.text.length + run.length <= PIECE_LENGTH) last.text += run;
    else pieces.push({ text: run, at: index });
  }
  return pieces;
}
