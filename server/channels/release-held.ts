import type { Transaction } from '../database/client.ts';
import { notifyDue } from '../deliveries/notify-due.ts';

/**
 * What waited for a channel that is linked again goes on; what is too late by now is seen by the worker.
 * @returns how many deliveries go on
 */
export async function releaseHeld(tx: Transaction, channelId: string): Promise<number> {
  const released = await tx.$executeRaw`
    update delivery set state = 'scheduled', problem_code = null, problem_message = null, hinted_at = null,
      not_before = greatest(due_at, clock_timestamp()), updated_at = clock_timestamp()
    where channel_id = ${channelId} and state = 'held'
      and problem_code in ('channel_needs_reconnect', 'channel_blocked', 'channel_disconnected')`;
  if (released > 0) await notifyDue(tx);
  return released;
}
