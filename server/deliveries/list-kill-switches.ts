import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { KillSwitchKind } from './kill-switch.ts';

export interface KillSwitchSummary {
  id: string;
  kind: KillSwitchKind;
  /** The id of the network or channel, or the client's name; null for everything. */
  target: string | null;
  /** Of the channel. */
  network: string | null;
  handle: string | null;
  reason: string;
  /** Set by the operator of the server, for every team. */
  isServerWide: boolean;
  /** Null for the operator, and for who has left. */
  createdBy: string | null;
  createdAt: Date;
}

/** What stops publishing for the team now, the oldest first. */
export async function listKillSwitches(
  { db }: Pick<Context, 'db'>,
  { teamId }: Pick<Caller, 'teamId'>,
): Promise<KillSwitchSummary[]> {
  return db.$queryRaw`
    select k.id, k.kind, k.reason, k.team_id is null as "isServerWide", p.name as "createdBy", k.created_at as "createdAt",
      case k.kind when 'client' then coalesce((
        select c.client_name from connection c where c.team_id = ${teamId} and c.client_id = k.target
        order by c.created_at desc limit 1), k.target) else k.target end as target,
      coalesce(ch.network, case k.kind when 'network' then k.target end) as network, ch.handle
    from kill_switch k
    left join person p on p.id = k.created_by_id
    left join channel ch on k.kind = 'channel' and ch.id = k.target and ch.team_id = ${teamId}
    where k.team_id is null or k.team_id = ${teamId}
    order by k.created_at, k.id`;
}
