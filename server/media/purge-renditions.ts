import { Prisma } from '../../prisma/generated/client.ts';
import type { Context } from '../context.ts';
import { OVER_STATES } from '../deliveries/delivery-state.ts';
import { removeUnusedFiles, type StoredFile } from './remove-unused-file.ts';

/** Nothing more goes out by itself; what was cancelled has its pictures drawn again, should somebody schedule it again. */
const DONE_STATES = [...OVER_STATES, 'cancelled'];
/** What a run has time for; the next comes in an hour. */
const FILES_AT_ONCE = 1000;

/**
 * Removes renditions that nothing needs, with their files: those of revisions that were replaced or given up, and those of
 * posts that are over on every channel for PUBLISHED_PICTURES_DAYS. It reads every rendition there is.
 */
export async function purgeRenditions(context: Context): Promise<void> {
  const unused = isUnused(context.config.media.publishedPicturesDays);
  // In random order, as deleted pictures.
  const files = await context.db.$queryRaw<StoredFile[]>`
    select r.team_id as "teamId", r.storage_key as "storageKey" from rendition r
    where ${unused} group by 1, 2 order by random() limit ${FILES_AT_ONCE}::int`;
  await removeUnusedFiles(
    context,
    files,
    (tx, { teamId, storageKey }) =>
      tx.$executeRaw`delete from rendition r where r.team_id = ${teamId} and r.storage_key = ${storageKey} and ${unused}`,
  );
}

/**
 * A revision is written down, and its pictures drawn, before the post has it; an hour later it has, or never will. A post
 * that could still be sent somewhere, or of which somebody may have to say what became of it, keeps all it has.
 */
function isUnused(publishedDays: number): Prisma.Sql {
  return Prisma.sql`r.created_at < clock_timestamp() - interval '1 hour' and (
    (not exists (select from post p where p.id = r.post_id and p.rev = r.rev)
      and not exists (select from delivery d where d.post_id = r.post_id and d.rev = r.rev))
    or (exists (select from delivery d where d.post_id = r.post_id)
      and not exists (select from delivery d where d.post_id = r.post_id and not (d.state = any(${DONE_STATES})
        and d.updated_at < clock_timestamp() - make_interval(days => ${publishedDays}::int)))))`;
}
