import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { findRules } from '../networks/find-rules.ts';
import { countParts } from './check-caption.ts';
import { findLibraryPictures, type PostPicture } from './post-pictures.ts';
import { previewChannel, type CaptionedChannel, type ChannelPreview } from './preview-post.ts';
import { showDraftPictures, type ShownPicture } from './show-pictures.ts';
import { showText, type ShownPart } from './show-text.ts';

/** What one channel would get of words that nobody has saved yet: as `previewPost` tells it of saved ones. */
export interface DraftPreview extends Omit<ChannelPreview, 'pictures'> {
  /** The length of each part, in `unit`, as the network counts. */
  counts: number[];
  unit: string;
  /** How it counts, as a sentence. */
  counting: string;
  /** Parts of one thread; 1: it takes none. */
  maxParts: number;
  text: ShownPart[];
  pictures: ShownPicture[];
}

export async function previewDraft<Channel extends CaptionedChannel>(
  context: Context,
  channel: Channel,
  pictures: readonly PostPicture[],
): Promise<Channel & DraftPreview> {
  const rules = findRules(channel);
  const preview = previewChannel(context, channel, pictures);
  return {
    ...channel,
    ...preview,
    counts: rules ? countParts(rules, channel.parts) : channel.parts.map(() => 0),
    unit: rules?.unit ?? 'characters',
    counting: rules?.textRules[0]?.says ?? '',
    maxParts: rules?.maxParts ?? 1,
    text: await showText(channel, channel.parts, pictures.length),
    pictures: showDraftPictures(pictures, preview.pictures),
  };
}

export interface DraftPictures {
  pictures: PostPicture[];
  /** Why they cannot be shown, and the post not be saved with them. */
  problem: string | null;
}

/**
 * The pictures that a post would show: those of its current revision as they were described there, as long as they are the
 * same in the same order; others as the library describes them now.
 */
export async function findDraftPictures(
  { db }: Context,
  { teamId }: Caller,
  mediaIds: readonly string[],
  known: readonly PostPicture[],
): Promise<DraftPictures> {
  if (areSamePictures(mediaIds, known)) return { pictures: [...known], problem: null };
  try {
    const pictures = await db.$transaction((tx) => findLibraryPictures(tx, teamId, mediaIds));
    return { pictures, problem: null };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { pictures: [], problem: error.message };
  }
}

export function areSamePictures(mediaIds: readonly string[], known: readonly PostPicture[]): boolean {
  return mediaIds.length === known.length && known.every(({ mediaId }, index) => mediaId === mediaIds[index]);
}
