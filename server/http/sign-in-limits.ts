import { createHash } from 'node:crypto';

import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';

import type { Context } from '../context.ts';
import { canonicalEmail } from '../email-address.ts';

import { addressKey } from './address-key.ts';

const MINUTE_SECONDS = 60;
/**
 * Tries of one account from one address, whether the account exists or not; a right password clears the count. Not of the
 * account alone, or whoever knows an owner's email could keep them from signing in, and so from revoking.
 */
const ACCOUNT_LIMIT = { points: 10, duration: 15 * MINUTE_SECONDS };
/** Wrong tries of one account from all addresses together: what many machines may guess. */
const SPREAD_LIMIT = { points: 200, duration: 15 * MINUTE_SECONDS };
/** Wrong tries from one address (IPv6: one /64). */
const ADDRESS_LIMIT = { points: 50, duration: 15 * MINUTE_SECONDS };
/** All tries together: each costs 19 MiB and some 30 ms, and a thousand addresses are cheap to have. */
const GLOBAL_LIMIT = { points: 300, duration: MINUTE_SECONDS };
/** Company sign-ins that one address may begin: a whole office comes from one. Each costs a row and a request. */
const COMPANY_LIMIT = { points: 300, duration: 15 * MINUTE_SECONDS };

export interface SignInLimits {
  /** Counts a try. @returns null, or the seconds to wait when there were too many. */
  countTry(input: { email: string; address: string }): Promise<number | null>;
  /** Counts a company sign-in that begins. @returns null, or the seconds to wait */
  countCompanyBegin(address: string): Promise<number | null>;
  /** The password was right: this try no longer counts against the account or the address. */
  forgiveTry(input: { email: string; address: string }): Promise<void>;
}

export function createSignInLimits(context: Context): SignInLimits {
  const limiter = (keyPrefix: string, limit: { points: number; duration: number }) =>
    new RateLimiterPostgres({
      storeClient: context.pool,
      storeType: 'pool',
      tableName: 'rate_limit',
      tableCreated: true,
      keyPrefix,
      ...limit,
    });
  const everybody = limiter('sign_in_all', GLOBAL_LIMIT);
  const addresses = limiter('sign_in_address', ADDRESS_LIMIT);
  const accounts = limiter('sign_in_account', ACCOUNT_LIMIT);
  const spread = limiter('sign_in_spread', SPREAD_LIMIT);

  const companyBegins = limiter('company_sign_in', COMPANY_LIMIT);

  return {
    countTry: ({ email, address }) =>
      secondsToWait(async () => {
        await addresses.consume(addressKey(address));
        await accounts.consume(`${accountKey(email)} ${addressKey(address)}`);
        await spread.consume(accountKey(email));
        // Last: what one address is refused anyway must not use up what all share.
        await everybody.consume('all');
      }),
    countCompanyBegin: (address) => secondsToWait(() => companyBegins.consume(addressKey(address))),
    async forgiveTry({ email, address }) {
      await accounts.delete(`${accountKey(email)} ${addressKey(address)}`);
      await spread.reward(accountKey(email));
      await addresses.reward(addressKey(address));
    },
  };
}

async function secondsToWait(consume: () => Promise<unknown>): Promise<number | null> {
  try {
    await consume();
    return null;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw refusal;
  }
}

function accountKey(email: string): string {
  return createHash('sha256')
    .update(canonicalEmail(email) ?? email.trim().toLowerCase())
    .digest('hex');
}
