import { Prisma } from '../../prisma/generated/client.ts';
import type { Transaction } from '../database/client.ts';
import type { RowsInUse } from '../deliveries/hold-campaign.ts';
import { newId } from '../ids.ts';

const HELD_MESSAGE =
  'The connection that scheduled this post was revoked. Hand the post over to yourself to send it all the same, or cancel it.';

export interface EndedConnection {
  connectionId: string;
  teamId: string;
  /** Whose connection it is. */
  personId: string;
  /** The person who revoked it in the browser, or null when the client gave its own token back (RFC 7009). */
  revokedById: string | null;
  /** Where that came from. */
  address?: string | undefined;
}

/**
 * Ends a connection for good: its tokens die at once, and what it scheduled is held, never dropped. What is being sent
 * goes through. Deliveries are locked before the connection, in the order in which a send locks them.
 * @returns how many deliveries are held now
 */
export async function endConnection(tx: Transaction, ended: EndedConnection): Promise<number> {
  const { connectionId, teamId, personId, revokedById, address } = ended;
  const heldBefore = await holdDeliveries(tx, connectionId, 'wait');
  await tx.$executeRaw`
    update connection set revoked_at = coalesce(revoked_at, clock_timestamp()),
      revoked_by_id = case when revoked_at is null then ${revokedById} else revoked_by_id end
    where id = ${connectionId}`;
  // Whoever holds one by now asks for the connection next, and sees that it has ended.
  const heldMeanwhile = await holdDeliveries(tx, connectionId, 'skip');
  await tx.oidcGrant.deleteMany({ where: { connectionId } });
  const heldDeliveries = heldBefore + heldMeanwhile;
  await tx.activity.create({
    data: {
      id: newId('activity'),
      teamId,
      actor: revokedById ? 'person' : 'connection',
      personId: revokedById ?? personId,
      connectionId,
      action: 'connection.revoked',
      target: connectionId,
      result: 'ok',
      address: address ?? null,
      detail: { heldDeliveries },
    },
  });
  return heldDeliveries;
}

/**
 * The fence rises, so that a worker that holds one of them may no longer move it. Locked by id, as everything that moves
 * several deliveries locks them: else stopping a client could be the one that a deadlock ends.
 */
async function holdDeliveries(tx: Transaction, connectionId: string, inUse: RowsInUse): Promise<number> {
  return tx.$executeRaw`
    with waiting as materialized (
      select id from delivery
      where scheduled_by_connection_id = ${connectionId}
        and state in ('scheduled', 'claimed', 'prepared', 'awaiting_approval')
      order by id for update ${inUse === 'skip' ? Prisma.sql`skip locked` : Prisma.empty}
    )
    update delivery d set state = 'held', problem_code = 'connection_revoked', problem_message = ${HELD_MESSAGE},
      fence = fence + 1, lease_until = null, updated_at = clock_timestamp()
    from waiting where waiting.id = d.id`;
}
