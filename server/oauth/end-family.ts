import type { Context } from '../context.ts';
import { newId } from '../ids.ts';

/**
 * Ends a token family: its tokens go with the row, and the client must sign in again. The connection stays, and with
 * it what a person approved.
 * @param suspectSince when the replayed refresh token was first rotated: whoever held a copy may have acted since then,
 *   so what the connection scheduled later is held. Null when it was a code that was replayed; that one needs the
 *   client's own verifier, so nobody else can have used it.
 */
export async function endFamily(
  context: Context,
  grantId: string,
  suspectSince: string | null,
): Promise<void> {
  await context.db.$executeRaw`
    with locked as materialized (
      select c.id from connection c join oidc_grant g on g.connection_id = c.id
      where g.id = ${grantId} for no key update of c
    ), ended as (
      delete from oidc_grant g using locked
      where g.id = ${grantId} and g.connection_id = locked.id returning g.connection_id
    ), suspected as (
      update connection c set suspect_since = coalesce(c.suspect_since, ${suspectSince}::text::timestamptz)
      from ended where c.id = ended.connection_id
      returning c.id, c.team_id, c.person_id
    )
    insert into activity (id, team_id, at, actor, person_id, connection_id, action, target, result)
    select ${newId('activity')}, team_id, clock_timestamp(), 'system', person_id, id,
      case when ${suspectSince}::text is null then 'connection.code_replayed' else 'connection.refresh_replayed' end,
      id, 'ok'
    from suspected`;
}
