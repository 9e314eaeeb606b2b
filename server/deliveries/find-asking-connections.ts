import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { parseScopes, type Scope } from '../scopes.ts';

/** A connection under which a client asks that a post goes out. */
export interface AskingConnection {
  id: string;
  clientName: string;
  personName: string;
  createdAt: Date;
  /** Null while it is in force. */
  revokedAt: Date | null;
  scopes: Scope[];
}

/** Those under which what waits of a post was scheduled, or a yes to its present revision was asked for. */
export async function findAskingConnections(
  { db }: Pick<Context, 'db'>,
  { teamId }: PersonCaller,
  postId: string,
): Promise<AskingConnection[]> {
  const rows = await db.$queryRaw<(Omit<AskingConnection, 'scopes'> & { scopes: string[] })[]>`
    select c.id, c.client_name as "clientName", p.name as "personName", c.created_at as "createdAt",
      c.revoked_at as "revokedAt", c.scopes
    from connection c join person p on p.id = c.person_id
    where c.team_id = ${teamId} and (
      exists (select from delivery d where d.team_id = ${teamId} and d.post_id = ${postId}
        and d.scheduled_by_connection_id = c.id and d.state in ('awaiting_approval', 'held', 'missed'))
      or exists (select from approval_request q join post on post.id = q.post_id and post.rev = q.rev
        where q.team_id = ${teamId} and q.post_id = ${postId} and q.requested_by_connection_id = c.id
          and q.expires_at > clock_timestamp()))
    order by c.created_at, c.id
    limit 5`;
  return rows.map(({ scopes, ...row }) => ({ ...row, scopes: parseScopes(scopes.join(' ')) }));
}
