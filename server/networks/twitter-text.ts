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
// A text is asked about several times in a row, and a hostile one takes it half a second: the last answer is kept.

/** The weighted length: a link 23, an emoji and most of what is not of a Latin, Greek or Cyrillic kind 2, after NFC. */
export const countWeighted = rememberLast((text) => twitterText().parseTweet(text).weightedLength);

/** Symbols of shares with their sign left out: `ABC` for `$ABC`. */
export const findCashtags = rememberLast((text): readonly string[] => twitterText().extractCashtags(text));

/** Links with and without https:// in front. */
export const findUrls = rememberLast((text): readonly string[] => twitterText().extractUrls(text));

/** From (inclusive) and to (exclusive) of links with http:// or https:// in front, as offsets into the string. */
export const findHttpUrlSpans = rememberLast((text): readonly (readonly [number, number])[] =>
  text.includes('://')
    ? twitterText()
        .extractUrlsWithIndices(text, { extractUrlsWithoutProtocol: false })
        .map(({ indices }) => indices)
    : [],
);

function rememberLast<Answer>(ask: (text: string) => Answer): (text: string) => Answer {
  let last: { text: string; answer: Answer } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, answer: ask(text) };
    return last.answer;
  };
}
