import type { Transaction } from '../database/client.ts';

/** Ids of posts on the calendar, on their way out or held that go out with a picture; the first ten. */
export async function findBlockingPosts(
  tx: Pick<Transaction, '$queryRaw'>,
  teamId: string,
  mediaId: string,
): Promise<string[]> {
  const rows = await tx.$queryRaw<{ postId: string }[]>`
    select distinct d.post_id as "postId"
    from revision_media u
    join delivery d on d.post_id = u.post_id and d.rev = u.rev
    where u.team_id = ${teamId} and u.media_id = ${mediaId}
      and d.state in ('awaiting_approval', 'scheduled', 'claimed', 'prepared', 'sending', 'unknown', 'held')
    order by d.post_id limit 10`;
  return rows.map(({ postId }) => postId);
}
