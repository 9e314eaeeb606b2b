import type { Transaction } from '../database/client.ts';
import type { DueDay } from './due-day.ts';

/** Posts of one day on a channel: under the connection, under its client, under any connection of the team. */
export interface PostCounts {
  connection: number;
  client: number;
  team: number;
}

export interface CountInput {
  teamId: string;
  clientId: string;
  connectionId: string;
  channelIds: readonly string[];
  day: Pick<DueDay, 'from' | 'to'>;
  /** They are what is asked about. */
  exceptDeliveryIds: readonly string[];
  /** placed: what is on the calendar too. sent: only what has left, or may have. */
  counted: 'placed' | 'sent';
}

/**
 * Counts what is due on that day, by channel. What waits for a person is not counted, nor what a person sends: only what
 * goes out under connections. What is being sent at this moment counts, and so does what may be on the network.
 */
export async function countPosts(
  db: Pick<Transaction, '$queryRaw'>,
  { teamId, clientId, connectionId, channelIds, day, exceptDeliveryIds, counted }: CountInput,
): Promise<Map<string, PostCounts>> {
  const rows = await db.$queryRaw<(PostCounts & { channelId: string })[]>`
    select d.channel_id as "channelId", count(*)::int as team,
      (count(*) filter (where c.client_id = ${clientId}))::int as client,
      (count(*) filter (where c.id = ${connectionId}))::int as connection
    from delivery d join connection c on c.id = d.scheduled_by_connection_id
    where d.team_id = ${teamId} and d.channel_id = any(${channelIds}) and d.id <> all(${exceptDeliveryIds})
      and d.due_at >= ${day.from} and d.due_at < ${day.to}
      and d.state in ('scheduled', 'claimed', 'prepared', 'sending', 'unknown', 'needs_attention', 'published', 'taken_down')
      and (${counted} = 'placed' or d.state in ('sending', 'unknown', 'published', 'taken_down')
        or (d.state = 'needs_attention' and d.problem_code is distinct from 'worker_died')
        or exists (select from delivery_part p where p.delivery_id = d.id and p.remote_id is not null))
    group by d.channel_id`;
  return new Map(rows.map(({ channelId, ...counts }) => [channelId, counts]));
}
