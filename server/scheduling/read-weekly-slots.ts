import type { Transaction } from '../database/client.ts';
import type { WeeklySlot } from './slot-times.ts';

/** The queue slots of channels, by channel; a channel without any is not there. */
export async function readWeeklySlots(
  db: Pick<Transaction, '$queryRaw'>,
  { teamId, channelIds }: { teamId: string; channelIds: readonly string[] },
): Promise<Map<string, WeeklySlot[]>> {
  const rows = await db.$queryRaw<({ channelId: string } & WeeklySlot)[]>`
    select channel_id as "channelId", weekday, local_time as "localTime" from queue_slot
    where team_id = ${teamId} and channel_id = any(${[...channelIds]})
    order by channel_id, weekday, local_time`;
  return Map.groupBy(rows, ({ channelId }) => channelId);
}
