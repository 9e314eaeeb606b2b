import type { Context } from '../context.ts';
import { canonicalEmail, isDomainAllowed } from '../email-address.ts';

import type { CompanyAttempt } from './company-attempts.ts';
import { awaitPassword } from './company-link.ts';
import type { CompanyIdentity, CompanyProfile } from './company-provider.ts';
import { joinByCompany } from './join-by-company.ts';

/**
 * no_email, unverified, domain: what the provider says about the address is not enough. other_account: the person of this
 * address has no password and another company account. disabled: switched off here.
 */
export type CompanyRefusal =
  'no_email' | 'unverified' | 'domain' | 'other_account' | 'disabled' | 'not_invited';

/** password: the address belongs to somebody here, who must prove once, within ten minutes, that it is them. */
export type CompanyEntry =
  | { kind: 'signed_in'; personId: string; isNew: boolean }
  | { kind: 'password'; personId: string }
  | { kind: 'refused'; reason: CompanyRefusal; email: string | undefined };

/**
 * Who comes in with a company account. A linked one is known by issuer and subject alone, whatever its address is by now;
 * an unknown one never gets in by its address alone, only by a password or by the link of an invitation.
 */
export async function enterByCompany(
  context: Context,
  identity: CompanyIdentity,
  attempt: CompanyAttempt,
): Promise<CompanyEntry> {
  const { issuer, subject } = identity;
  const linked = await context.db.externalIdentity.findUnique({
    where: { issuer_subject: { issuer, subject } },
    select: { email: true, person: { select: { id: true, disabledAt: true } } },
  });
  if (linked?.person.disabledAt) return { kind: 'refused', reason: 'disabled', email: linked.email };
  if (linked) return { kind: 'signed_in', personId: linked.person.id, isNew: false };

  const profile = await identity.readProfile();
  const email = canonicalEmail(profile.email ?? '');
  if (!email) return { kind: 'refused', reason: 'no_email', email: undefined };
  const refusal = refuseEmail(context, profile, email);
  if (refusal) return { kind: 'refused', reason: refusal, email };

  const person = await context.db.person.findUnique({
    where: { email },
    select: { id: true, passwordHash: true, disabledAt: true },
  });
  if (!person) {
    const account = { issuer, subject, email, name: profile.name };
    const personId = attempt.invitationToken
      ? await joinByCompany(context, { ...account, invitationToken: attempt.invitationToken })
      : null;
    if (personId) return { kind: 'signed_in', personId, isNew: true };
    return { kind: 'refused', reason: 'not_invited', email };
  }
  if (person.disabledAt) return { kind: 'refused', reason: 'disabled', email };
  if (!person.passwordHash) return { kind: 'refused', reason: 'other_account', email };
  const { returnTo } = attempt;
  await awaitPassword(context, attempt.state, { personId: person.id, email, issuer, subject, returnTo });
  return { kind: 'password', personId: person.id };
}

function refuseEmail(context: Context, profile: CompanyProfile, email: string): CompanyRefusal | null {
  const { trustsEmail = false, allowedDomains = [] } = context.config.company ?? {};
  if (!(profile.isEmailVerified ?? trustsEmail)) return 'unverified';
  return isDomainAllowed(email, allowedDomains) ? null : 'domain';
}
