import type { RouterContext } from '@koa/router';

import { ENGLISH } from '../../views/words/english.ts';
import { recordForPerson } from '../activity/record-for-person.ts';
import type { Context } from '../context.ts';
import { canonicalEmail } from '../email-address.ts';
import { signIn } from '../teams/sessions.ts';

import { readSessionToken, setSessionCookie } from './session.ts';

export type SignedInBy = 'password' | 'company' | 'invitation' | 'let_in' | 'set_up';

/** Signs the browser in under a new session; whatever it had before ends. */
export async function startSession(
  ctx: RouterContext,
  context: Context,
  { personId, by }: { personId: string; by: SignedInBy },
): Promise<void> {
  const { token } = await signIn(context, { personId, previousToken: readSessionToken(ctx, context) });
  setSessionCookie(ctx, context, token);
  const address = ctx.ip;
  await recordForPerson(context, {
    ...{ personId, address, action: 'person.signed_in', result: 'ok', detail: { by } },
  });
}

/**
 * Puts a failed sign-in of a known person on record, once the answer is out: before it, the time that this takes would tell
 * which addresses have an account.
 */
export function noteFailedSignIn(
  ctx: RouterContext,
  context: Context,
  who: { email: string } | { personId: string },
): void {
  const address = ctx.ip;
  const note = async () => {
    const where = 'personId' in who ? { id: who.personId } : { email: canonicalEmail(who.email) ?? '' };
    const person = await context.db.person.findUnique({ where, select: { id: true } });
    if (!person) return;
    const failed = { action: 'person.sign_in_failed', result: 'wrong_password' };
    await recordForPerson(context, { personId: person.id, address, ...failed });
  };
  ctx.res.once('finish', () => {
    note().catch((error: unknown) => context.log.warn({ err: error }, 'a failed sign-in was not noted'));
  });
}

/** Sets Retry-After. @returns what the person reads */
export function sayTooManyTries(
  ctx: RouterContext,
  waitSeconds: number,
  { signIn: words } = ENGLISH,
): string {
  ctx.set('Retry-After', String(waitSeconds));
  return words.tooManyTries(Math.ceil(waitSeconds / 60));
}
