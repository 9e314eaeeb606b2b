import type { Transaction } from '../database/client.ts';
import { notifyDue } from '../deliveries/notify-due.ts';

/**
 * What waited for a channel that is linked again goes on; what is too late by now is seen by the worker.
 * Locked by id, as everything that moves several deliveries locks them.
 * @returns how many deliveries go on
 */
export async function releaseHeld(tx: Transaction, channelId: string): Promise<number> {
  const released = await tx.$executeRaw`
    with waiting as materialized (
      select id from delivery
      where channel_id = ${channelId} and state = 'held'
        and problem_code in ('channel_needs_reconnect', 'channel_blocked', 'channel_disconnected')
      order by id for update
    )
    update delivery d set state = 'scheduled', problem_code = null, problem_message = null, hinted_at = null,
      not_before = greatest(d.due_at, clock_timestamp()), updated_at = clock_timestamp()
    from waiting where waiting.id = d.id`;
  if (released > 0) await notifyDue(tx);
  return released;
}
