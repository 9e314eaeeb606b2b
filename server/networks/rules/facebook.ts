import { composeRules } from '../compose-rules.ts';
import type { RuleSource } from '../network-rules.ts';
import { countUtf16Units } from '../text-length.ts';

const CHECKED_AT = '2026-11-21';
const FEED: RuleSource = {
  url: 'https://developers.facebook.com/docs/graph-api/reference/page/feed',
  checkedAt: CHECKED_AT,
};

export const facebook = composeRules({
  id: 'facebook',
  name: 'Facebook',
  maxLength: 63_206,
  unit: 'characters',
  countText: countUtf16Units,
  maxParts: 1,
  threadSource: FEED,
  pictures: {
    maxCount: 10,
    isRequired: false,
    mimeTypes: ['image/jpeg', 'image/png'],
    // The page says 4 MB; a PNG over 1 MB may look pixelated.
    maxBytes: 4_000_000,
    maxWidth: 2048,
    maxHeight: 2048,
    maxAltLength: 1000,
    source: {
      url: 'https://developers.facebook.com/docs/graph-api/reference/page/photos',
      checkedAt: CHECKED_AT,
    },
  },
  source: FEED,
});
