import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict, notAllowed, notFound } from '../errors.ts';

import { isPasswordOf } from './passwords.ts';

export interface CompanyAccount {
  issuer: string;
  subject: string;
  personId: string;
  /** As the provider vouched for it. */
  email: string;
}

export interface LinkedAccount {
  issuer: string;
  subject: string;
  email: string;
  linkedAt: Date;
}

export async function listLinkedAccounts(context: Context, personId: string): Promise<LinkedAccount[]> {
  const rows = await context.db.externalIdentity.findMany({
    where: { personId },
    orderBy: [{ createdAt: 'asc' }, { subject: 'asc' }],
  });
  return rows.map(({ issuer, subject, email, createdAt }) => ({
    issuer,
    subject,
    email,
    linkedAt: createdAt,
  }));
}

/** @throws AppError Conflict (`company_account_taken`) when it is another person's by now */
export async function linkIdentity(tx: Transaction, account: CompanyAccount): Promise<void> {
  const { issuer, subject, personId, email } = account;
  await tx.$executeRaw`
    insert into external_identity (issuer, subject, person_id, email, created_at)
    values (${issuer}, ${subject}, ${personId}, ${email}, clock_timestamp())
    on conflict (issuer, subject) do nothing`;
  const linked = await tx.externalIdentity.findUniqueOrThrow({
    where: { issuer_subject: { issuer, subject } },
    select: { personId: true },
  });
  if (linked.personId === personId) return;
  throw conflict({
    code: 'company_account_taken',
    message: 'This company account is linked to another account here by now. Sign in with it.',
  });
}

/**
 * Takes the link away; signing in with it asks for the password again.
 * @throws AppError NotAllowed (`wrong_password`): nobody is left without a way in; NotFound (`not_linked`)
 */
export async function unlinkIdentity(
  context: Context,
  input: { personId: string; issuer: string; subject: string; password: string },
): Promise<void> {
  const { personId, issuer, subject, password } = input;
  const person = await context.db.person.findUnique({
    where: { id: personId },
    select: { passwordHash: true },
  });
  if (!(await isPasswordOf(password, person?.passwordHash ?? null))) {
    throw notAllowed({
      code: 'wrong_password',
      field: 'unlinkPassword',
      message: 'The password is not right.',
    });
  }
  const { count } = await context.db.externalIdentity.deleteMany({ where: { issuer, subject, personId } });
  if (count === 1) return;
  throw notFound({ code: 'not_linked', message: 'This company account is not linked to yours.' });
}
