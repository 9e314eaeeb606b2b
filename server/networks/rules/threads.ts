// 'Emojis are counted as the number of UTF-8 bytes'; of all else the page says 'characters', taken here as code points.
import { composeRules } from '../compose-rules.ts';
import type { RuleSource } from '../network-rules.ts';
import { findHashtags, findLinks } from '../text-entities.ts';
import { countEmojiAsBytes } from '../text-length.ts';

const CHECKED_AT = '2026-11-21';
const DOCS = 'https://developers.facebook.com/documentation/threads';
const POSTS: RuleSource = { url: `${DOCS}/posts`, checkedAt: CHECKED_AT };

export const threads = composeRules({
  id: 'threads',
  name: 'Threads',
  maxLength: 500,
  unit: 'characters',
  countText: countEmojiAsBytes,
  countedAs: ' (an emoji counts as its UTF-8 bytes, 4 or more; a link counts in full)',
  maxParts: 25,
  threadSource: { url: `${DOCS}/reply-management`, checkedAt: CHECKED_AT },
  textRules: [
    {
      id: 'link_count',
      severity: 'error',
      limit: 5,
      unit: 'links',
      says: 'At most 5 different links, with or without https:// in front.',
      source: { url: `${DOCS}/create-posts/text-attachments`, checkedAt: CHECKED_AT },
      count: (text) => findLinks(text).length,
      fix: ({ part, limit, actual }) =>
        `Take ${actual - limit} links out of ${part}: Threads takes ${limit} different ones.`,
    },
    {
      id: 'hashtag_count',
      severity: 'warning',
      limit: 1,
      unit: 'topic tags',
      says: 'At most 1 hashtag: the first becomes the topic tag, the others stay plain text.',
      source: { url: `${DOCS}/create-posts/topic-tags`, checkedAt: CHECKED_AT },
      count: (text) => findHashtags(text).length,
      fix: ({ part, limit, actual }) =>
        `Keep ${limit} of the ${actual} hashtags in ${part}: Threads makes a topic tag of the first, the others are plain text.`,
    },
  ],
  pictures: {
    maxCount: 20,
    isRequired: false,
    areFetched: true,
    mimeTypes: ['image/jpeg', 'image/png'],
    maxBytes: 8_000_000,
    maxWidth: 1440,
    maxHeight: 1440,
    minAspect: 0.1,
    maxAspect: 10,
    maxAltLength: 1000,
    source: POSTS,
  },
  source: POSTS,
});
