import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

import type { Seal } from '../seal.ts';

/** What is signed of a day; whoever has the public key can check it. */
export interface SignedDay {
  teamId: string;
  /** UTC, 2026-12-01. */
  day: string;
  rowCount: number;
  digest: Uint8Array;
  signedAt: Date;
}

/** Ed25519 (RFC 8032), with a key derived from the one secret. */
export interface DaySigner {
  sign(day: SignedDay): Buffer;
  isSignatureOf(day: SignedDay, signature: Uint8Array): boolean;
  /** PEM (SPKI). */
  publicKey: string;
}

/** PKCS #8 around the 32 bytes of an Ed25519 private key (RFC 8410, section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

export function createDaySigner(seal: Seal): DaySigner {
  const seed = Buffer.from(seal.deriveKey('activity digests'), 'base64url');
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' });
  const publicKey: KeyObject = createPublicKey(privateKey);
  return {
    sign: (day) => sign(null, signedText(day), privateKey),
    isSignatureOf: (day, signature) => verify(null, signedText(day), publicKey, signature),
    publicKey: publicKey.export({ format: 'pem', type: 'spki' }).toString(),
  };
}

/** Lines of UTF-8, joined by a line feed. */
export function signedText({ teamId, day, rowCount, digest, signedAt }: SignedDay): Buffer {
  const hex = Buffer.from(digest).toString('hex');
  return Buffer.from(['grantcast-activity-1', teamId, day, rowCount, hex, signedAt.toISOString()].join('\n'));
}
