import { recordActivity } from '../activity/record-activity.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { notFound } from '../errors.ts';
import type { Role } from '../scopes.ts';
import { hashToken } from '../token.ts';

import { createPerson, prepareNewPerson } from './people.ts';

export interface OpenedInvitation {
  teamName: string;
  /** Who it is for: nobody else can use it. */
  email: string;
  role: Role;
  invitedBy: string;
}

export interface TakenInvitation {
  id: string;
  teamId: string;
  role: Role;
}

/** What the link's page says. @throws AppError NotFound (`invitation_gone`): unknown, used, revoked, too old, or its owner is none any more */
export async function openInvitation(context: Context, token: string): Promise<OpenedInvitation> {
  const [row] = await context.db.$queryRaw<OpenedInvitation[]>`
    select t.name as "teamName", i.email, i.role, p.name as "invitedBy"
    from invitation i join team t on t.id = i.team_id
    join membership m on m.team_id = i.team_id and m.person_id = i.invited_by_id and m.role = 'owner'
    join person p on p.id = m.person_id and p.disabled_at is null
    where i.token_hash = ${hashToken(token)} and i.used_at is null and i.expires_at > clock_timestamp()`;
  if (!row) throw invitationGone();
  return row;
}

/** Uses it up for this address; null when it is not good, or is somebody else's. */
export async function takeInvitation(
  tx: Transaction,
  input: { token: string; email: string },
): Promise<TakenInvitation | null> {
  const [row] = await tx.$queryRaw<TakenInvitation[]>`
    update invitation i set used_at = clock_timestamp()
    from membership m join person p on p.id = m.person_id
    where i.token_hash = ${hashToken(input.token)} and i.email = ${input.email} and i.used_at is null
      and i.expires_at > clock_timestamp()
      and m.team_id = i.team_id and m.person_id = i.invited_by_id and m.role = 'owner' and p.disabled_at is null
    returning i.id, i.team_id as "teamId", i.role`;
  return row ?? null;
}

/** Somebody who is a member already keeps their role. */
export async function joinTeam(
  tx: Transaction,
  invitation: TakenInvitation,
  personId: string,
): Promise<void> {
  const { id, teamId, role } = invitation;
  const joined = await tx.$executeRaw`
    insert into membership (team_id, person_id, role, created_at)
    values (${teamId}, ${personId}, ${role}, clock_timestamp()) on conflict do nothing`;
  if (joined === 0) return;
  const caller = { kind: 'person', teamId, personId, role } as const;
  await recordActivity(
    { db: tx },
    { caller, action: 'member.joined', target: id, result: 'ok', detail: { role } },
  );
}

/**
 * A new account with a password.
 * @throws AppError NotFound (`invitation_gone`), Conflict (`person_exists`), InvalidInput for what was typed wrong
 */
export async function acceptAsNewPerson(
  context: Context,
  input: { token: string; name: string; password: string },
): Promise<{ personId: string; teamId: string }> {
  // Before the password is hashed: that costs 19 MiB, and everybody can send this form.
  const { email } = await openInvitation(context, input.token);
  const person = await prepareNewPerson({ email, name: input.name, password: input.password });
  return context.db.$transaction(async (tx) => {
    const invitation = await takeInvitation(tx, { token: input.token, email });
    if (!invitation) throw invitationGone();
    const personId = await createPerson(tx, person);
    await joinTeam(tx, invitation, personId);
    return { personId, teamId: invitation.teamId };
  });
}

/** Somebody with an account joins. @throws AppError NotFound (`invitation_gone`), also when it is for another address */
export async function acceptAsMember(
  context: Context,
  input: { token: string; personId: string },
): Promise<{ teamId: string }> {
  return context.db.$transaction(async (tx) => {
    const person = await tx.person.findUnique({ where: { id: input.personId }, select: { email: true } });
    const invitation = person && (await takeInvitation(tx, { token: input.token, email: person.email }));
    if (!invitation) throw invitationGone();
    await joinTeam(tx, invitation, input.personId);
    return { teamId: invitation.teamId };
  });
}

function invitationGone() {
  return notFound({
    code: 'invitation_gone',
    message:
      'This invitation was used already, was taken back, or is older than seven days. Ask for a new one.',
  });
}
