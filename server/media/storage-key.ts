import type { Transaction } from '../database/client.ts';

/** Where a file of the library lies: the same bytes of a team lie at one place, whatever they are used for. */
export function storageKeyOf(teamId: string, contentHash: Uint8Array): string {
  return `${teamId}/${Buffer.from(contentHash).toString('hex')}`;
}

/**
 * Until the transaction ends. Who writes a row that names the file, or a file for such a row, holds its key shared; who
 * removes a file holds it exclusively and looks for rows under it: so no row ever names a file that is being removed.
 */
export async function lockStorageKey(
  tx: Pick<Transaction, '$executeRaw'>,
  storageKey: string,
  mode: 'shared' | 'exclusive',
): Promise<void> {
  const name = `media:${storageKey}`;
  if (mode === 'shared') {
    await tx.$executeRaw`select pg_advisory_xact_lock_shared(hashtextextended(${name}, 0))`;
  } else {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${name}, 0))`;
  }
}
