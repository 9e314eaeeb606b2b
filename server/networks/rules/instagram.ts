// Published limits and what is refused differ for hashtags (the page says 30, the app announced 5 in December 2025) and
// mentions (the page says 20): the lower one warns, the higher one stops.
import { composeRules } from '../compose-rules.ts';
import type { RuleSource, TextRule } from '../network-rules.ts';
import { findHashtags, findLinks, findMentions } from '../text-entities.ts';
import { countUtf16Units } from '../text-length.ts';

const CHECKED_AT = '2026-11-21';
const DOCS = 'https://developers.facebook.com/docs/instagram-platform';
const MEDIA: RuleSource = {
  url: `${DOCS}/instagram-graph-api/reference/ig-user/media`,
  checkedAt: CHECKED_AT,
};

const hashtags: Omit<TextRule, 'id' | 'severity' | 'limit' | 'says' | 'fix'> = {
  unit: 'hashtags',
  source: MEDIA,
  count: (text) => findHashtags(text).length,
};

export const instagram = composeRules({
  id: 'instagram',
  name: 'Instagram',
  maxLength: 2200,
  unit: 'characters',
  countText: countUtf16Units,
  maxParts: 1,
  threadSource: MEDIA,
  textRules: [
    {
      ...hashtags,
      id: 'hashtag_count',
      severity: 'error',
      limit: 30,
      says: 'At most 30 hashtags.',
      fix: ({ part, limit, actual }) =>
        `Take ${actual - limit} hashtags out of ${part}: Instagram takes ${limit}, and shows the post to more people with 5.`,
    },
    {
      ...hashtags,
      id: 'hashtag_advice',
      severity: 'warning',
      limit: 5,
      says: 'Better no more than 5 hashtags.',
      fix: ({ limit, actual }) =>
        `Keep ${limit} of the ${actual} hashtags: since December 2025 the app itself allows no more.`,
    },
    {
      id: 'mention_count',
      severity: 'error',
      limit: 20,
      unit: 'mentions',
      says: 'At most 20 mentions.',
      source: MEDIA,
      count: (text) => findMentions(text).length,
      fix: ({ part, limit, actual }) =>
        `Take ${actual - limit} mentions out of ${part}: Instagram takes ${limit}.`,
    },
    {
      id: 'mention_advice',
      severity: 'warning',
      limit: 3,
      unit: 'mentions',
      says: 'Better no more than 3 mentions.',
      source: MEDIA,
      count: (text) => findMentions(text).length,
      fix: ({ limit, actual }) =>
        `Keep ${limit} of the ${actual} mentions: posts with more have been refused.`,
    },
    {
      id: 'link_not_clickable',
      severity: 'warning',
      limit: 0,
      unit: 'links',
      says: 'No links: nobody can click on them in a caption.',
      source: { url: 'https://help.instagram.com/362497417173378', checkedAt: CHECKED_AT },
      count: (text) => findLinks(text).length,
      fix: () => 'Say where to find the link, such as in the profile: nobody can click on it in a caption.',
    },
  ],
  pictures: {
    maxCount: 10,
    isRequired: true,
    areFetched: true,
    mimeTypes: ['image/jpeg'],
    maxBytes: 8_000_000,
    maxWidth: 1440,
    maxHeight: 1800,
    minAspect: 0.8,
    maxAspect: 1.91,
    maxAltLength: 1000,
    source: { url: `${DOCS}/content-publishing`, checkedAt: CHECKED_AT },
  },
  source: MEDIA,
});
