import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';

export interface ChannelInNeed {
  id: string;
  network: string;
  handle: string;
  imitates: string | null;
  /** needs_reconnect: nothing goes out on it. link_ends: at `endsAt`, unless a person links it again. */
  need: 'needs_reconnect' | 'link_ends';
  endsAt: Date | null;
  /** Deliveries that wait on it, or are on the calendar. */
  waiting: number;
}

/** Channels that a person has to link again, now or soon. */
export async function findChannelsInNeed(
  context: Context,
  { teamId }: Pick<Caller, 'teamId'>,
): Promise<ChannelInNeed[]> {
  return context.db.$queryRaw<ChannelInNeed[]>`
    select c.id, c.network, c.handle, c.imitates,
      case when c.status = 'ok' then 'link_ends' else 'needs_reconnect' end as need,
      case when c.status = 'ok' then c.token_expires_at end as "endsAt",
      (select count(*)::int from delivery d where d.channel_id = c.id and d.team_id = c.team_id
        and d.state in ('scheduled', 'awaiting_approval', 'held')) as waiting
    from channel c
    where c.team_id = ${teamId} and c.disconnected_at is null and (c.status <> 'ok' or exists (
      select from notice n
      where n.team_id = c.team_id and n.kind = 'channel.link_ends' and n.target = c.id
        and c.token_expires_at > clock_timestamp()
        and n.detail ->> 'ends_at' = to_char(c.token_expires_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))
    order by c.status <> 'ok' desc, c.token_expires_at, c.id limit 50`;
}
