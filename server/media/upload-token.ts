import { createHash, randomBytes } from 'node:crypto';

export const UPLOAD_TOKEN = /^[A-Za-z0-9_-]{43}$/;

/** 256 bits; whoever has it may put one file into the place it was made for. */
export function newUploadToken(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of it: from the row nobody gets back to the link. */
export function hashUploadToken(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash('sha256').update(token).digest());
}
