import { Prisma } from '../../prisma/generated/client.ts';
import type { Context } from '../context.ts';
import { removeUnusedFile } from './remove-unused-file.ts';

const FILES_AT_ONCE = 200;

/**
 * Removes what nobody can reach any more: places whose upload link was not used within a day after it expired, renditions of
 * revisions that were replaced or given up, and files of pictures deleted an hour ago or longer that no other picture and no
 * rendition needs.
 */
export async function purgeMedia(context: Context): Promise<void> {
  await forgetUnusedPlaces(context);
  await forgetUnusedRenditions(context);
  const deleted = await context.db.$queryRaw<{ teamId: string; storageKey: string }[]>`
    select distinct m.team_id as "teamId", m.storage_key as "storageKey" from media m
    where m.state = 'deleted' and m.storage_key is not null and m.updated_at < clock_timestamp() - interval '1 hour'
      and not exists (select from media o
        where o.team_id = m.team_id and o.storage_key = m.storage_key and o.state <> 'deleted')
      and not exists (select from rendition r where r.team_id = m.team_id and r.storage_key = m.storage_key)
    limit ${FILES_AT_ONCE}::int`;
  for (const { teamId, storageKey } of deleted) await removeUnusedFile(context, teamId, storageKey);
}

/** One that began to be filled and was given up goes as a deleted picture does, with its file. */
async function forgetUnusedPlaces({ db }: Context): Promise<void> {
  await db.$executeRaw`
    update media set state = 'deleted', updated_at = clock_timestamp()
    where state = 'awaiting_upload' and storage_key is not null
      and upload_expires_at < clock_timestamp() - interval '1 day'`;
  await db.$executeRaw`
    delete from media m where m.state = 'awaiting_upload' and m.storage_key is null
      and m.upload_expires_at < clock_timestamp() - interval '1 day'
      and not exists (select from revision_media u where u.media_id = m.id)`;
}

/** A revision is written down, and its pictures drawn, before the post has it; an hour later it has, or never will. */
const UNUSED = Prisma.sql`r.created_at < clock_timestamp() - interval '1 hour'
  and not exists (select from post p where p.id = r.post_id and p.rev = r.rev)
  and not exists (select from delivery d where d.post_id = r.post_id and d.rev = r.rev)`;

async function forgetUnusedRenditions(context: Context): Promise<void> {
  const unused = await context.db.$queryRaw<{ teamId: string; storageKey: string }[]>`
    select distinct r.team_id as "teamId", r.storage_key as "storageKey" from rendition r
    where ${UNUSED} limit ${FILES_AT_ONCE}::int`;
  for (const { teamId, storageKey } of unused) {
    await removeUnusedFile(
      context,
      teamId,
      storageKey,
      (tx) =>
        tx.$executeRaw`delete from rendition r where r.team_id = ${teamId} and r.storage_key = ${storageKey} and ${UNUSED}`,
    );
  }
}
