import type { Prisma } from '../../prisma/generated/client.ts';
import type { Transaction } from '../database/client.ts';
import { PROBLEMS } from './problems.ts';

/**
 * Returns what was held to what it was. What its late limit has passed meanwhile is `missed`, unless the network may have it,
 * which is judged when it is claimed; what waited for a person waits
 * again, however late, because its late limit counts from their yes. What lost its connection or channel meanwhile stays held
 * for that. Whether it may go out is decided by the send guard as ever.
 * @param held selects the ids, locked by id, as everything that moves several deliveries locks them
 * @param missedMessage for what is too late now
 * @returns how many there were
 */
export async function releaseWaiting(
  tx: Pick<Transaction, '$executeRaw'>,
  held: Prisma.Sql,
  missedMessage: string,
): Promise<number> {
  const messages = JSON.stringify(PROBLEMS);
  return tx.$executeRaw`
    with held as materialized (${held}),
    judged as (
      select d.id, case
        when c.revoked_at is not null then 'connection_revoked'
        when ch.disconnected_at is not null then 'channel_disconnected'
        when d.held_from = 'awaiting_approval' then null
        when d.not_after < clock_timestamp() and d.send_started_at is null and not exists (
          select from delivery_part part where part.delivery_id = d.id and part.remote_id is not null) then 'too_late'
        end as code
      from held
      join delivery d on d.id = held.id
      join channel ch on ch.id = d.channel_id
      left join connection c on c.id = d.scheduled_by_connection_id
    )
    update delivery d set
      state = case when judged.code is null then coalesce(d.held_from, 'scheduled')
        when judged.code = 'too_late' then 'missed' else 'held' end,
      held_from = null,
      problem_code = judged.code,
      problem_message = case when judged.code = 'too_late' then ${missedMessage} else ${messages}::jsonb ->> judged.code end,
      hinted_at = null, updated_at = clock_timestamp()
    from judged where judged.id = d.id`;
}
