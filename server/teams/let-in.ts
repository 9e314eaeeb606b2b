import { recordForPerson } from '../activity/record-for-person.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { notFound } from '../errors.ts';
import { hashToken, newToken } from '../token.ts';

import { assertPasswordIsGood, hashPassword } from './passwords.ts';
import { normaliseEmail } from './people.ts';

interface LetIn {
  personId: string;
  name: string;
  email: string;
}

/**
 * A link with which the person sets a new password, once, within the hour; the operator makes it for somebody who is locked
 * out. Each of the person's teams reads of it in its activity.
 * @throws AppError InvalidInput (`invalid_email`); NotFound (`no_such_person`) for an address that may not sign in
 */
export async function createLetInLink(
  { db, publicUrl }: Pick<Context, 'db' | 'publicUrl'>,
  address: string,
): Promise<{ link: string; name: string; email: string }> {
  const email = normaliseEmail(address);
  const person = await db.person.findFirst({ where: { email, disabledAt: null } });
  if (!person) {
    throw notFound({
      code: 'no_such_person',
      message: `Nobody here signs in as ${email}. Give the address as the page People shows it.`,
    });
  }
  const { id, name } = person;
  const token = `${id}.${newToken()}`;
  await db.$transaction(async (tx) => {
    await tx.$executeRaw`
      insert into setup_link (token_hash, created_at)
      values (${hashLink(token, person.passwordHash)}, clock_timestamp())`;
    await tx.$executeRaw`
      insert into activity (id, team_id, at, actor, action, target, result)
      select new_activity_id(), m.team_id, clock_timestamp(), 'system', 'person.let_in', m.person_id, 'ok'
      from membership m where m.person_id = ${id}`;
  });
  return { link: `${publicUrl}/let-in/${token}`, name, email };
}

/** Whom the link lets in; only using it decides. @throws AppError NotFound (`let_in_link_gone`) */
export async function openLetInLink({ db }: Pick<Context, 'db'>, token: string): Promise<LetIn> {
  const person = await db.person.findFirst({ where: { id: personIdOf(token), disabledAt: null } });
  if (!person) throw linkGone();
  const rows = await db.$queryRaw<unknown[]>`
    select 1 from setup_link
    where token_hash = ${hashLink(token, person.passwordHash)} and used_at is null
      and created_at > clock_timestamp() - interval '1 hour'`;
  if (rows.length === 0) throw linkGone();
  return { personId: person.id, name: person.name, email: person.email };
}

/**
 * Uses the link up, sets the password and signs every browser of the person out. Connections go on.
 * @throws AppError NotFound (`let_in_link_gone`), InvalidInput for a password that is too short
 */
export async function letInByLink(
  context: Pick<Context, 'db'>,
  input: { token: string; password: string; address: string },
): Promise<{ personId: string }> {
  const { token, password, address } = input;
  // Before the password is hashed: that costs 19 MiB, and everybody can send this form.
  const { personId } = await openLetInLink(context, token);
  assertPasswordIsGood(password);
  const passwordHash = await hashPassword(password);
  await context.db.$transaction(async (tx) => {
    await consumeLink(tx, personId, token);
    await tx.person.update({ where: { id: personId }, data: { passwordHash } });
    await tx.browserSession.deleteMany({ where: { personId } });
    const changed = { action: 'person.password_changed', result: 'ok', detail: { by: 'let_in' } };
    await recordForPerson({ db: tx }, { personId, address, ...changed });
  });
  return { personId };
}

async function consumeLink(tx: Transaction, personId: string, token: string): Promise<void> {
  const [person] = await tx.$queryRaw<{ passwordHash: string | null }[]>`
    select password_hash as "passwordHash" from person
    where id = ${personId} and disabled_at is null for update`;
  if (!person) throw linkGone();
  const used = await tx.$executeRaw`
    update setup_link set used_at = clock_timestamp()
    where token_hash = ${hashLink(token, person.passwordHash)} and used_at is null
      and created_at > clock_timestamp() - interval '1 hour'`;
  if (used !== 1) throw linkGone();
}

/** The token begins with whom it is for. */
function personIdOf(token: string): string {
  return token.split('.')[0]!;
}

/** Over the present password too: once that has changed, however it did, every link that was made before is worth nothing. */
function hashLink(token: string, passwordHash: string | null): Uint8Array<ArrayBuffer> {
  return hashToken(`let in ${token} ${passwordHash ?? ''}`);
}

function linkGone() {
  return notFound({
    code: 'let_in_link_gone',
    message:
      'This link was used already, is older than an hour, or the password has changed since. Ask whoever runs this server for a new one.',
  });
}
