import Provider, { errors, type Adapter, type AdapterPayload } from 'oidc-provider';

import type { Context } from '../context.ts';
import { prepared } from '../database/prepared.ts';
import { newId } from '../ids.ts';
import { hashToken } from '../token.ts';

import { consumeRefreshToken } from './consume-refresh-token.ts';
import { findRefreshToken } from './find-refresh-token.ts';
import { revivePayload, withoutId } from './payload.ts';
import { refreshNote } from './refresh-notes.ts';

export type TokenKind = 'AuthorizationCode' | 'AccessToken' | 'RefreshToken';

/**
 * Codes, access tokens and refresh tokens. Every one belongs to a family (oidc_grant) and dies with it, also one that
 * is written after the family has ended: then there is no row to belong to.
 */
export function createTokenStore(context: Context, kind: TokenKind): Adapter {
  return {
    async upsert(id, payload, expiresIn) {
      const isKept = await insertToken(context, { kind, id, payload, expiresIn: expiresIn ?? 0 });
      if (!isKept) throw new errors.InvalidGrant('the grant has ended');
    },
    async find(id) {
      const found =
        kind === 'RefreshToken' ? await findRefreshToken(context, id) : await findToken(context, kind, id);
      return found && revivePayload(id, found.payload, found.remainingSeconds);
    },
    async consume(id) {
      const isConsumed =
        kind === 'RefreshToken'
          ? await consumeRefreshToken(context, id, refreshNote().consumedAt)
          : await consumeToken(context, kind, id);
      if (!isConsumed) throw new errors.InvalidGrant('it was used already');
    },
    async destroy(id) {
      await context.db.oidcToken.deleteMany({ where: { idHash: hashToken(id), kind } });
    },
    // The library revokes the grant itself alongside, always (revokeGrantPolicy), and that takes these rows with it.
    // Deleting them here too would only have two statements lock the same rows in different orders.
    async revokeByGrantId() {},
    async findByUid() {},
    async findByUserCode() {},
  };
}

/** With its row of the audit record: no access token exists without one. */
async function insertToken(
  context: Context,
  token: { kind: TokenKind; id: string; payload: AdapterPayload; expiresIn: number },
): Promise<boolean> {
  const { kind, id, payload, expiresIn } = token;
  const rotated = Provider.ctx?.oidc.entities.RotatedRefreshToken;
  const predecessor = kind === 'RefreshToken' && rotated ? hashToken(rotated.jti) : null;
  const doesSupersede = kind === 'AccessToken' && rotated !== undefined;
  const address = Provider.ctx?.ip ?? null;
  const inserted = await prepared(context)`
    with family as (
      select id, connection_id from oidc_grant where id = ${payload.grantId ?? ''} for key share
    ), superseded as (
      update oidc_token t set superseded_at = clock_timestamp() from family
      where ${doesSupersede}::boolean and t.grant_id = family.id and t.kind = 'AccessToken' and t.superseded_at is null
    ), noted as (
      insert into activity (id, team_id, at, actor, person_id, connection_id, action, target, result, address)
      select ${newId('activity')}, c.team_id, clock_timestamp(), 'connection', c.person_id, c.id,
        case when ${doesSupersede}::boolean then 'token.refreshed' else 'token.issued' end, c.id, 'ok', ${address}::text
      from family join connection c on c.id = family.connection_id
      where ${kind} = 'AccessToken'
    )
    insert into oidc_token
      (id_hash, kind, grant_id, payload, created_at, expires_at, announced_until, predecessor_hash)
    select ${hashToken(id)}, ${kind}, family.id, ${JSON.stringify(withoutId(payload))}::jsonb, clock_timestamp(),
      clock_timestamp() + make_interval(secs => ${expiresIn}::float8),
      case when ${kind} = 'AccessToken'
        then clock_timestamp() + make_interval(secs => ${context.config.tokens.announcedSeconds}::float8) end,
      ${predecessor}::bytea
    from family
    on conflict (id_hash) do update set payload = excluded.payload, expires_at = excluded.expires_at
    returning 1`;
  return inserted.length === 1;
}

interface FoundToken {
  payload: AdapterPayload;
  remainingSeconds: number;
}

async function findToken(context: Context, kind: TokenKind, id: string): Promise<FoundToken | undefined> {
  const [row] = await prepared<FoundToken & { isConsumed: boolean; isJustConsumed: boolean }>(context)`
    select payload, extract(epoch from expires_at - clock_timestamp())::float8 as "remainingSeconds",
      consumed_at is not null as "isConsumed",
      coalesce(consumed_at > clock_timestamp() - interval '10 seconds', false) as "isJustConsumed"
    from oidc_token where id_hash = ${hashToken(id)} and kind = ${kind} and expires_at > clock_timestamp()`;
  if (!row) return undefined;
  // Whoever comes second in a race (a page loaded twice, a double click) fails, but must not end the winner's tokens,
  // as a later replay does.
  if (row.isJustConsumed) throw new errors.InvalidGrant('it was used a moment ago');
  const payload = row.isConsumed ? { ...row.payload, consumed: true } : row.payload;
  return { payload, remainingSeconds: row.remainingSeconds };
}

async function consumeToken(context: Context, kind: TokenKind, id: string): Promise<boolean> {
  const consumed = await prepared(context)`
    update oidc_token set consumed_at = clock_timestamp()
    where id_hash = ${hashToken(id)} and kind = ${kind} and consumed_at is null
    returning 1`;
  return consumed.length === 1;
}
