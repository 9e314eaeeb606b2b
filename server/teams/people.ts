import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { canonicalEmail } from '../email-address.ts';
import { conflict, invalidInput } from '../errors.ts';
import { newId } from '../ids.ts';

import { assertPasswordIsGood, hashPassword, isPasswordOf } from './passwords.ts';

export interface NewPerson {
  email: string;
  name: string;
  /** PHC string; null for an account that is entered with the company account alone. */
  passwordHash: string | null;
}

/** The address as it is stored and compared. @throws AppError InvalidInput (`invalid_email`) */
export function normaliseEmail(email: string): string {
  const canonical = canonicalEmail(email);
  if (canonical) return canonical;
  throw invalidInput({
    code: 'invalid_email',
    field: 'email',
    message: 'This is not an email address. Write it like name@example.com.',
  });
}

/** Checks what a new person typed and hashes the password, before any transaction is open. */
export async function prepareNewPerson(input: {
  email: string;
  name: string;
  password: string;
}): Promise<NewPerson> {
  const email = normaliseEmail(input.email);
  const name = input.name.trim();
  if (name.length === 0 || name.length > 100) {
    throw invalidInput({
      code: 'invalid_name',
      field: 'name',
      message: 'The name needs 1 to 100 characters.',
    });
  }
  assertPasswordIsGood(input.password);
  return { email, name, passwordHash: await hashPassword(input.password) };
}

/** @throws AppError Conflict (`person_exists`) when the address has an account by now */
export async function createPerson(tx: Transaction, person: NewPerson): Promise<string> {
  const id = newId('person');
  const { count } = await tx.person.createMany({ data: [{ id, ...person }], skipDuplicates: true });
  if (count === 1) return id;
  throw conflict({
    code: 'person_exists',
    message: 'This address has an account already: sign in, and join then.',
  });
}

/** What a provider calls somebody, cut to what fits; else the part of the address before the @. */
export function toPersonName(name: string | undefined, email: string): string {
  const plain = (name ?? '').replaceAll(/[\p{C}\s]+/gu, ' ').trim();
  return [...(plain || email.split('@')[0]!)].slice(0, 100).join('').trim();
}

/** @returns the person, or null for an unknown address, a wrong password and a disabled account alike, after the same work. */
export async function findPersonByPassword(
  context: Context,
  input: { email: string; password: string },
): Promise<{ personId: string } | null> {
  const email = canonicalEmail(input.email) ?? '';
  const person = await context.db.person.findUnique({
    where: { email },
    select: { id: true, passwordHash: true, disabledAt: true },
  });
  const isRight = await isPasswordOf(input.password, person?.passwordHash ?? null);
  return isRight && person && !person.disabledAt ? { personId: person.id } : null;
}
