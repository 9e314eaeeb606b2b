import { createHash, randomBytes } from 'node:crypto';

/** 256 bits, base64url: 43 characters. */
export function newToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What `newToken` makes. */
export const TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** How a token, code or cookie value stands in the database: 256 random bits need no salt. */
export function hashToken(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(token).digest());
}
