import type { Transaction } from '../database/client.ts';
import { hashContent } from './content-hash.ts';
import { findRevisionPictures } from './post-pictures.ts';

/**
 * Writes what the library says of a picture now (alt text, focal point) through to drafts that show it: to the current
 * revision of posts of which nothing was ever on the calendar and nobody was asked. Others keep what a person may have
 * seen; they get it with their next edit that names the picture.
 *
 * Called after the media row was changed in the same transaction: media are locked before posts. A plain UPDATE of it is
 * enough; `for update` would meet edits that hold the post already.
 */
export async function refreshDraftMedia(tx: Transaction, teamId: string, mediaId: string): Promise<void> {
  await tx.$executeRaw`
    select from post where team_id = ${teamId} and id in (
      select u.post_id from revision_media u where u.team_id = ${teamId} and u.media_id = ${mediaId})
    order by id for update`;
  const drafts = await tx.$queryRaw<{ postId: string; rev: number }[]>`
    update revision_media u set alt_text = m.alt_text, focal_x = m.focal_x, focal_y = m.focal_y
    from media m, post p
    where u.team_id = ${teamId} and u.media_id = ${mediaId} and m.id = u.media_id and p.id = u.post_id and p.rev = u.rev
      and not exists (select from approval a where a.post_id = p.id)
      and not exists (select from approval_request q where q.post_id = p.id)
      and not exists (select from rendition r where r.post_id = p.id)
      and not exists (select from delivery d where d.post_id = p.id and (d.state <> 'draft' or d.scheduled_at is not null))
    returning u.post_id as "postId", u.rev`;
  for (const { postId, rev } of drafts) {
    const captions = await tx.caption.findMany({
      where: { postId, rev },
      select: { channelId: true, parts: true },
    });
    const contentHash = hashContent(captions, await findRevisionPictures(tx, { postId, rev }));
    await tx.postRevision.update({ where: { postId_rev: { postId, rev } }, data: { contentHash } });
  }
}
