import { composeRules } from '../compose-rules.ts';
import type { RuleSource } from '../network-rules.ts';
import { countGraphemes } from '../text-length.ts';

const CHECKED_AT = '2026-11-21';
const LEXICONS = 'https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky';
const POST: RuleSource = { url: `${LEXICONS}/feed/post.json`, checkedAt: CHECKED_AT };
const FACET: RuleSource = { url: `${LEXICONS}/richtext/facet.json`, checkedAt: CHECKED_AT };
const MAX_TAG_LENGTH = 64;

/** What may become a tag: from a # at the start of a word to the next space. */
const TAG = /(?<!\S)[#＃](\S*[^\d\s\p{P}]\S*)/gu;

export const bluesky = composeRules({
  id: 'bluesky',
  name: 'Bluesky',
  maxLength: 300,
  unit: 'graphemes',
  countText: countGraphemes,
  countedAs: ' (characters as people count them: an emoji is one; a link counts in full)',
  maxBytes: 3000,
  maxParts: 25,
  threadSource: POST,
  textRules: [
    {
      id: 'hashtag_length',
      severity: 'warning',
      limit: MAX_TAG_LENGTH,
      unit: 'graphemes',
      says: `A hashtag of at most ${MAX_TAG_LENGTH} characters; a longer one stays plain text.`,
      source: FACET,
      count: (text) =>
        Math.max(0, ...[...text.matchAll(TAG)].map(([, tag]) => countGraphemes(trimTag(tag!)))),
      fix: ({ part, limit, actual }) =>
        `Shorten the hashtag of ${actual} characters in ${part}: over ${limit} it is plain text.`,
    },
  ],
  pictures: {
    maxCount: 4,
    isRequired: false,
    mimeTypes: ['image/jpeg', 'image/png', 'image/webp'],
    // 2,000,000 by the lexicon; an older server takes 1,000,000.
    maxBytes: 976_000,
    maxWidth: 2000,
    maxHeight: 2000,
    // The lexicon sets none; this is what the network's own app takes.
    maxAltLength: 2000,
    source: { url: `${LEXICONS}/embed/images.json`, checkedAt: CHECKED_AT },
  },
  source: POST,
});

const trimTag = (tag: string) => tag.replace(/\p{P}+$/u, '');
