import { invalidInput } from '../errors.ts';

/** What a post says on one channel; several parts make a thread. */
export interface PostCaption {
  channelId: string;
  parts: string[];
}

/** Other words for one channel: a text, or the parts of a thread. */
export interface CaptionOverride {
  channelId: string;
  text?: string | undefined;
  parts?: string[] | undefined;
}

export interface CaptionChanges {
  text?: string | undefined;
  overrides?: CaptionOverride[] | undefined;
  channelIds?: string[] | undefined;
}

export interface PostWords {
  /** For every channel without words of its own. */
  text: string;
  captions: PostCaption[];
}

/** All of a post together, in characters: counting is done at once, and nobody else is served meanwhile. */
export const MAX_CAPTIONS_LENGTH = 100_000;

const NOTHING: PostWords = { text: '', captions: [] };

/** @throws AppError InvalidInput (`invalid_override`, `too_long`) */
export function composeWords(input: {
  text: string;
  channelIds: string[];
  overrides?: CaptionOverride[] | undefined;
}): PostWords {
  return changeWords(NOTHING, input);
}

/**
 * What a post says after a change. A channel with words of its own keeps them unless the change names it; the others say
 * the text. A channel that is new to the post says the text too.
 * @throws AppError InvalidInput (`invalid_override`, `too_long`)
 */
export function changeWords(
  before: PostWords,
  { text, overrides = [], channelIds }: CaptionChanges,
): PostWords {
  const ids = [...new Set(channelIds ?? before.captions.map(({ channelId }) => channelId))];
  const byChannel = new Map(overrides.map((override) => [override.channelId, override]));
  assertOverridesFit(overrides, byChannel, ids);
  const nextText = text ?? before.text;
  const captions = ids.map((channelId) => {
    const override = byChannel.get(channelId);
    if (override) return { channelId, parts: override.parts ?? [override.text ?? nextText] };
    const known = before.captions.find((caption) => caption.channelId === channelId);
    const hasOwnWords = known && !(known.parts.length === 1 && known.parts[0] === before.text);
    return { channelId, parts: hasOwnWords ? known.parts : [nextText] };
  });
  assertCountable(captions);
  return { text: nextText, captions };
}

function assertCountable(captions: readonly PostCaption[]): void {
  const actual = captions.flatMap(({ parts }) => parts).reduce((sum, { length }) => sum + length, 0);
  if (actual <= MAX_CAPTIONS_LENGTH) return;
  throw invalidInput({
    code: 'too_long',
    field: 'text',
    limit: MAX_CAPTIONS_LENGTH,
    actual,
    message: `The captions of all channels together have ${actual} characters, and a post may have ${MAX_CAPTIONS_LENGTH}. Shorten them, or choose fewer channels.`,
  });
}

function assertOverridesFit(
  overrides: readonly CaptionOverride[],
  byChannel: ReadonlyMap<string, CaptionOverride>,
  channelIds: readonly string[],
): void {
  const stray = [...byChannel.keys()].find((channelId) => !channelIds.includes(channelId));
  if (!stray && byChannel.size === overrides.length) return;
  throw invalidInput({
    code: 'invalid_override',
    field: 'overrides',
    message: stray
      ? `The override for ${stray} has no channel to go to. Add it to channel_ids, or leave the override out.`
      : 'A channel has two overrides. Give one per channel; a thread goes into its parts.',
  });
}
