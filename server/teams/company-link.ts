import { z } from 'zod';

import type { Context } from '../context.ts';
import { hashToken } from '../token.ts';

import { ATTEMPT_MINUTES, attemptGone } from './company-attempts.ts';
import { linkIdentity } from './external-identities.ts';
import { isPasswordOf } from './passwords.ts';

/** A company account that the provider vouched for, and the person whose password would link it. */
const vouchedSchema = z.object({
  personId: z.string(),
  email: z.string(),
  issuer: z.string(),
  subject: z.string(),
  returnTo: z.string(),
});
export type VouchedAccount = z.infer<typeof vouchedSchema>;

interface AttemptKey {
  browserToken: string | undefined;
  state: string;
}

/** Keeps what the provider said while the person is asked for their password. */
export async function awaitPassword(context: Context, state: string, vouched: VouchedAccount): Promise<void> {
  const stateHash = hashToken(state);
  const sealed = context.seal.seal(JSON.stringify(vouched), purposeOf(stateHash));
  await context.db.$executeRaw`
    update company_sign_in set vouched = ${sealed} where state_hash = ${stateHash} and returned_at is not null`;
}

/** @throws AppError NotAllowed (`company_attempt_gone`) */
export async function findVouchedAccount(context: Context, key: AttemptKey): Promise<VouchedAccount> {
  const stateHash = hashToken(key.state);
  const [row] = await context.db.$queryRaw<{ vouched: Uint8Array }[]>`
    select vouched from company_sign_in
    where state_hash = ${stateHash} and browser_hash = ${hashToken(key.browserToken ?? '')} and vouched is not null
      and returned_at > clock_timestamp() - make_interval(mins => ${ATTEMPT_MINUTES}::int)`;
  if (!row) throw attemptGone();
  return vouchedSchema.parse(JSON.parse(context.seal.unseal(row.vouched, purposeOf(stateHash))));
}

/** Links when the password is the person's; false when it is not. @throws AppError NotAllowed (`company_attempt_gone`) */
export async function linkByPassword(
  context: Context,
  key: AttemptKey & { password: string },
): Promise<boolean> {
  const vouched = await findVouchedAccount(context, key);
  const person = await context.db.person.findFirst({
    where: { id: vouched.personId, disabledAt: null },
    select: { passwordHash: true },
  });
  if (!(await isPasswordOf(key.password, person?.passwordHash ?? null))) return false;
  await context.db.$transaction(async (tx) => {
    const { count } = await tx.companySignIn.deleteMany({ where: { stateHash: hashToken(key.state) } });
    if (count !== 1) throw attemptGone();
    await linkIdentity(tx, vouched);
  });
  return true;
}

function purposeOf(stateHash: Uint8Array): string {
  return `company_sign_in.vouched:${Buffer.from(stateHash).toString('hex')}`;
}
