// The tokens of a stand-in: what it gave out, until when, and what ends it.
import { randomBytes } from 'node:crypto';
import type { FakeClock } from './fake-server.ts';

export interface FakeGrant {
  accountId: string;
  clientId: string;
  scopes: readonly string[];
}

export interface IssuedTokens extends FakeGrant {
  accessToken: string;
  /** Null: none is given. */
  refreshToken: string | null;
  /** Null: it does not end. */
  expiresAt: Date | null;
}

/** Why a token is worth nothing. */
export type TokenFault = 'unknown' | 'expired' | 'revoked';

export interface TokenRules {
  /** Null: access tokens do not end by themselves. */
  accessLifetimeSeconds: number | null;
  /** rotating: each is good once, and a second use ends everything that came from the same consent. */
  refresh: 'none' | 'reusable' | 'rotating';
  /** Null: they do not end by themselves. */
  refreshLifetimeSeconds?: number | null;
}

interface Family extends FakeGrant {
  isRevoked: boolean;
}

interface Token {
  family: Family;
  expiresAt: Date | null;
  isUsed: boolean;
}

export interface FakeTokens {
  /** @param lifetimeSeconds when this one differs from the rules */
  issue(grant: FakeGrant, lifetimeSeconds?: number | null): IssuedTokens;
  /** Of an access token. */
  find(accessToken: string): FakeGrant | TokenFault;
  /** @returns a word for why not: `invalid_grant` to the client in each case */
  refresh(refreshToken: string, clientId: string): IssuedTokens | TokenFault | 'replayed' | 'wrong_client';
  /** Access or refresh token: everything that came from the same consent ends. Unknown: nothing happens. */
  revoke(token: string): void;
  /** The person takes back what they allowed. */
  revokeAccount(accountId: string): void;
  /** Access tokens of the account are over; refresh tokens live. */
  expireAccess(accountId: string): void;
}

export function keepFakeTokens(rules: TokenRules, clock: () => FakeClock): FakeTokens {
  const access = new Map<string, Token>();
  const refresh = new Map<string, Token>();
  const inSeconds = (seconds: number | null | undefined) =>
    seconds === null || seconds === undefined ? null : new Date(clock().now().getTime() + seconds * 1000);
  const isOver = ({ expiresAt }: Token) => expiresAt !== null && expiresAt <= clock().now();
  const add = (family: Family, lifetimeSeconds: number | null, keptRefreshToken?: string): IssuedTokens => {
    const { accountId, clientId, scopes } = family;
    const accessToken = `at-${randomBytes(24).toString('base64url')}`;
    const expiresAt = inSeconds(lifetimeSeconds);
    access.set(accessToken, { family, expiresAt, isUsed: false });
    const isGivingOne = rules.refresh !== 'none' && keptRefreshToken === undefined;
    const refreshToken = isGivingOne
      ? `rt-${randomBytes(24).toString('base64url')}`
      : (keptRefreshToken ?? null);
    if (isGivingOne) {
      refresh.set(refreshToken!, {
        family,
        expiresAt: inSeconds(rules.refreshLifetimeSeconds),
        isUsed: false,
      });
    }
    return { accountId, clientId, scopes, accessToken, refreshToken, expiresAt };
  };
  const faultOf = (token: Token | undefined): TokenFault | null => {
    if (!token) return 'unknown';
    if (token.family.isRevoked) return 'revoked';
    return isOver(token) ? 'expired' : null;
  };
  return {
    issue: (grant, lifetimeSeconds = rules.accessLifetimeSeconds) =>
      add({ ...grant, isRevoked: false }, lifetimeSeconds),
    find: (accessToken) => {
      const token = access.get(accessToken);
      return faultOf(token) ?? token!.family;
    },
    refresh: (refreshToken, clientId) => {
      const token = refresh.get(refreshToken);
      const fault = faultOf(token);
      if (fault) return fault;
      const { family, isUsed } = token!;
      if (family.clientId !== clientId) return 'wrong_client';
      if (rules.refresh === 'reusable') return add(family, rules.accessLifetimeSeconds, refreshToken);
      if (isUsed) {
        family.isRevoked = true;
        return 'replayed';
      }
      token!.isUsed = true;
      return add(family, rules.accessLifetimeSeconds);
    },
    revoke: (value) => {
      const token = access.get(value) ?? refresh.get(value);
      if (token) token.family.isRevoked = true;
    },
    revokeAccount: (accountId) => {
      for (const { family } of [...access.values(), ...refresh.values()]) {
        if (family.accountId === accountId) family.isRevoked = true;
      }
    },
    expireAccess: (accountId) => {
      for (const token of access.values()) {
        if (token.family.accountId === accountId) token.expiresAt = clock().now();
      }
    },
  };
}
