import type { Media } from '../../prisma/generated/client.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { refreshDraftMedia } from '../posts/refresh-draft-media.ts';
import { toMediaDetails, type MediaDetails } from './media-details.ts';
import { cleanTags, type MediaInput } from './new-media.ts';
import { recordForBrowser } from './record-for-browser.ts';

/** As many as a tool may give. */
const MAX_TAGS = 20;

/**
 * What was said about a picture that came, and was in the library already: it fills what nobody said and adds tags. What is
 * there stays; only a person or tool that means this picture changes that.
 */
export async function addDescription(
  context: Context,
  caller: Caller,
  row: Media,
  input: MediaInput,
): Promise<MediaDetails> {
  if (!addsTo(row, input)) return toMediaDetails(row);
  return context.db.$transaction(async (tx) => {
    await tx.$executeRaw`select from media where id = ${row.id} for no key update`;
    const media = await tx.media.findUniqueOrThrow({ where: { id: row.id } });
    if (media.state !== 'ready' || !addsTo(media, input)) return toMediaDetails(media);
    const data = describe(media, input);
    const described = await tx.media.update({ where: { id: row.id }, data });
    await refreshDraftMedia(tx, caller.teamId, row.id);
    await recordForBrowser(tx, caller, 'media.changed', row.id);
    return toMediaDetails(described);
  });
}

function addsTo(row: Media, input: MediaInput): boolean {
  const { altText, campaignId, tags } = describe(row, input);
  return altText !== row.altText || campaignId !== row.campaignId || tags.length > row.tags.length;
}

function describe(row: Media, input: MediaInput) {
  return {
    altText: row.altText ?? (input.altText?.trim() || null),
    campaignId: row.campaignId ?? input.campaignId ?? null,
    tags: cleanTags([...row.tags, ...(input.tags ?? [])]).slice(0, Math.max(MAX_TAGS, row.tags.length)),
  };
}
