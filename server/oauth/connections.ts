import type { PersonCaller } from '../caller.ts';
import {
  countClientGroups,
  findClientGroup,
  listClientGroups,
  type ClientGroup,
  type GroupFilter,
  type GroupListInput,
} from '../clients/client-groups.ts';
import { mayManage } from '../clients/connection-facts.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { notAllowed, notFound } from '../errors.ts';
import type { Page } from '../paging.ts';

import { endConnection } from './end-connection.ts';
import { findUnconnectedClients } from './unconnected-clients.ts';

/** A page of the clients that have or had to do with the team, and how many there are by filter. */
export async function listClients(
  context: Context,
  caller: PersonCaller,
  input: Omit<GroupListInput, 'unconnected'>,
): Promise<Page<ClientGroup> & { counts: Record<GroupFilter, number> }> {
  const unconnected = await findUnconnectedClients(context, caller);
  const [page, counts] = await Promise.all([
    listClientGroups(context, caller, { ...input, unconnected }),
    countClientGroups(context, caller, unconnected),
  ]);
  return { ...page, counts };
}

/** @throws AppError NotFound: also for a client of another team */
export async function findClient(
  context: Context,
  caller: PersonCaller,
  groupId: string,
): Promise<ClientGroup> {
  return findClientGroup(context, caller, groupId, await findUnconnectedClients(context, caller));
}

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
      select: { id: true, personId: true, revokedAt: true },
    });
    if (!connection) {
      throw notFound({
        code: 'connection_not_found',
        message: 'This connection does not exist in your team.',
      });
    }
    if (!mayManage(caller, connection)) {
      throw notAllowed({
        code: 'not_your_connection',
        message: 'Only the person who made this connection or an owner of the team can revoke it.',
      });
    }
    return { heldDeliveries: connection.revokedAt ? 0 : await revoke(tx, caller, connection) };
  });
}

/**
 * Ends every connection of a client that the person may end: an owner all, others their own.
 * @returns the ids of those that ended now
 * @throws AppError NotFound; NotAllowed (`not_your_connection`) when all that are in force are other people's
 */
export async function revokeClient(
  context: Context,
  caller: PersonCaller,
  groupId: string,
): Promise<string[]> {
  const group = await findClient(context, caller, groupId);
  const { clientName, redirectHost } = group;
  const inForce = await context.db.connection.findMany({
    where: { teamId: caller.teamId, clientName, redirectHost, revokedAt: null },
    select: { id: true, personId: true, revokedAt: true },
    orderBy: { id: 'asc' },
  });
  const mine = inForce.filter((connection) => mayManage(caller, connection));
  if (inForce.length > 0 && mine.length === 0) {
    throw notAllowed({
      code: 'not_your_connection',
      message:
        'Other people made the connections of this client. They or an owner of the team can revoke them.',
    });
  }
  // One transaction each: what is held for one is held, whatever becomes of the next.
  for (const connection of mine) await context.db.$transaction((tx) => revoke(tx, caller, connection));
  return mine.map(({ id }) => id);
}

/** Ends every connection of somebody who left the team, so that none comes back should they be invited again. */
export async function revokeConnectionsOf(
  context: Context,
  caller: PersonCaller,
  personId: string,
): Promise<void> {
  const inForce = await context.db.connection.findMany({
    where: {
      teamId: caller.teamId,
      personId,
      revokedAt: null,
      person: { memberships: { none: { teamId: caller.teamId } } },
    },
    select: { id: true, personId: true },
    orderBy: { id: 'asc' },
  });
  for (const connection of inForce) await context.db.$transaction((tx) => revoke(tx, caller, connection));
}

function revoke(
  tx: Transaction,
  caller: PersonCaller,
  { id, personId }: { id: string; personId: string },
): Promise<number> {
  return endConnection(tx, {
    connectionId: id,
    teamId: caller.teamId,
    personId,
    revokedById: caller.personId,
    address: caller.address,
  });
}
