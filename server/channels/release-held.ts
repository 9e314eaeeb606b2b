import type { Transaction } from '../database/client.ts';
import { notifyDue } from '../deliveries/notify-due.ts';

/**
 * What waited for a channel that is linked again goes on; what is too late by now is seen by the worker. What could not be
 * looked for is looked for at once.
 * Locked by id, as everything that moves several deliveries locks them.
 * @returns how many deliveries go on
 */
export async function releaseHeld(tx: Transaction, channelId: string): Promise<number> {
  const released = await tx.$executeRaw`
    with waiting as materialized (
      select id from delivery
      where channel_id = ${channelId} and (state = 'unknown' and retry_count > 0 and lease_until is null or state = 'held'
        and problem_code in ('channel_needs_reconnect', 'channel_blocked', 'channel_disconnected'))
      order by id for update
    )
    update delivery d set state = case d.state when 'unknown' then d.state else 'scheduled' end,
      retry_count = case d.state when 'unknown' then 0 else d.retry_count end,
      problem_code = null, problem_message = null, hinted_at = null,
      not_before = greatest(d.due_at, clock_timestamp()), updated_at = clock_timestamp()
    from waiting where waiting.id = d.id`;
  if (released > 0) await notifyDue(tx);
  return released;
}
