import { z } from 'zod';

import type { Context } from '../context.ts';
import { notAllowed } from '../errors.ts';
import { hashToken, newToken } from '../token.ts';

import type { CompanySecrets } from './company-provider.ts';

/** Good for this long, at the provider and again on the page that asks for the password. */
export const ATTEMPT_MINUTES = 10;

/** What a browser began and gets back with the provider's answer. */
export interface CompanyAttempt extends CompanySecrets {
  returnTo: string;
  /** Of the link whose page it began on. */
  invitationToken: string | undefined;
}

const attemptSchema = z.object({
  state: z.string(),
  nonce: z.string(),
  verifier: z.string(),
  returnTo: z.string(),
  invitationToken: z.string().optional(),
});

/**
 * Begins a sign-in that only the browser with this token (43 characters, from its cookie) can end, once, within ten minutes.
 */
export async function beginCompanyAttempt(
  context: Context,
  input: { browserToken: string; returnTo: string; invitationToken: string | undefined },
): Promise<CompanyAttempt> {
  const [state, nonce, verifier] = [newToken(), newToken(), newToken()];
  const { browserToken, ...way } = input;
  const attempt = { state, nonce, verifier, ...way };
  const stateHash = hashToken(state);
  const sealed = context.seal.seal(JSON.stringify(attempt), purposeOf(stateHash));
  await context.db.$executeRaw`
    with forgotten as (
      delete from company_sign_in where created_at < clock_timestamp() - interval '1 hour')
    insert into company_sign_in (state_hash, browser_hash, sealed, created_at)
    values (${stateHash}, ${hashToken(browserToken)}, ${sealed}, clock_timestamp())`;
  return attempt;
}

/**
 * Takes the attempt that this answer belongs to; a second answer finds none.
 * @throws AppError NotAllowed (`company_attempt_gone`): unknown, used, too old, or begun in another browser
 */
export async function takeCompanyAttempt(
  context: Context,
  input: { browserToken: string | undefined; state: string },
): Promise<CompanyAttempt> {
  const stateHash = hashToken(input.state);
  const [row] = await context.db.$queryRaw<{ sealed: Uint8Array }[]>`
    update company_sign_in set returned_at = clock_timestamp()
    where state_hash = ${stateHash} and browser_hash = ${hashToken(input.browserToken ?? '')} and returned_at is null
      and created_at > clock_timestamp() - make_interval(mins => ${ATTEMPT_MINUTES}::int)
    returning sealed`;
  if (!row) throw attemptGone();
  const opened: unknown = JSON.parse(context.seal.unseal(row.sealed, purposeOf(stateHash)));
  return { invitationToken: undefined, ...attemptSchema.parse(opened) };
}

export function attemptGone() {
  return notAllowed({
    code: 'company_attempt_gone',
    message:
      'This company sign-in was used already, took longer than ten minutes, or was begun in another browser. Try it again.',
  });
}

function purposeOf(stateHash: Uint8Array): string {
  return `company_sign_in:${Buffer.from(stateHash).toString('hex')}`;
}
