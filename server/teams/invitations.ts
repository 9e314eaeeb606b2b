import { recordActivity } from '../activity/record-activity.ts';
import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { conflict, invalidInput, notFound } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Role } from '../scopes.ts';
import { hashToken, newToken } from '../token.ts';

import { assertOwner, parseRole } from './members.ts';
import { normaliseEmail } from './people.ts';

export const INVITATION_DAYS = 7;
/** Waiting ones of one team. */
const MAX_WAITING = 100;

export interface Invitation {
  id: string;
  email: string;
  role: Role;
  invitedBy: string;
  expiresAt: Date;
}

/**
 * A link that works once, for this address, within seven days; an earlier one to the same address ends. Whether the address
 * has an account here is not told.
 * @throws AppError NotAllowed (`not_owner`), InvalidInput, Conflict (`member_already`)
 */
export async function invitePerson(
  context: Context,
  caller: PersonCaller,
  input: { email: string; role: string },
): Promise<{ link: string; email: string }> {
  assertOwner(caller);
  const email = normaliseEmail(input.email);
  const role = parseRole(input.role);
  const { teamId, personId } = caller;
  const token = newToken();
  await context.db.$transaction(async (tx) => {
    await tx.$executeRaw`
      delete from invitation
      where team_id = ${teamId} and used_at is null and (email = ${email} or expires_at < clock_timestamp())`;
    if (await tx.membership.findFirst({ where: { teamId, person: { email } }, select: { role: true } })) {
      throw conflict({ code: 'member_already', field: 'email', message: `${email} is a member already.` });
    }
    if ((await tx.invitation.count({ where: { teamId, usedAt: null } })) >= MAX_WAITING) {
      throw invalidInput({
        code: 'too_many_invitations',
        message: `${MAX_WAITING} invitations are waiting. Take some back first.`,
      });
    }
    const id = newId('invitation');
    await tx.$executeRaw`
      insert into invitation (id, token_hash, team_id, email, role, invited_by_id, created_at, expires_at)
      values (${id}, ${hashToken(token)}, ${teamId}, ${email}, ${role}, ${personId}, clock_timestamp(),
              clock_timestamp() + make_interval(days => ${INVITATION_DAYS}::int))`;
    const detail = { email, role };
    await recordActivity({ db: tx }, { caller, action: 'member.invited', target: id, result: 'ok', detail });
  });
  return { link: `${context.publicUrl}/invitation/${token}`, email };
}

/** Those that could still be used, the next to end first. */
export async function listInvitations(context: Context, caller: PersonCaller): Promise<Invitation[]> {
  return context.db.$queryRaw<Invitation[]>`
    select i.id, i.email, i.role, p.name as "invitedBy", i.expires_at as "expiresAt"
    from invitation i
    join membership m on m.team_id = i.team_id and m.person_id = i.invited_by_id and m.role = 'owner'
    join person p on p.id = m.person_id and p.disabled_at is null
    where i.team_id = ${caller.teamId} and i.used_at is null and i.expires_at > clock_timestamp()
    order by i.expires_at, i.id`;
}

/** @throws AppError NotAllowed (`not_owner`), NotFound */
export async function takeBackInvitation(context: Context, caller: PersonCaller, id: string): Promise<void> {
  assertOwner(caller);
  await context.db.$transaction(async (tx) => {
    const { count } = await tx.invitation.deleteMany({ where: { teamId: caller.teamId, id, usedAt: null } });
    if (count === 0) {
      throw notFound({ code: 'not_found', message: 'This invitation was used already, or was taken back.' });
    }
    await recordActivity({ db: tx }, { caller, action: 'invitation.taken_back', target: id, result: 'ok' });
  });
}
