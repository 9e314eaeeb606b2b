import { createHash } from 'node:crypto';

/** How a token, code or cookie value stands in the database: 256 random bits need no salt. */
export function hashToken(value: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(value).digest());
}
