import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notAllowed, notFound } from '../errors.ts';
import { parseScopes, type Scope } from '../scopes.ts';

import { endConnection } from './end-connection.ts';

export interface ConnectionSummary {
  id: string;
  clientName: string;
  /** Where its codes go: a host, or the scheme of an app on the person's own machine. */
  redirectHost: string;
  personName: string;
  scopes: Scope[];
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
  /** A refresh token was replayed: what the connection scheduled since then is held. */
  suspectSince: Date | null;
  /** Posts that go out under it, or wait for an approval to do so. */
  waitingPosts: number;
  /** Whether this person may revoke it: it is theirs, or they own the team. */
  mayRevoke: boolean;
}

/** Every connection of the team: those in force first, each by its last use. At most 200. */
export async function listConnections(context: Context, caller: PersonCaller): Promise<ConnectionSummary[]> {
  const rows = await context.db.$queryRaw<ConnectionRow[]>`
    select c.id, c.client_name as "clientName", c.redirect_host as "redirectHost", p.name as "personName",
      c.person_id as "personId", c.scopes, c.created_at as "createdAt", c.last_used_at as "lastUsedAt",
      c.revoked_at as "revokedAt", c.suspect_since as "suspectSince",
      (select count(distinct d.post_id)::int from delivery d
       where d.scheduled_by_connection_id = c.id
         and d.state in ('scheduled', 'claimed', 'prepared', 'awaiting_approval')) as "waitingPosts"
    from connection c join person p on p.id = c.person_id
    where c.team_id = ${caller.teamId}
    order by c.revoked_at is not null, coalesce(c.last_used_at, c.created_at) desc, c.id
    limit 200`;
  return rows.map(({ personId, scopes, ...row }) => ({
    ...row,
    scopes: parseScopes(scopes.join(' ')),
    mayRevoke: mayRevoke(caller, personId),
  }));
}

type ConnectionRow = Omit<ConnectionSummary, 'scopes' | 'mayRevoke'> & { personId: string; scopes: string[] };

/**
 * Ends a connection: its tokens die at once, what it scheduled is held and can be handed over or cancelled.
 * Revoking it again changes nothing.
 * @throws AppError NotFound, or NotAllowed (`not_your_connection`)
 */
export async function revokeConnection(
  context: Context,
  caller: PersonCaller,
  connectionId: string,
): Promise<{ heldDeliveries: number }> {
  return context.db.$transaction(async (tx) => {
    const connection = await tx.connection.findUnique({
      where: { teamId_id: { teamId: caller.teamId, id: connectionId } },
      select: { personId: true, revokedAt: true },
    });
    if (!connection) {
      throw notFound({
        code: 'connection_not_found',
        message: 'This connection does not exist in your team.',
      });
    }
    if (!mayRevoke(caller, connection.personId)) {
      throw notAllowed({
        code: 'not_your_connection',
        message: 'Only the person who made this connection or an owner of the team can revoke it.',
      });
    }
    if (connection.revokedAt) return { heldDeliveries: 0 };
    const heldDeliveries = await endConnection(tx, {
      connectionId,
      teamId: caller.teamId,
      personId: connection.personId,
      revokedById: caller.personId,
    });
    return { heldDeliveries };
  });
}

function mayRevoke(caller: PersonCaller, personId: string): boolean {
  return caller.role === 'owner' || caller.personId === personId;
}
