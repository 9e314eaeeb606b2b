import type { RouterContext } from '@koa/router';

import { invalidInput } from '../../errors.ts';
import { formField, formFields, hasFormField } from '../form-body.ts';

/** What somebody has typed and chosen, saved or not. */
export interface PostDraft {
  campaignId: string;
  /** For channels that are chosen from now on. */
  text: string;
  /** The chosen ones, in the order of the form. */
  channelIds: string[];
  /** Part by part; also of channels that are not chosen any more, so that nothing typed is lost. */
  captions: ReadonlyMap<string, string[]>;
  /** Pictures in their order. */
  mediaIds: string[];
  /** What is looked for in the library. */
  query: string;
}

const MAX_CHANNELS = 20;
const MAX_PARTS = 50;
const MAX_PICTURES = 20;
const MAX_QUERY = 100;
/** Counting is done at once, and nobody else is served meanwhile: what all channels say, and what is kept for others. */
const MAX_LENGTH = 100_000;
/** Of one text or part, as fields and tools take it. */
const MAX_TEXT = 20_000;

/** The name of the field with a part of a caption. */
export function partField(channelId: string, index: number): string {
  return `part_${channelId}_${index}`;
}

/** The name of the hidden field with the text that a caption was filled with. */
export function followsField(channelId: string): string {
  return `follows_${channelId}`;
}

/**
 * @param known channels that the form may be about
 * @param saved of a post that is there: what its form does not ask for
 * @throws AppError InvalidInput (`too_long`)
 */
export function readPostDraft(
  ctx: RouterContext,
  known: readonly string[],
  saved?: Pick<PostDraft, 'campaignId' | 'text'>,
): PostDraft {
  const chosen = new Set(formFields(ctx, 'channel'));
  const captions = known.flatMap((channelId): [string, string[]][] => {
    const parts = readParts(ctx, channelId);
    // As long as nobody touched it, it says the text for all.
    const isFollowing = parts.length === 1 && hasFormField(ctx, followsField(channelId));
    if (isFollowing && parts[0] === readText(ctx, followsField(channelId))) return [];
    return parts.length > 0 ? [[channelId, parts]] : [];
  });
  const typed = readText(ctx, 'text');
  const draft = {
    campaignId: saved ? saved.campaignId : formField(ctx, 'campaign'),
    text: saved ? saved.text : typed,
    channelIds: known.filter((channelId) => chosen.has(channelId)).slice(0, MAX_CHANNELS),
    captions: new Map(captions),
    mediaIds: [...new Set(formFields(ctx, 'media'))].slice(0, MAX_PICTURES),
    query: formField(ctx, 'find').trim().slice(0, MAX_QUERY),
  };
  assertBearable(draft, typed);
  return draft;
}

/** A short form may ask for much: every channel without words of its own says the text for all. */
function assertBearable(draft: PostDraft, typed: string): void {
  const longest = Math.max(typed.length, ...[...draft.captions.values()].flat().map(({ length }) => length));
  if (longest > MAX_TEXT) {
    throw invalidInput({
      code: 'too_long',
      limit: MAX_TEXT,
      actual: longest,
      message: 'One of the texts is longer than 20,000 characters. Go back and shorten it.',
    });
  }
  const kept = [...draft.captions.keys()].filter((channelId) => !draft.channelIds.includes(channelId));
  const said = [...draft.channelIds, ...kept].flatMap((channelId) => partsOf(draft, channelId));
  const length = [typed, ...said].reduce((sum, text) => sum + text.length, 0);
  if (length > MAX_LENGTH) {
    throw invalidInput({
      code: 'too_long',
      limit: MAX_LENGTH,
      actual: length,
      message:
        'All captions together are longer than 100,000 characters. Go back and shorten them, or choose fewer channels.',
    });
  }
}

function readParts(ctx: RouterContext, channelId: string): string[] {
  const parts: string[] = [];
  while (parts.length < MAX_PARTS && hasFormField(ctx, partField(channelId, parts.length))) {
    parts.push(readText(ctx, partField(channelId, parts.length)));
  }
  return parts;
}

/** As it was typed: forms send line ends as CR LF. */
function readText(ctx: RouterContext, name: string): string {
  return formField(ctx, name).replaceAll('\r\n', '\n');
}

/** The parts of a channel; what is new to the draft begins with the text for all. */
export function partsOf(
  { captions, text }: Pick<PostDraft, 'captions' | 'text'>,
  channelId: string,
): string[] {
  return captions.get(channelId) ?? [text];
}

/** As they are saved: parts that were left empty are dropped. */
export function keptParts(parts: readonly string[]): string[] {
  const kept = parts.filter((part) => part.trim() !== '');
  return kept.length > 0 ? kept : parts.slice(0, 1);
}
