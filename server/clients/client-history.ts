import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { ClientEventKind } from './client-events.ts';
import type { ConnectionFacts } from './connection-facts.ts';

/** What of the audit record belongs to a handshake. */
export const HISTORY_ACTIONS = [
  'connection.created',
  'connection.limited',
  'connection.end_changed',
  'connection.replaced',
  'connection.revoked',
  'connection.refresh_replayed',
  'connection.code_replayed',
  'token.used_past_expiry',
  'delivery.held',
] as const;
export type HistoryAction = (typeof HISTORY_ACTIONS)[number];

/** One thing that a client did, or that was done about it. */
export interface ClientStep {
  at: Date;
  kind: ClientEventKind | HistoryAction;
  clientId: string | null;
  connectionId: string | null;
  address: string | null;
  userAgent: string | null;
  /** Why it failed, safe to show. */
  reason: string | null;
}

/** What the doctor looks at: one client, or one connection of it. */
export interface ClientHistory {
  /** The database's clock. */
  now: Date;
  /** Oldest first. */
  steps: ClientStep[];
  connections: ConnectionFacts[];
  /** How many client ids it registered. */
  clientIdCount: number;
}

export interface HistoryInput {
  clientIds: readonly string[];
  connections: readonly ConnectionFacts[];
  /** Only what happened on the way to this connection and under it. */
  onlyConnection?: boolean | undefined;
}

const MAX_STEPS = 300;

/**
 * The steps of a client of the last 30 days: its own, and those without a name that came from the same address with the
 * same software around its registration or after it got a token. The caller decides which clients a team may see.
 */
export async function readClientHistory(
  context: Context,
  caller: PersonCaller,
  { clientIds, connections, onlyConnection = false }: HistoryInput,
): Promise<ClientHistory> {
  const connectionIds = connections.map(({ id }) => id);
  const rows = await context.db.$queryRaw<(ClientStep & { now: Date })[]>`
    with own as (
      select kind, at, client_id, connection_id, address, user_agent, reason from client_event e
      where (client_id = any (${clientIds}) or connection_id = any (${connectionIds}))
        and (connection_id is null or connection_id = any (${connectionIds}) or not exists (
          select from connection c where c.id = e.connection_id and (c.team_id <> ${caller.teamId} or ${onlyConnection})))
        and (person_id is null or exists (
          select from membership m where m.person_id = e.person_id and m.team_id = ${caller.teamId}))
        -- Clients that publish a document are shared: of their steps only what surely is of this team.
        and (person_id is not null or connection_id is not null
          or not exists (select from connection c where c.client_id = e.client_id and c.team_id <> ${caller.teamId})
          or address in (select o.address from client_event o where o.connection_id = any (${connectionIds})))
      order by at desc limit ${MAX_STEPS}
    ), anchor as (
      select distinct address, user_agent, at - interval '10 minutes' as from_at,
        at + case kind when 'token_issued' then interval '1 hour' else interval '10 minutes' end as until_at
      from own where kind in ('registered', 'token_issued') and address is not null
    ), nearby as (
      select distinct e.id, e.kind, e.at, e.client_id, e.connection_id, e.address, e.user_agent, e.reason
      from anchor a join client_event e on e.address = a.address and e.at between a.from_at and a.until_at
        and e.user_agent is not distinct from a.user_agent
      where e.client_id is null and e.connection_id is null
        and e.kind in ('metadata_read', 'wrong_path', 'registration_refused', 'bearer_missing', 'bearer_invalid',
          'header_shim_used')
      order by e.at desc limit ${MAX_STEPS}
    ), recorded as (
      select a.action as kind, a.at, c.client_id, a.connection_id, a.address, null::text as user_agent,
        case when a.result <> 'ok' then a.result end as reason
      from activity a join connection c on c.id = a.connection_id
      where a.team_id = ${caller.teamId} and a.connection_id = any (${connectionIds})
        and a.action = any (${[...HISTORY_ACTIONS]})
      order by a.at desc limit ${MAX_STEPS}
    )
    select kind, at, client_id as "clientId", connection_id as "connectionId", address, user_agent as "userAgent",
      reason, clock_timestamp() as now
    from (select * from own
      union all select kind, at, client_id, connection_id, address, user_agent, reason from nearby
      union all select * from recorded) step
    order by at, kind`;
  const now = rows[0]?.now ?? (await readClock(context));
  return {
    now,
    steps: rows.map(({ now: _now, ...step }) => step),
    connections: [...connections],
    clientIdCount: new Set(clientIds).size,
  };
}

async function readClock({ db }: Context): Promise<Date> {
  const [clock] = await db.$queryRaw<[{ now: Date }]>`select clock_timestamp() as now`;
  return clock.now;
}
