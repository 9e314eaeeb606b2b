// The limit is on what people see, so the escapes and templates of the format on the wire (../little-text.ts) do not count.
// The network does not say what a character is; UTF-16 code units are the most that any count gives.
import { composeRules } from '../compose-rules.ts';
import { readVisibleText } from '../little-text.ts';
import type { RuleSource } from '../network-rules.ts';
import { countUtf16Units } from '../text-length.ts';

const CHECKED_AT = '2026-11-21';
const POSTS: RuleSource = {
  url: 'https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/posts-api',
  checkedAt: CHECKED_AT,
};

export const linkedin = composeRules({
  id: 'linkedin',
  name: 'LinkedIn',
  maxLength: 3000,
  unit: 'characters',
  countText: (text) => countUtf16Units(readVisibleText(text)),
  maxParts: 1,
  threadSource: POSTS,
  pictures: {
    maxCount: 20,
    isRequired: false,
    mimeTypes: ['image/jpeg', 'image/png', 'image/gif'],
    maxBytes: 5_000_000,
    // Fewer than 36,152,320 pixels in all.
    maxWidth: 6000,
    maxHeight: 6000,
    maxAltLength: 4086,
    source: {
      url: 'https://learn.microsoft.com/en-us/linkedin/marketing/community-management/shares/images-api',
      checkedAt: CHECKED_AT,
    },
  },
  source: POSTS,
});
