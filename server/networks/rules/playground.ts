// The network inside the server: its limits are this server's own, near to those of Mastodon.
import { composeRules } from '../compose-rules.ts';
import type { RuleSource } from '../network-rules.ts';
import { countGraphemes } from '../text-length.ts';

const OWN: RuleSource = { url: '/playground', checkedAt: '2026-11-21' };

export const playground = composeRules({
  id: 'playground',
  name: 'Playground',
  maxLength: 500,
  unit: 'graphemes',
  countText: countGraphemes,
  countedAs: ' (characters as people count them: an emoji is one)',
  maxParts: 25,
  threadSource: OWN,
  pictures: {
    maxCount: 4,
    isRequired: false,
    mimeTypes: ['image/jpeg', 'image/png', 'image/webp'],
    maxBytes: 5_000_000,
    maxWidth: 2048,
    maxHeight: 2048,
    maxAltLength: 2000,
    source: OWN,
  },
  source: OWN,
});
