import type { NetworkRules } from '../network-rules.ts';
import { countGraphemes } from '../text-length.ts';

export const bluesky: NetworkRules = {
  id: 'bluesky',
  name: 'Bluesky',
  maxLength: 300,
  unit: 'graphemes',
  maxBytes: 3000,
  maxParts: 25,
  countText: countGraphemes,
  pictures: {
    maxCount: 4,
    isRequired: false,
    mimeTypes: ['image/jpeg', 'image/png', 'image/webp'],
    // 2,000,000 by the lexicon; an older server takes 1,000,000.
    maxBytes: 976_000,
    maxWidth: 2000,
    maxHeight: 2000,
    maxAltLength: 2000,
  },
  source: {
    url: 'https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/post.json',
    checkedAt: '2026-11-21',
  },
};
