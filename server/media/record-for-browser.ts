import { recordActivity } from '../activity/record-activity.ts';
import type { Caller } from '../caller.ts';
import type { Transaction } from '../database/client.ts';

/** What a person does to a picture in the browser; what a tool does is recorded with its call. */
export async function recordForBrowser(
  db: Pick<Transaction, '$executeRaw'>,
  caller: Caller,
  action: 'media.added' | 'media.changed' | 'media.deleted',
  mediaId: string,
): Promise<void> {
  if (caller.kind !== 'person') return;
  await recordActivity({ db }, { caller, action, target: mediaId, result: 'ok' });
}
