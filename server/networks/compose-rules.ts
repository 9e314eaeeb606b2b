import { countUtf8Bytes } from './text-length.ts';
import type { NetworkRules, PictureLimits, Rule, RuleSource, TextRule } from './network-rules.ts';

/** How the file of a network writes its rules down. */
export interface RulesDefinition extends Pick<NetworkRules, 'id' | 'name' | 'unit' | 'source'> {
  maxLength: number;
  /** The length of a text in `unit`, as the network counts. */
  countText(text: string): number;
  /** How it counts, to go behind `At most 280 characters`: `, a link as 23`. */
  countedAs?: string;
  maxBytes?: number;
  maxParts: number;
  /** Where `maxParts` stands. */
  threadSource: RuleSource;
  /** What else is asked of a text. */
  textRules?: readonly TextRule[];
  pictures: PictureLimits;
}

const ALT_TEXT_SOURCE: RuleSource = {
  url: 'https://www.w3.org/WAI/WCAG22/Understanding/non-text-content.html',
  checkedAt: '2026-11-21',
};

/** Completes a network's own rules by those that all have: a length, a thread, pictures and their descriptions. */
export function composeRules(definition: RulesDefinition): NetworkRules {
  const { countedAs: _countedAs, threadSource: _threadSource, textRules = [], ...limits } = definition;
  return {
    ...limits,
    textRules: [lengthRule(definition), ...bytesRule(definition), ...textRules],
    otherRules: [emptyRule(definition), threadRule(definition), ...pictureRules(definition)],
  };
}

function lengthRule({ name, maxLength, unit, countedAs = '', countText, source }: RulesDefinition): TextRule {
  return {
    id: 'text_length',
    severity: 'error',
    limit: maxLength,
    unit,
    says: `At most ${maxLength} ${unit}${countedAs}.`,
    source,
    count: countText,
    fix: ({ part, limit, actual }) => `Shorten ${part} by ${actual - limit} ${unit}: ${name} takes ${limit}.`,
  };
}

function bytesRule({ name, maxBytes, source }: RulesDefinition): TextRule[] {
  if (maxBytes === undefined) return [];
  return [
    {
      id: 'text_bytes',
      severity: 'error',
      limit: maxBytes,
      unit: 'UTF-8 bytes',
      says: `At most ${maxBytes} bytes in UTF-8.`,
      source,
      count: countUtf8Bytes,
      fix: ({ part, limit, actual }) =>
        `Shorten ${part}: ${name} takes ${limit} bytes, and these characters take ${actual}.`,
    },
  ];
}

function emptyRule({ source }: RulesDefinition): Rule {
  const says = 'A text, unless there is a picture; no empty parts in a thread.';
  return { id: 'text_empty', severity: 'error', limit: 1, unit: 'characters', says, source };
}

function threadRule({ maxParts, threadSource: source }: RulesDefinition): Rule {
  const says = maxParts === 1 ? 'No threads: one text.' : `A thread of at most ${maxParts} parts.`;
  return { id: 'thread_parts', severity: 'error', limit: maxParts, unit: 'parts', says, source };
}

function pictureRules({ pictures }: RulesDefinition): Rule[] {
  const { maxCount, isRequired, maxBytes, maxWidth, maxHeight, maxAltLength, source } = pictures;
  const ofPictures = (id: string, limit: number, unit: string, says: string): Rule => ({
    id,
    severity: 'error',
    limit,
    unit,
    says,
    source,
  });
  const types = pictures.mimeTypes.map((type) => type.slice('image/'.length).toUpperCase()).join(', ');
  return [
    ofPictures('picture_count', maxCount, 'pictures', `At most ${maxCount} pictures.`),
    ...(isRequired ? [ofPictures('picture_missing', 1, 'pictures', 'No post without a picture.')] : []),
    ofPictures(
      'picture_size',
      maxBytes,
      'bytes',
      `Pictures as ${types}, at most ${maxWidth} x ${maxHeight} pixels and ${Math.floor(maxBytes / 1000)} KB; others are converted.`,
    ),
    ofPictures(
      'alt_length',
      maxAltLength,
      'characters',
      `At most ${maxAltLength} characters describe a picture.`,
    ),
    {
      id: 'alt_missing',
      severity: 'warning',
      limit: 0,
      unit: 'pictures',
      says: 'Every picture has a description for people who cannot see it.',
      source: ALT_TEXT_SOURCE,
    },
  ];
}
