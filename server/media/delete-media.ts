import { assertMayWrite, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { findBlockingPosts } from './find-blocking-posts.ts';
import { mediaNotFound } from './find-media.ts';
import type { MediaState } from './media-details.ts';
import { recordForBrowser } from './record-for-browser.ts';

export interface MediaDeleted {
  /** `deleted`, or what it was and is, where posts block it. */
  state: MediaState;
  /** Ids of posts. */
  blockedBy: string[];
}

/**
 * Deletes a picture, unless a post that is on the calendar, held or going out uses it. Its file goes later, when nothing that
 * was placed needs it. A second time changes nothing.
 * @throws AppError NotFound; NotAllowed for a viewer
 */
export async function deleteMedia(
  context: Context,
  caller: Caller,
  { mediaId }: { mediaId: string },
): Promise<MediaDeleted> {
  assertMayWrite(caller);
  const { teamId } = caller;
  return context.db.$transaction(async (tx) => {
    const [media] = await tx.$queryRaw<{ state: MediaState }[]>`
      select state from media where team_id = ${teamId} and id = ${mediaId} for no key update`;
    if (!media) throw mediaNotFound(mediaId);
    if (media.state === 'deleted') return { state: 'deleted', blockedBy: [] };
    const blockedBy = await findBlockingPosts(tx, teamId, mediaId);
    if (blockedBy.length > 0) return { state: media.state, blockedBy };
    await tx.$executeRaw`
      update media set state = 'deleted', upload_token_hash = null, updated_at = clock_timestamp() where id = ${mediaId}`;
    await recordForBrowser(tx, caller, 'media.deleted', mediaId);
    return { state: 'deleted', blockedBy: [] };
  });
}
