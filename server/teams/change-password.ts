import { recordForPerson } from '../activity/record-for-person.ts';
import type { Context } from '../context.ts';
import { notAllowed } from '../errors.ts';
import { hashToken } from '../token.ts';

import { assertPasswordIsGood, hashPassword, isPasswordOf } from './passwords.ts';

/** How long ago somebody without a password may have signed in, so that a session left open does not get one. */
const FRESH_MINUTES = 10;

/** Whether the person has a password, and whether this session could give them a first one. */
export async function readPasswordState(
  context: Context,
  session: { personId: string; token: string },
): Promise<{ hasPassword: boolean; isFresh: boolean }> {
  const [row] = await context.db.$queryRaw<{ hasPassword: boolean; isFresh: boolean }[]>`
    select p.password_hash is not null as "hasPassword",
      s.created_at > clock_timestamp() - make_interval(mins => ${FRESH_MINUTES}::int) as "isFresh"
    from person p join browser_session s on s.person_id = p.id
    where p.id = ${session.personId} and s.token_hash = ${hashToken(session.token)}`;
  return row ?? { hasPassword: true, isFresh: false };
}

/**
 * Sets or changes the password and ends the person's other sessions. Connections go on.
 * @throws AppError NotAllowed (`wrong_password`; `sign_in_again` for a first password), InvalidInput for one that is too short
 */
export async function changePassword(
  context: Context,
  session: { personId: string; token: string },
  input: { current: string; password: string; address: string },
): Promise<void> {
  const { personId } = session;
  const { hasPassword, isFresh } = await readPasswordState(context, session);
  const person = await context.db.person.findUnique({
    where: { id: personId },
    select: { passwordHash: true },
  });
  if (hasPassword && !(await isPasswordOf(input.current, person?.passwordHash ?? null))) {
    throw notAllowed({ code: 'wrong_password', field: 'current', message: 'The password is not right.' });
  }
  if (!hasPassword && !isFresh) {
    throw notAllowed({
      code: 'sign_in_again',
      message: `To set a first password, sign out, sign in again and do it within ${FRESH_MINUTES} minutes.`,
    });
  }
  assertPasswordIsGood(input.password);
  const passwordHash = await hashPassword(input.password);
  await context.db.$transaction(async (tx) => {
    await tx.person.update({ where: { id: personId }, data: { passwordHash } });
    await tx.browserSession.deleteMany({ where: { personId, tokenHash: { not: hashToken(session.token) } } });
    const { address } = input;
    await recordForPerson({ db: tx }, { personId, action: 'person.password_changed', result: 'ok', address });
  });
}
