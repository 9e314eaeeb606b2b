import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { lockStorageKey } from './storage-key.ts';
import { thumbnailKeyOf } from './thumbnail.ts';

/**
 * Removes a file when no picture and no rendition is kept under its key.
 * @param forget deletes rows that name it, first; when the file cannot be removed, they stay and name it on
 * @returns whether it is gone
 */
export async function removeUnusedFile(
  context: Context,
  teamId: string,
  storageKey: string,
  forget?: (tx: Transaction) => Promise<unknown>,
): Promise<boolean> {
  return context.db.$transaction(async (tx) => {
    await lockStorageKey(tx, storageKey, 'exclusive');
    await forget?.(tx);
    const [use] = await tx.$queryRaw<{ isUsed: boolean }[]>`
      select exists (select from media where team_id = ${teamId} and storage_key = ${storageKey} and state <> 'deleted')
        or exists (select from rendition where team_id = ${teamId} and storage_key = ${storageKey}) as "isUsed"`;
    if (use!.isUsed) return false;
    await context.mediaStore.remove(storageKey);
    await context.mediaStore.remove(thumbnailKeyOf(storageKey));
    await tx.media.updateMany({
      where: { teamId, storageKey, state: 'deleted' },
      data: { storageKey: null },
    });
    return true;
  });
}
