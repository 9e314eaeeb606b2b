import { z } from 'zod';

import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { invalidInput } from '../errors.ts';
import { newId } from '../ids.ts';

import { assertPasswordIsGood, hashPassword, isPasswordOf } from './passwords.ts';

const emailSchema = z.email().max(254);

export interface NewPerson {
  email: string;
  name: string;
  /** PHC string. */
  passwordHash: string;
}

/** The address as it is stored and compared. @throws AppError InvalidInput (`invalid_email`) */
export function normaliseEmail(email: string): string {
  const parsed = emailSchema.safeParse(email.trim().toLowerCase());
  if (!parsed.success) {
    throw invalidInput({
      code: 'invalid_email',
      field: 'email',
      message: 'This is not an email address. Write it like name@example.com.',
    });
  }
  return parsed.data;
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

export async function createPerson(tx: Transaction, person: NewPerson): Promise<string> {
  const id = newId('person');
  await tx.person.create({ data: { id, ...person } });
  return id;
}

/** @returns the person, or null for an unknown address, a wrong password and a disabled account alike, after the same work. */
export async function findPersonByPassword(
  context: Context,
  input: { email: string; password: string },
): Promise<{ personId: string } | null> {
  const email = input.email.trim().toLowerCase();
  const person = await context.db.person.findUnique({
    where: { email },
    select: { id: true, passwordHash: true, disabledAt: true },
  });
  const isRight = await isPasswordOf(input.password, person?.passwordHash ?? null);
  return isRight && person && !person.disabledAt ? { personId: person.id } : null;
}
