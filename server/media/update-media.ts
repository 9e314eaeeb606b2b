import { assertMayWrite, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { refreshDraftMedia } from '../posts/refresh-draft-media.ts';
import { mediaNotFound } from './find-media.ts';
import { toMediaDetails, type MediaDetails } from './media-details.ts';
import { cleanTags } from './new-media.ts';
import { recordForBrowser } from './record-for-browser.ts';

export interface MediaChanges {
  mediaId: string;
  /** Empty: none. */
  altText?: string | undefined;
  /** 0 to 1, from the left and from the top. */
  focalPoint?: { x: number; y: number } | undefined;
  /** All of them. */
  tags?: readonly string[] | undefined;
}

/**
 * Changes what is said about a picture. Drafts that nobody was asked to approve say the same from now on; what was placed on
 * the calendar once keeps what it had.
 * @throws AppError NotFound; NotAllowed for a viewer
 */
export async function updateMedia(
  context: Context,
  caller: Caller,
  { mediaId, altText, focalPoint, tags }: MediaChanges,
): Promise<MediaDetails> {
  assertMayWrite(caller);
  return context.db.$transaction(async (tx) => {
    const [row] = await tx.media.updateManyAndReturn({
      where: { teamId: caller.teamId, id: mediaId, state: { not: 'deleted' } },
      data: {
        ...(altText !== undefined && { altText: altText.trim() || null }),
        ...(focalPoint && { focalX: focalPoint.x, focalY: focalPoint.y }),
        ...(tags && { tags: cleanTags(tags) }),
      },
    });
    if (!row) throw mediaNotFound(mediaId);
    await refreshDraftMedia(tx, caller.teamId, mediaId);
    await recordForBrowser(tx, caller, 'media.changed', mediaId);
    return toMediaDetails(row);
  });
}
