import { recordActivity } from '../activity/record-activity.ts';
import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict, notAllowed } from '../errors.ts';
import type { Role } from '../scopes.ts';

import { assertOwner, notAMember, parseRole } from './members.ts';

/** @throws AppError NotAllowed (`not_owner`), NotFound, InvalidInput, Conflict (`last_owner`) */
export async function changeRole(
  context: Context,
  caller: PersonCaller,
  input: { personId: string; role: string },
): Promise<void> {
  assertOwner(caller);
  const { personId } = input;
  await context.db.$transaction(async (tx) => {
    const from = await lockMember(tx, caller, personId);
    const role = parseRole(input.role);
    if (from === role) return;
    if (from === 'owner') await assertAnotherOwner(tx, caller, personId);
    const { teamId } = caller;
    await takeBackInvitationsOf(tx, teamId, personId);
    await tx.membership.update({ where: { teamId_personId: { teamId, personId } }, data: { role } });
    const detail = { from, to: role };
    await recordActivity(
      { db: tx },
      { caller, action: 'member.role_changed', target: personId, result: 'ok', detail },
    );
  });
}

/**
 * Ends the membership. Their connections in this team stop with it, because every call joins the membership, and their posts
 * are held by the guard of each send; `revokeConnectionsOf` then ends those connections for good. They may go on in other teams.
 * @throws AppError NotAllowed (`not_owner`), NotFound, Conflict (`last_owner`)
 */
export async function removeMember(context: Context, caller: PersonCaller, personId: string): Promise<void> {
  assertOwner(caller);
  await context.db.$transaction(async (tx) => {
    const from = await lockMember(tx, caller, personId);
    if (from === 'owner') await assertAnotherOwner(tx, caller, personId);
    const { teamId } = caller;
    await takeBackInvitationsOf(tx, teamId, personId);
    await tx.membership.delete({ where: { teamId_personId: { teamId, personId } } });
    await recordActivity({ db: tx }, { caller, action: 'member.removed', target: personId, result: 'ok' });
  });
}

/**
 * Changes of one team's members come one after the other, so that two owners cannot lower each other at once. The member is
 * locked before the team, as the guard of a send locks them: else one of the two could be the one that a deadlock ends.
 */
async function lockMember(tx: Transaction, caller: PersonCaller, personId: string): Promise<Role> {
  await tx.$queryRaw`
    select 1 from membership where team_id = ${caller.teamId} and person_id = ${personId} for update`;
  await tx.$queryRaw`select 1 from team where id = ${caller.teamId} for no key update`;
  const rows = await tx.membership.findMany({
    where: { teamId: caller.teamId, personId: { in: [caller.personId, personId] } },
  });
  const roleOf = (id: string) => rows.find((row) => row.personId === id)?.role;
  if (roleOf(caller.personId) !== 'owner') {
    throw notAllowed({ code: 'not_owner', message: 'You are not an owner of the team any more.' });
  }
  const role = roleOf(personId);
  if (!role) throw notAMember();
  return role as Role;
}

/** Or somebody who is an owner no more could come back through one that they had kept. */
async function takeBackInvitationsOf(tx: Transaction, teamId: string, personId: string): Promise<void> {
  await tx.invitation.deleteMany({ where: { teamId, invitedById: personId, usedAt: null } });
}

async function assertAnotherOwner(tx: Transaction, caller: PersonCaller, personId: string): Promise<void> {
  const another = await tx.membership.findFirst({
    where: {
      teamId: caller.teamId,
      role: 'owner',
      personId: { not: personId },
      person: { disabledAt: null },
    },
    select: { personId: true },
  });
  if (another) return;
  throw conflict({
    code: 'last_owner',
    message: 'This is the only owner of the team. Make somebody else an owner first.',
  });
}
