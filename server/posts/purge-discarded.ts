import type { Context } from '../context.ts';
import { removeUnusedFile } from '../media/remove-unused-file.ts';
import { TRASH_DAYS } from './discarded-conflict.ts';

const POSTS_AT_ONCE = 500;

/**
 * Removes for good what has been in the trash too long, with all it said and the files that networks would have got; what
 * people did about it stays on record. A crash in between leaves files that nothing names.
 * @returns how many posts
 */
export async function purgeDiscarded(context: Context): Promise<number> {
  // The renditions go with their posts, but a statement sees what was there when it began.
  const gone = await context.db.$queryRaw<
    { postId: string; teamId: string | null; storageKey: string | null }[]
  >`
    with gone as (
      delete from post where id in (
        select id from post where discarded_at < clock_timestamp() - make_interval(days => ${TRASH_DAYS}::int)
        order by discarded_at limit ${POSTS_AT_ONCE}::int for update skip locked)
      returning id
    )
    select gone.id as "postId", r.team_id as "teamId", r.storage_key as "storageKey"
    from gone left join rendition r on r.post_id = gone.id`;
  const files = new Map(
    gone.flatMap(({ teamId, storageKey }) => (teamId && storageKey ? [[storageKey, teamId] as const] : [])),
  );
  for (const [storageKey, teamId] of files) await removeUnusedFile(context, teamId, storageKey);
  return new Set(gone.map(({ postId }) => postId)).size;
}
