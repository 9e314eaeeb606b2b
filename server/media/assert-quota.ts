import type { Transaction } from '../database/client.ts';
import { conflict } from '../errors.ts';

/**
 * Until the transaction ends, nobody else adds to this team's library: what was counted and found in it stays true. It comes
 * after every row lock.
 */
export async function lockQuota(tx: Transaction, teamId: string): Promise<void> {
  await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`media:${teamId}`}, 0))`;
}

/**
 * Counts each file once, however many pictures share it. Call it under `lockQuota`.
 * @throws AppError Conflict (`media_quota_reached`), with megabytes
 */
export async function assertQuota(
  tx: Transaction,
  { teamId, storageKey, byteCount, quotaBytes }: QuotaQuestion,
): Promise<void> {
  const [row] = await tx.$queryRaw<{ bytes: number }[]>`
    select coalesce(sum(byte_count), 0)::float8 as bytes from (
      select distinct on (storage_key) byte_count from media
      where team_id = ${teamId} and storage_key is not null and state <> 'deleted' and storage_key <> ${storageKey}
    ) files`;
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
    nextStep:
      'Delete pictures that are not needed with delete_media, or ask whoever runs the server for more.',
  });
}

interface QuotaQuestion {
  teamId: string;
  /** Of the file that is to come. */
  storageKey: string;
  byteCount: number;
  quotaBytes: number;
}
