import type { Transaction } from '../database/client.ts';

const WORKDAYS = [1, 2, 3, 4, 5];
const TIMES = ['09:00', '12:30', '17:00'];

/**
 * Queue slots for a channel that was linked just now: Monday to Friday, three times a day. One that was linked again keeps
 * those that it has.
 */
export async function addDefaultSlots(
  tx: Pick<Transaction, '$executeRaw'>,
  { teamId, channelId }: { teamId: string; channelId: string },
): Promise<void> {
  await tx.$executeRaw`
    insert into queue_slot (team_id, channel_id, weekday, local_time)
    select ${teamId}, ${channelId}, weekday, local_time
    from unnest(${WORKDAYS}::int[]) as weekday, unnest(${TIMES}::text[]) as local_time
    where not exists (select from queue_slot where channel_id = ${channelId})`;
}
