import { Prisma } from '../../prisma/generated/client.ts';
import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { parseScopes, type Scope } from '../scopes.ts';

/** Everything that the pages say of a connection, and what the doctor judges it by. Times are the database's. */
export interface ConnectionFacts {
  id: string;
  groupId: string;
  clientId: string;
  clientName: string;
  redirectHost: string;
  personId: string;
  personName: string;
  scopes: Scope[];
  createdAt: Date;
  firstUsedAt: Date | null;
  lastUsedAt: Date | null;
  lastAddress: string | null;
  endsAt: Date | null;
  suspectSince: Date | null;
  revokedAt: Date | null;
  /** Null while it is not revoked, and when the client gave its own token back. */
  revokedByName: string | null;
  /** inForce: it may act. over: its end has come. */
  state: 'inForce' | 'over' | 'revoked';
  /** It was made less than two minutes ago and waits for its first call. */
  isWaitingForFirstCall: boolean;
  /** It was made less than two minutes ago. */
  isJustConnected: boolean;
  /** Until when a refresh token of it can be used; null when it has none. */
  refreshUntil: Date | null;
  /** Until when an access token of it is honoured, soft expiry included; null when it has none. */
  accessUntil: Date | null;
  /** The latest use of a token past its announced hour. */
  usedPastExpiryAt: Date | null;
  /** Posts that go out under it, or wait for an approval to do so. */
  waitingPosts: number;
  heldPosts: number;
  /** Why posts are held, as codes. */
  heldReasons: string[];
}

export type ConnectionSelection =
  | { kind: 'one'; connectionId: string }
  /** At most `perGroup` of each, those in force first. */
  | { kind: 'groups'; groupIds: readonly string[]; perGroup: number }
  /** Connections with posts that stopped, at most 50. */
  | { kind: 'holding' };

export async function findConnectionFacts(
  context: Context,
  caller: PersonCaller,
  selection: ConnectionSelection,
): Promise<ConnectionFacts[]> {
  const { isStrict, idleSeconds, replaySeconds } = context.config.tokens;
  const rows = await context.db.$queryRaw<(Omit<ConnectionFacts, 'scopes'> & { scopes: string[] })[]>`
    with chosen as (${choose(caller, selection)})
    select c.id, 'grp_' || md5(c.client_name || chr(10) || c.redirect_host) as "groupId", c.client_id as "clientId",
      c.client_name as "clientName", c.redirect_host as "redirectHost", c.person_id as "personId",
      p.name as "personName", c.scopes, c.created_at as "createdAt", c.first_used_at as "firstUsedAt",
      c.last_used_at as "lastUsedAt", c.last_address as "lastAddress", c.ends_at as "endsAt",
      c.suspect_since as "suspectSince", c.revoked_at as "revokedAt", r.name as "revokedByName",
      case when c.revoked_at is not null then 'revoked' when c.ends_at <= clock_timestamp() then 'over'
        else 'inForce' end as state,
      (c.revoked_at is null and c.first_used_at is null and c.last_used_at is null
        and c.created_at > clock_timestamp() - interval '2 minutes') as "isWaitingForFirstCall",
      c.created_at > clock_timestamp() - interval '2 minutes' as "isJustConnected",
      tokens.refresh_until as "refreshUntil", tokens.access_until as "accessUntil",
      (select max(a.at) from activity a where a.connection_id = c.id and a.action = 'token.used_past_expiry')
        as "usedPastExpiryAt",
      posts.waiting as "waitingPosts", posts.held as "heldPosts", posts.reasons as "heldReasons"
    from chosen join connection c on c.id = chosen.id
    join person p on p.id = c.person_id left join person r on r.id = c.revoked_by_id
    cross join lateral (
      select max(t.expires_at) filter (where t.kind = 'RefreshToken' and t.consumed_at is null and t.voided_at is null
          and t.expires_at > clock_timestamp()) as refresh_until,
        max(least(t.expires_at, t.superseded_at + make_interval(secs => ${replaySeconds}::float8),
          case when ${isStrict}::boolean then t.announced_until else greatest(t.announced_until,
            coalesce(t.last_used_at, t.created_at) + make_interval(secs => ${idleSeconds}::float8)) end))
          filter (where t.kind = 'AccessToken') as access_until
      from oidc_grant g join oidc_token t on t.grant_id = g.id
      where g.connection_id = c.id and g.expires_at > clock_timestamp()
    ) tokens
    cross join lateral (
      select count(distinct d.post_id) filter (where d.state <> 'held')::int as waiting,
        count(distinct d.post_id) filter (where d.state = 'held')::int as held,
        coalesce(array_agg(distinct d.problem_code) filter (where d.state = 'held' and d.problem_code is not null), '{}')
          as reasons
      from delivery d where d.scheduled_by_connection_id = c.id
        and d.state in ('scheduled', 'claimed', 'prepared', 'awaiting_approval', 'held')
    ) posts
    where c.team_id = ${caller.teamId}
    order by c.revoked_at is not null, coalesce(c.last_used_at, c.created_at) desc, c.id`;
  return rows.map((row) => ({ ...row, scopes: parseScopes(row.scopes.join(' ')) }));
}

/** @throws AppError NotFound: also for a connection of another team */
export async function findConnection(
  context: Context,
  caller: PersonCaller,
  connectionId: string,
): Promise<ConnectionFacts> {
  const [connection] = await findConnectionFacts(context, caller, { kind: 'one', connectionId });
  if (connection) return connection;
  throw notFound({
    code: 'connection_not_found',
    message: 'This connection does not exist in your team.',
  });
}

/** A person changes and revokes their own connections, an owner every one of the team. */
export function mayManage(caller: PersonCaller, connection: { personId: string }): boolean {
  return caller.role === 'owner' || caller.personId === connection.personId;
}

function choose(caller: PersonCaller, selection: ConnectionSelection): Prisma.Sql {
  switch (selection.kind) {
    case 'one':
      return Prisma.sql`select ${selection.connectionId}::text as id`;
    case 'groups':
      return Prisma.sql`
        select id from (
          select id, row_number() over (partition by client_name, redirect_host
            order by revoked_at is not null, coalesce(last_used_at, created_at) desc, id) as place
          from connection where team_id = ${caller.teamId}
            and 'grp_' || md5(client_name || chr(10) || redirect_host) = any (${selection.groupIds})
        ) placed where place <= ${selection.perGroup}::int`;
    case 'holding':
      return Prisma.sql`
        select scheduled_by_connection_id as id from delivery
        where team_id = ${caller.teamId} and state = 'held' and scheduled_by_connection_id is not null
        group by 1 order by min(due_at) limit 50`;
  }
}
