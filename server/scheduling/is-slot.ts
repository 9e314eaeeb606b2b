import type { Transaction } from '../database/client.ts';
import { readWeeklySlots } from './read-weekly-slots.ts';
import { slotTimes } from './slot-times.ts';

/** Whether an instant is a queue slot of at least one of the channels. */
export async function isSlot(
  db: Pick<Transaction, '$queryRaw'>,
  search: { teamId: string; channelIds: readonly string[]; timeZone: string },
  at: Date,
): Promise<boolean> {
  const weekly = await readWeeklySlots(db, search);
  const from = new Date(at.getTime() - 1);
  return [...weekly.values()].some(
    (slots) => slotTimes(slots, search.timeZone, { from, days: 1 }).next().value?.getTime() === at.getTime(),
  );
}
