import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { lockStorageKey } from './storage-key.ts';
import { thumbnailKeyOf } from './thumbnail.ts';

/** A store that answers nothing, file after file, does not keep the sweep from its other jobs for longer. */
const RUN_MS = 60_000;

export interface StoredFile {
  teamId: string;
  storageKey: string;
}

/**
 * Removes files as `removeUnusedFile` does, one after the other. One that cannot be removed keeps none of the others; what is
 * not reached within a minute is left to the next run.
 * @throws the first error, when the run is over
 */
export async function removeUnusedFiles(
  context: Context,
  files: readonly StoredFile[],
  forget?: (tx: Transaction, file: StoredFile) => Promise<unknown>,
): Promise<void> {
  const end = performance.now() + RUN_MS;
  const errors: unknown[] = [];
  for (const file of files) {
    if (performance.now() > end) break;
    await removeUnusedFile(context, file.teamId, file.storageKey, (tx) => forget?.(tx, file)).catch(
      (error: unknown) => errors.push(error),
    );
  }
  if (errors.length > 0) throw errors[0];
}

/**
 * Removes a file when no picture and no rendition is kept under its key.
 * @param forget deletes rows that name it, first; when the file cannot be removed, they stay and name it on
 * @returns whether it is gone
 */
export async function removeUnusedFile(
  context: Context,
  teamId: string,
  storageKey: string,
  forget?: (tx: Transaction) => Promise<unknown> | undefined,
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
