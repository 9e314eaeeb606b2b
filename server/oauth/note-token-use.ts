import type { Context } from '../context.ts';
import { newId } from '../ids.ts';

/**
 * Writes down that a token was used, on the token, its connection and its client; at most once a minute, however many
 * calls come at the same time. A use past the announced hour goes on the connection's timeline, at most once an hour.
 */
export async function noteTokenUse(
  context: Context,
  use: { idHash: Uint8Array<ArrayBuffer>; isPastAnnounced: boolean },
): Promise<void> {
  await context.db.$executeRaw`
    with used as (
      update oidc_token set last_used_at = clock_timestamp()
      where id_hash = ${use.idHash} and (last_used_at is null or last_used_at < clock_timestamp() - interval '1 minute')
      returning grant_id
    ), used_connection as (
      update connection c set last_used_at = clock_timestamp()
      from used join oidc_grant g on g.id = used.grant_id
      where c.id = g.connection_id
      returning c.id, c.team_id, c.person_id, c.client_id
    ), used_client as (
      update client set last_used_at = clock_timestamp() from used_connection where client.id = used_connection.client_id
    )
    insert into activity (id, team_id, at, actor, person_id, connection_id, action, target, result)
    select ${newId('activity')}, team_id, clock_timestamp(), 'connection', person_id, id, 'token.used_past_expiry', id, 'ok'
    from used_connection
    where ${use.isPastAnnounced}::boolean and not exists (
      select from activity a
      where a.connection_id = used_connection.id and a.action = 'token.used_past_expiry'
        and a.at > clock_timestamp() - interval '1 hour')`;
}
