import type { Context } from '../context.ts';
import { removeUnusedFiles, type StoredFile } from './remove-unused-file.ts';

const FILES_AT_ONCE = 200;

/**
 * Removes what nobody can reach any more: places whose upload link was not used within a day after it expired, and files of
 * pictures deleted an hour ago or longer that no other picture and no rendition needs. Neither waits for the other.
 */
export async function purgeMedia(context: Context): Promise<void> {
  try {
    await forgetUnusedPlaces(context);
  } finally {
    await removeDeleted(context);
  }
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

/** In random order, so that no number of files that cannot be removed is all that a run ever tries. */
async function removeDeleted(context: Context): Promise<void> {
  const deleted = await context.db.$queryRaw<StoredFile[]>`
    select m.team_id as "teamId", m.storage_key as "storageKey" from media m
    where m.state = 'deleted' and m.storage_key is not null and m.updated_at < clock_timestamp() - interval '1 hour'
      and not exists (select from media o
        where o.team_id = m.team_id and o.storage_key = m.storage_key and o.state <> 'deleted')
      and not exists (select from rendition r where r.team_id = m.team_id and r.storage_key = m.storage_key)
    group by 1, 2 order by random() limit ${FILES_AT_ONCE}::int`;
  await removeUnusedFiles(context, deleted);
}
