import type { Transaction } from '../database/client.ts';

/** The channel on which the due scan of every worker process listens. */
export const DUE_CHANNEL = 'grantcast_due';

/** Wakes the due scans when the transaction commits. A lost notice costs a second: they look that often anyway. */
export async function notifyDue(tx: Pick<Transaction, '$executeRaw'>): Promise<void> {
  await tx.$executeRaw`select pg_notify(${DUE_CHANNEL}, '')`;
}
