import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';

import { unavailable } from './errors.ts';

const KEY_ID = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Keys derived from the one secret (HKDF, RFC 5869), each for one purpose. */
export interface Seal {
  /** AES-256-GCM. `purpose` names the row and column it belongs to; the sealed bytes open nowhere else. */
  seal(plaintext: string, purpose: string): Uint8Array<ArrayBuffer>;
  /** @throws AppError Unavailable (`unsealable`) when the bytes were sealed under another secret or for another purpose. */
  unseal(sealed: Uint8Array, purpose: string): string;
  /** HMAC-SHA-256 as 32 bytes. */
  authenticate(message: string, purpose: string): Buffer;
  /** A key for a library that wants a string: 256 bits, base64url. */
  deriveKey(purpose: string): string;
}

export function createSeal(secretKey: string): Seal {
  const derive = (purpose: string) =>
    Buffer.from(hkdfSync('sha256', secretKey, '', `grantcast:${purpose}`, 32));
  const sealingKey = derive(`seal:${KEY_ID}`);
  const authenticationKey = derive('authenticate');

  return {
    seal(plaintext, purpose) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', sealingKey, nonce).setAAD(Buffer.from(purpose));
      const body = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      return new Uint8Array(Buffer.concat([Buffer.of(KEY_ID), nonce, cipher.getAuthTag(), body]));
    },
    unseal(sealed, purpose) {
      const bytes = Buffer.from(sealed);
      const tagStart = 1 + NONCE_BYTES;
      const bodyStart = tagStart + TAG_BYTES;
      try {
        const decipher = createDecipheriv('aes-256-gcm', sealingKey, bytes.subarray(1, tagStart))
          .setAAD(Buffer.from(purpose))
          .setAuthTag(bytes.subarray(tagStart, bodyStart));
        return Buffer.concat([decipher.update(bytes.subarray(bodyStart)), decipher.final()]).toString('utf8');
      } catch (cause) {
        throw unavailable({
          code: 'unsealable',
          message:
            'A stored secret cannot be opened: SECRET_KEY is not the one it was sealed with. Start with the old SECRET_KEY.',
          cause,
        });
      }
    },
    authenticate(message, purpose) {
      return createHmac('sha256', authenticationKey).update(`${purpose}\n${message}`).digest();
    },
    deriveKey(purpose) {
      return derive(`derived:${purpose}`).toString('base64url');
    },
  };
}
