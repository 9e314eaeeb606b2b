import { generateKeyPair, type JsonWebKey } from 'node:crypto';
import { promisify } from 'node:util';

import type { Context } from '../context.ts';
import { newId } from '../ids.ts';

const LOCK = 'grantcast signing keys';

/** A private key as oidc-provider takes it (RFC 7517). */
export type SigningKey = JsonWebKey & { kid: string; alg: 'RS256'; use: 'sig' };

/**
 * The private signing keys, newest first; the first start makes one, and processes that start together agree on it.
 * RS256 must be among them: it is the default of every client registration.
 */
export async function loadSigningKeys(context: Context): Promise<SigningKey[]> {
  const known = await readSigningKeys(context);
  if (known.length > 0) return known;
  const key = await generateSigningKey();
  const sealed = context.seal.seal(JSON.stringify(key), sealPurpose(key.kid));
  await context.db.$transaction(async (tx) => {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${LOCK}, 0))`;
    if ((await tx.signingKey.count()) === 0) await tx.signingKey.create({ data: { id: key.kid, sealed } });
  });
  return readSigningKeys(context);
}

async function readSigningKeys(context: Context): Promise<SigningKey[]> {
  const rows = await context.db.signingKey.findMany({ orderBy: [{ createdAt: 'desc' }, { id: 'desc' }] });
  return rows.map((row) => JSON.parse(context.seal.unseal(row.sealed, sealPurpose(row.id))) as SigningKey);
}

async function generateSigningKey(): Promise<SigningKey> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: newId('signingKey'), alg: 'RS256', use: 'sig' };
}

function sealPurpose(keyId: string): string {
  return `signing_key.sealed ${keyId}`;
}
