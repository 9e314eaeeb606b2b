// How X counts: https://docs.x.com/fundamentals/counting-characters; the counter is X's own library (../twitter-text.ts),
// whose list of top-level domains is of 2020: a bare domain under a younger one counts by its characters, not as 23.
// Long posts of paying accounts are a fact of the account: `own_limits.max_characters`, 280 unless it says so.
import { z } from 'zod';

import { composeRules } from '../compose-rules.ts';
import type { NetworkRules, RuleSource } from '../network-rules.ts';
import { findLinks } from '../text-entities.ts';
import { countWeighted, findCashtags } from '../twitter-text.ts';
import { writeMills, X_LINK_POST_MILLS, X_POST_MILLS, X_PRICE_SOURCE } from '../x-price.ts';

const CHECKED_AT = '2026-11-21';
const COUNTING: RuleSource = {
  url: 'https://docs.x.com/fundamentals/counting-characters',
  checkedAt: CHECKED_AT,
};
const POSTING: RuleSource = {
  url: 'https://docs.x.com/x-api/posts/manage-tweets/integrate',
  checkedAt: CHECKED_AT,
};

const ownLimitsSchema = z.object({ max_characters: z.int().min(1).max(25_000).catch(280) });

export function makeXRules(ownLimits?: unknown): NetworkRules {
  const own = ownLimitsSchema.safeParse(ownLimits);
  return composeRules({
    id: 'x',
    name: 'X',
    maxLength: own.success ? own.data.max_characters : 280,
    unit: 'characters',
    countText: countWeighted,
    countedAs: ' (a link counts 23, an emoji 2, a Chinese, Japanese or Korean character 2)',
    maxParts: 25,
    threadSource: { url: 'https://help.x.com/en/using-x/create-a-thread', checkedAt: CHECKED_AT },
    textRules: [
      {
        id: 'cashtag_count',
        severity: 'error',
        limit: 1,
        unit: 'cashtags',
        says: 'At most 1 cashtag ($ABC).',
        source: POSTING,
        count: (text) => findCashtags(text).length,
        fix: ({ part, limit, actual }) =>
          `Take ${actual - limit} of the cashtags out of ${part}: X takes ${limit} from other programs.`,
      },
      {
        id: 'link_price',
        severity: 'warning',
        limit: 0,
        unit: 'links',
        says: `X charges ${writeMills(X_POST_MILLS)} a post, ${writeMills(X_LINK_POST_MILLS)} with a link.`,
        source: X_PRICE_SOURCE,
        count: (text) => findLinks(text).length,
        fix: ({ part }) =>
          `X charges whoever runs this server ${writeMills(X_LINK_POST_MILLS)} for ${part}, because of the link; ${writeMills(X_POST_MILLS)} without.`,
      },
    ],
    pictures: {
      maxCount: 4,
      isRequired: false,
      mimeTypes: ['image/jpeg', 'image/png', 'image/webp'],
      maxBytes: 5_000_000,
      maxWidth: 4096,
      maxHeight: 4096,
      maxAltLength: 1000,
      source: { url: 'https://docs.x.com/x-api/media/quickstart/best-practices', checkedAt: CHECKED_AT },
    },
    source: COUNTING,
  });
}

export const x = makeXRules();
