import type { Context } from '../context.ts';

import { joinTeam, takeInvitation } from './accept-invitation.ts';
import { linkIdentity } from './external-identities.ts';
import { createPerson, toPersonName } from './people.ts';

/** An account without a password, for somebody who opened the invitation to exactly this address. Null when it is not good. */
export async function joinByCompany(
  context: Context,
  account: {
    issuer: string;
    subject: string;
    email: string;
    name: string | undefined;
    invitationToken: string;
  },
): Promise<string | null> {
  const { issuer, subject, email } = account;
  return context.db.$transaction(async (tx) => {
    const invitation = await takeInvitation(tx, { token: account.invitationToken, email });
    if (!invitation) return null;
    const name = toPersonName(account.name, email);
    const personId = await createPerson(tx, { email, name, passwordHash: null });
    await linkIdentity(tx, { issuer, subject, personId, email });
    await joinTeam(tx, invitation, personId);
    return personId;
  });
}
