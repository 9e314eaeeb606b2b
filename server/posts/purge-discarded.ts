import type { Context } from '../context.ts';
import { removeUnusedFiles, type StoredFile } from '../media/remove-unused-file.ts';
import { TRASH_DAYS } from './discarded-conflict.ts';

const POSTS_AT_ONCE = 500;

/**
 * Removes for good what has been in the trash too long, with all it said and the files that networks would have got; what
 * people did about it stays on record. A post stays until its last file is gone, so that each file has a row that names it:
 * what one run does not get done, the next one does. Those of a run are chosen at random, so that no number of posts whose files
 * cannot be removed is all that is ever tried.
 * @returns how many posts
 */
export async function purgeDiscarded(context: Context): Promise<number> {
  const old = await context.db.$queryRaw<{ id: string }[]>`
    select id from post where discarded_at < clock_timestamp() - make_interval(days => ${TRASH_DAYS}::int)
    order by random() limit ${POSTS_AT_ONCE}::int`;
  const ids = old.map(({ id }) => id);
  let purged = 0;
  try {
    await removeFiles(context, ids);
  } finally {
    // Nobody can restore one any more.
    purged = await context.db.$executeRaw`
      delete from post where id in (
        select id from post p where id = any(${ids}) and not exists (select from rendition r where r.post_id = p.id)
        order by id for update skip locked)`;
  }
  return purged;
}

async function removeFiles(context: Context, postIds: string[]): Promise<void> {
  const files = await context.db.$queryRaw<StoredFile[]>`
    select distinct team_id as "teamId", storage_key as "storageKey" from rendition where post_id = any(${postIds})`;
  await removeUnusedFiles(context, files, (tx, { teamId, storageKey }) =>
    tx.rendition.deleteMany({ where: { teamId, storageKey, postId: { in: postIds } } }),
  );
}
