import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

import { invalidInput } from '../errors.ts';

const derive = promisify(argon2);

/** OWASP's second choice for argon2id (RFC 9106): 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;
const SALT_BYTES = 16;
export const PASSWORD_MIN_LENGTH = 10;
/** Enough for any passphrase; a limit keeps the hash from being fed megabytes. */
export const PASSWORD_MAX_LENGTH = 256;

/** @returns a PHC string: `$argon2id$v=19$m=…,t=…,p=…$salt$tag` with unpadded base64. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const tag = await derive('argon2id', {
    message: Buffer.from(password.normalize('NFC')),
    nonce: salt,
    ...COST,
  });
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${toBase64(salt)}$${toBase64(tag)}`;
}

/**
 * Takes the same time whether there is a hash or not: without one the work is done all the same, so that the answer's
 * time does not tell which addresses have an account.
 */
export async function isPasswordOf(password: string, storedHash: string | null): Promise<boolean> {
  const stored = parseHash(storedHash ?? '') ?? NOBODY;
  const tag = await derive('argon2id', {
    message: Buffer.from(password.normalize('NFC')),
    nonce: stored.salt,
    memory: stored.memory,
    passes: stored.passes,
    parallelism: stored.parallelism,
    tagLength: stored.tag.length,
  });
  return timingSafeEqual(tag, stored.tag) && stored !== NOBODY;
}

/** @throws AppError InvalidInput (`password_too_short`, `password_too_long`) */
export function assertPasswordIsGood(password: string): void {
  const length = [...password].length;
  if (length < PASSWORD_MIN_LENGTH) {
    throw invalidInput({
      code: 'password_too_short',
      field: 'password',
      limit: PASSWORD_MIN_LENGTH,
      actual: length,
      message: `The password needs at least ${PASSWORD_MIN_LENGTH} characters.`,
    });
  }
  if (length > PASSWORD_MAX_LENGTH) {
    throw invalidInput({
      code: 'password_too_long',
      field: 'password',
      limit: PASSWORD_MAX_LENGTH,
      actual: length,
      message: `The password may have at most ${PASSWORD_MAX_LENGTH} characters.`,
    });
  }
}

interface StoredHash {
  memory: number;
  passes: number;
  parallelism: number;
  salt: Buffer;
  tag: Buffer;
}

const NOBODY: StoredHash = { ...COST, salt: randomBytes(SALT_BYTES), tag: randomBytes(COST.tagLength) };
const PHC = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function parseHash(phc: string): StoredHash | null {
  const match = PHC.exec(phc);
  if (!match) return null;
  return {
    memory: Number(match[1]),
    passes: Number(match[2]),
    parallelism: Number(match[3]),
    salt: Buffer.from(match[4]!, 'base64'),
    tag: Buffer.from(match[5]!, 'base64'),
  };
}

function toBase64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
