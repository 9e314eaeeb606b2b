import type { ConnectionCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { parseScopes, type Role } from '../scopes.ts';

import { noteTokenUse } from './note-token-use.ts';
import { mcpResourceOf } from './resource.ts';
import { hashToken } from './token-hash.ts';

/**
 * invalid: unknown, revoked, for another resource, or its person lost the account or the team.
 * expired: it was good once; the client must refresh or sign in again. Both are a 401 `invalid_token`.
 */
export type BearerResult =
  { kind: 'ok'; caller: ConnectionCaller } | { kind: 'invalid' } | { kind: 'expired' };

/**
 * Who calls with this access token: one join from the token over its family, connection and person to the membership,
 * so that revoking any of them counts at once. A token that was never refreshed is honoured past its announced hour
 * (soft expiry): `TOKEN_IDLE_HOURS` after its last use, at most `TOKEN_MAX_DAYS`, never with `TOKEN_STRICT`.
 * The caller's scopes are those of both the token and the connection; what the role takes away is for the guard to say.
 */
export async function findBearer(context: Context, token: string): Promise<BearerResult> {
  const { isStrict, idleSeconds, replaySeconds } = context.config.tokens;
  const idHash = hashToken(token);
  const { rows } = await context.pool.query<BearerRow>({
    name: 'find_bearer',
    text: FIND_BEARER,
    values: [idHash, mcpResourceOf(context), isStrict, idleSeconds, replaySeconds],
  });
  const [row] = rows;
  if (!row) return { kind: 'invalid' };
  if (!row.isAlive) return { kind: 'expired' };
  if (row.isUseToBeNoted) await noteTokenUse(context, { idHash, isPastAnnounced: row.isPastAnnounced });
  return { kind: 'ok', caller: toCaller(row) };
}

/** Prepared once per connection and sent past Prisma: it precedes every call, and Prisma takes ten times its time. */
const FIND_BEARER = `
  select c.id as "connectionId", c.team_id as "teamId", c.person_id as "personId", c.client_id as "clientId",
    c.client_name as "clientName", team.policy_version as "policyVersion", c.scopes as "connectionScopes", t.payload->>'scope' as "tokenScope", m.role,
    t.announced_until <= now() as "isPastAnnounced",
    (t.last_used_at is null or t.last_used_at < now() - interval '1 minute') as "isUseToBeNoted",
    t.expires_at > now()
      and (t.superseded_at is null or t.superseded_at > now() - make_interval(secs => $5))
      and (t.announced_until > now() or (not $3::boolean
        and coalesce(t.last_used_at, t.created_at) > now() - make_interval(secs => $4)))
      as "isAlive"
  from oidc_token t
  join oidc_grant g on g.id = t.grant_id
  join connection c on c.id = g.connection_id and c.revoked_at is null and (c.ends_at is null or c.ends_at > now())
  join team on team.id = c.team_id
  join person p on p.id = c.person_id and p.disabled_at is null
  join membership m on m.team_id = c.team_id and m.person_id = c.person_id
  where t.id_hash = $1 and t.kind = 'AccessToken' and t.payload->>'aud' = $2`;

interface BearerRow {
  connectionId: string;
  teamId: string;
  personId: string;
  clientId: string;
  clientName: string;
  policyVersion: number;
  connectionScopes: string[];
  tokenScope: string | null;
  role: Role;
  isPastAnnounced: boolean;
  isUseToBeNoted: boolean;
  isAlive: boolean;
}

function toCaller(row: BearerRow): ConnectionCaller {
  const scopes = parseScopes(row.tokenScope ?? '').filter((scope) => row.connectionScopes.includes(scope));
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
