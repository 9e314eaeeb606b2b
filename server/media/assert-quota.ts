import { Prisma } from '../../prisma/generated/client.ts';
import type { Transaction } from '../database/client.ts';
import { conflict } from '../errors.ts';
import type { MediaSettings } from '../media-settings.ts';

/**
 * Until the transaction ends, nobody else adds to this team's library: what was counted and found in it stays true. It comes
 * after every row lock.
 */
export async function lockQuota(tx: Transaction, teamId: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`media:${teamId}`}, 0))`;
}

/** Each file of a team once, however many pictures and renditions share it, with its `storage_key` and `byte_count`. */
export function filesOf(teamId: string): Prisma.Sql {
  return Prisma.sql`
    select distinct on (storage_key) storage_key, byte_count from (
      select storage_key, byte_count from media
      where team_id = ${teamId} and storage_key is not null and state <> 'deleted'
      union all
      select storage_key, byte_count from rendition where team_id = ${teamId}
    ) named`;
}

/**
 * Counts what the library holds and what networks got or will get of it. Call it under `lockQuota`.
 * @throws AppError Conflict (`media_quota_reached`), with megabytes
 */
export async function assertQuota(
  tx: Transaction,
  { teamId, storageKey, byteCount, quotaBytes, publishedPicturesDays }: QuotaQuestion,
): Promise<void> {
  const [row] = await tx.$queryRaw<{ bytes: number }[]>`
    select coalesce(sum(byte_count), 0)::float8 as bytes from (${filesOf(teamId)}) files
    where storage_key <> ${storageKey}`;
  const usedBytes = row!.bytes;
  if (usedBytes + byteCount <= quotaBytes) return;
  const [used, allowed, size] = [usedBytes, quotaBytes, byteCount].map(
    (bytes) => Math.ceil(bytes / 1e5) / 10,
  );
  throw conflict({
    code: 'media_quota_reached',
    limit: allowed!,
    actual: used!,
    message: `The media library of this team holds ${used} MB of the ${allowed} MB it may, and this picture needs ${size} MB.`,
    nextStep: `Delete pictures that are not needed with delete_media. What posts keep of them counts on: until those leave the trash, or for ${publishedPicturesDays} days after a post is over (published, taken down or cancelled) on all its channels. Or ask whoever runs the server for more.`,
  });
}

interface QuotaQuestion extends Pick<MediaSettings, 'quotaBytes' | 'publishedPicturesDays'> {
  teamId: string;
  /** Of the file that is to come. */
  storageKey: string;
  byteCount: number;
}
