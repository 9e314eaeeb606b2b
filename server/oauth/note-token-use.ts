import type { Context } from '../context.ts';
import { prepared } from '../database/prepared.ts';
import { newId } from '../ids.ts';

import { FAMILY_DAYS, REFRESH_TOKEN_DAYS } from './lifetimes.ts';

export interface TokenUse {
  idHash: Uint8Array<ArrayBuffer>;
  isPastAnnounced: boolean;
  /** The network address that it came from. */
  address: string | undefined;
}

/**
 * Writes down that a token was used, on the token, its connection and its client; at most once a minute, however many
 * calls come at the same time. Use keeps the family and its refresh token alive, as a refresh does. A use past the
 * announced hour goes on the connection's timeline, at most once an hour.
 * Locked in the order in which a revocation locks: connection, family, token.
 */
export async function noteTokenUse(context: Context, use: TokenUse): Promise<void> {
  const [first] = await prepared<{ connectionId: string; clientId: string; personId: string }>(context)`
    with used_connection as materialized (
      select c.id, c.team_id, c.person_id, c.client_id, g.id as grant_id, c.first_used_at is null as is_first
      from oidc_token t
      join oidc_grant g on g.id = t.grant_id
      join connection c on c.id = g.connection_id
      where t.id_hash = ${use.idHash}
        and (t.last_used_at is null or t.last_used_at < clock_timestamp() - interval '1 minute')
      for no key update of c
    ), family as materialized (
      select g.id, g.expires_at from oidc_grant g join used_connection u on u.grant_id = g.id for no key update of g
    ), used as (
      update oidc_token t set last_used_at = clock_timestamp() from family
      where t.grant_id = family.id and t.id_hash = ${use.idHash}
        and (t.last_used_at is null or t.last_used_at < clock_timestamp() - interval '1 minute')
      returning t.grant_id
    ), kept_family as (
      update oidc_grant g set expires_at = clock_timestamp() + make_interval(days => ${FAMILY_DAYS}::int)
      from used where g.id = used.grant_id
        and g.expires_at < clock_timestamp() + make_interval(days => ${FAMILY_DAYS - 1}::int)
    ), kept_refresh_token as (
      update oidc_token t set expires_at = clock_timestamp() + make_interval(days => ${REFRESH_TOKEN_DAYS}::int)
      from used where t.grant_id = used.grant_id and t.kind = 'RefreshToken'
        and t.consumed_at is null and t.voided_at is null
        and t.expires_at between clock_timestamp()
          and clock_timestamp() + make_interval(days => ${REFRESH_TOKEN_DAYS - 1}::int)
    ), noted_connection as (
      update connection c set last_used_at = clock_timestamp(),
        first_used_at = coalesce(c.first_used_at, clock_timestamp()),
        last_address = coalesce(${use.address ?? null}::text, c.last_address)
      from used_connection u where c.id = u.id and exists (select from used)
    ), noted_client as (
      update client set last_used_at = clock_timestamp()
      from used_connection u where client.id = u.client_id and exists (select from used)
    ), noted_activity as (
      insert into activity (id, team_id, at, actor, person_id, connection_id, action, target, result, address)
      select ${newId('activity')}, u.team_id, clock_timestamp(), 'connection', u.person_id, u.id,
        'token.used_past_expiry', u.id, 'ok', ${use.address ?? null}::text
      from used_connection u
      where ${use.isPastAnnounced}::boolean and exists (select from used) and not exists (
        select from activity a
        where a.connection_id = u.id and a.action = 'token.used_past_expiry'
          and a.at > clock_timestamp() - interval '1 hour')
    )
    select u.id as "connectionId", u.client_id as "clientId", u.person_id as "personId"
    from used_connection u where u.is_first and exists (select from used)`;
  if (first) context.clientEvents.record({ kind: 'first_call', ...first, address: use.address });
}
