import type { NetworkRules } from '../network-rules.ts';
import { countGraphemes } from '../text-length.ts';

export const playground: NetworkRules = {
  id: 'playground',
  name: 'Playground',
  maxLength: 500,
  unit: 'graphemes',
  maxParts: 25,
  countText: countGraphemes,
  pictures: {
    maxCount: 4,
    isRequired: false,
    mimeTypes: ['image/jpeg', 'image/png', 'image/webp'],
    maxBytes: 5_000_000,
    maxWidth: 2048,
    maxHeight: 2048,
    maxAltLength: 2000,
  },
  source: { url: 'https://github.com/', checkedAt: '2026-11-21' },
};
