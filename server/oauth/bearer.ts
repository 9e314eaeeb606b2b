import type { ConnectionCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { isScope, parseScopes, withImplied, type Role } from '../scopes.ts';
import { hashToken } from '../token.ts';

import { noteTokenUse } from './note-token-use.ts';
import { mcpResourceOf } from './resource.ts';

/**
 * expired: it was good once; the client must refresh or sign in again.
 * invalid: nothing of ours, or the connection behind it is over; `reason` is for the connection doctor.
 * Both are a 401 `invalid_token`.
 */
export type BearerResult =
  | { kind: 'ok'; caller: ConnectionCaller }
  | { kind: 'expired'; connectionId: string; clientId: string }
  | { kind: 'invalid'; reason: string; connectionId?: string; clientId?: string };

/**
 * Who calls with this access token: one join from the token over its family, connection and person to the membership,
 * so that revoking any of them counts at once. A token that was never refreshed is honoured past its announced hour
 * (soft expiry): `TOKEN_IDLE_HOURS` after its last use, at most `TOKEN_MAX_DAYS`, never with `TOKEN_STRICT`.
 * The caller's scopes are those of both the token and the connection, with what they imply; what the role takes away is
 * for the guard to say.
 * @param address the network address that the call comes from
 */
export async function findBearer(context: Context, token: string, address?: string): Promise<BearerResult> {
  const { isStrict, idleSeconds, replaySeconds } = context.config.tokens;
  const idHash = hashToken(token);
  const { rows } = await context.pool.query<BearerRow>({
    name: 'find_bearer',
    text: FIND_BEARER,
    values: [idHash, mcpResourceOf(context), isStrict, idleSeconds, replaySeconds],
  });
  const [row] = rows;
  if (!row) return { kind: 'invalid', reason: 'this token is unknown' };
  const { connectionId, clientId } = row;
  if (row.fault) return { kind: 'invalid', reason: row.fault, connectionId, clientId };
  if (!row.isAlive) return { kind: 'expired', connectionId, clientId };
  if (row.isUseToBeNoted) {
    await noteTokenUse(context, { idHash, isPastAnnounced: row.isPastAnnounced, address });
  }
  return { kind: 'ok', caller: toCaller(row) };
}

/** Prepared once per connection and sent past Prisma: it precedes every call, and Prisma takes ten times its time. */
const FIND_BEARER = `
  select c.id as "connectionId", c.team_id as "teamId", c.person_id as "personId", c.client_id as "clientId",
    c.client_name as "clientName", team.policy_version as "policyVersion", c.scopes as "connectionScopes",
    t.payload->>'scope' as "tokenScope", m.role,
    case
      when t.payload->>'aud' is distinct from $2 then 'this token is for another resource'
      when c.revoked_at is not null then 'the connection was revoked'
      when c.ends_at <= now() then 'the connection ended, as a person had set it to'
      when p.disabled_at is not null then 'the account of the person was closed'
      when m.role is null then 'the person left the team'
    end as fault,
    t.announced_until <= now() as "isPastAnnounced",
    (t.last_used_at is null or t.last_used_at < now() - interval '1 minute') as "isUseToBeNoted",
    t.expires_at > now()
      and (t.superseded_at is null or t.superseded_at > now() - make_interval(secs => $5))
      and (t.announced_until > now() or (not $3::boolean
        and coalesce(t.last_used_at, t.created_at) > now() - make_interval(secs => $4)))
      as "isAlive"
  from oidc_token t
  join oidc_grant g on g.id = t.grant_id
  join connection c on c.id = g.connection_id
  join team on team.id = c.team_id
  join person p on p.id = c.person_id
  left join membership m on m.team_id = c.team_id and m.person_id = c.person_id
  where t.id_hash = $1 and t.kind = 'AccessToken'`;

interface BearerRow {
  connectionId: string;
  teamId: string;
  personId: string;
  clientId: string;
  clientName: string;
  policyVersion: number;
  connectionScopes: string[];
  tokenScope: string | null;
  /** Null when there is a fault. */
  role: Role;
  fault: string | null;
  isPastAnnounced: boolean;
  isUseToBeNoted: boolean;
  isAlive: boolean;
}

function toCaller(row: BearerRow): ConnectionCaller {
  const granted = withImplied(row.connectionScopes.filter(isScope));
  const scopes = withImplied(parseScopes(row.tokenScope ?? '')).filter((scope) => granted.includes(scope));
  return {
    kind: 'connection',
    teamId: row.teamId,
    personId: row.personId,
    role: row.role,
    connectionId: row.connectionId,
    clientId: row.clientId,
    clientName: row.clientName,
    policyVersion: row.policyVersion,
    scopes: new Set(scopes),
  };
}
