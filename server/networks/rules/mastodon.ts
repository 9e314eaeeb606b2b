// Every server sets its own limits: `own_limits` holds what it says under `configuration` in GET /api/v2/instance, by its own
// names; what it leaves out is Mastodon's default. A link counts as if it had 23 characters, of a mention only the name
// counts, and the rest by graphemes.
import { z } from 'zod';

import { composeRules } from '../compose-rules.ts';
import type { NetworkRules, RuleSource } from '../network-rules.ts';
import { countGraphemes } from '../text-length.ts';
import { findHttpUrlSpans } from '../twitter-text.ts';

const CHECKED_AT = '2026-11-21';
const INSTANCE: RuleSource = {
  url: 'https://docs.joinmastodon.org/entities/Instance/',
  checkedAt: CHECKED_AT,
};
const POSTING: RuleSource = { url: 'https://docs.joinmastodon.org/user/posting/', checkedAt: CHECKED_AT };

const limit = (fallback: number, max: number) => z.int().min(1).max(max).catch(fallback);
const ownLimitsSchema = z.object({
  max_characters: limit(500, 1_000_000),
  characters_reserved_per_url: limit(23, 1000),
  max_media_attachments: limit(4, 100),
  description_limit: limit(1500, 100_000),
  image_size_limit: limit(16_777_216, 1_000_000_000),
  image_matrix_limit: limit(33_177_600, 1_000_000_000),
});
type OwnLimits = z.infer<typeof ownLimitsSchema>;
const DEFAULTS: OwnLimits = ownLimitsSchema.parse({});

/** With the domain, which is free. Only what is known to be a link before is taken out of the search. */
const REMOTE_MENTION =
  /(?<![=/\p{L}\p{N}_])(@[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?)@[\p{L}\p{M}\p{N}_.-]+(?<=[\p{L}\p{M}\p{N}_])/giu;

export function makeMastodonRules(ownLimits?: unknown): NetworkRules {
  const own = ownLimitsSchema.safeParse(ownLimits).data ?? DEFAULTS;
  const perLink = own.characters_reserved_per_url;
  // The longest side of a square of so many pixels; beyond 4096 no screen shows more.
  const maxSide = Math.min(4096, Math.floor(Math.sqrt(own.image_matrix_limit)));
  return composeRules({
    id: 'mastodon',
    name: 'Mastodon',
    maxLength: own.max_characters,
    unit: 'characters',
    countText: (text) => countGraphemes(toCountable(text, perLink)),
    countedAs: ` (a link counts ${perLink}, @name@server counts as @name)`,
    maxParts: 25,
    threadSource: POSTING,
    pictures: {
      maxCount: own.max_media_attachments,
      isRequired: false,
      mimeTypes: ['image/jpeg', 'image/png', 'image/webp', 'image/gif'],
      maxBytes: own.image_size_limit,
      maxWidth: maxSide,
      maxHeight: maxSide,
      maxAltLength: own.description_limit,
      source: INSTANCE,
    },
    source: ownLimits == null ? POSTING : INSTANCE,
  });
}

/** What the network puts in the place of links and mentions before it counts. */
function toCountable(text: string, perLink: number): string {
  let countable = '';
  let end = 0;
  for (const [from, to] of findHttpUrlSpans(text)) {
    countable += withoutDomains(text.slice(end, from)) + 'x'.repeat(perLink);
    end = to;
  }
  return countable + withoutDomains(text.slice(end));
}

const withoutDomains = (text: string) => text.replaceAll(REMOTE_MENTION, '$1');

export const mastodon = makeMastodonRules();
