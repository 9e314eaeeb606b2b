import { createHash, timingSafeEqual } from 'node:crypto';

import type { Adapter, AdapterPayload } from 'oidc-provider';

import type { Context } from '../context.ts';
import { prepared } from '../database/prepared.ts';

import { isDocumentId } from './client-document.ts';

const HASHED = /^sha256:/;

/** Clients that registered themselves. One that was ever granted is never forgotten: somebody may still have it stored. */
export function createClientStore(context: Context): Adapter {
  return {
    async upsert(id, payload) {
      const stored = JSON.stringify(withHashedSecret(payload));
      await context.db.$executeRaw`
        insert into client (id, payload, created_at) values (${id}, ${stored}::jsonb, clock_timestamp())
        on conflict (id) do update set payload = excluded.payload`;
    },
    async find(id) {
      // A client that is known by its document has a row for its connections only; the document says what it is.
      if (isDocumentId(id)) return undefined;
      // PostgreSQL stores no NUL, and would report a fault where there is only an unknown client.
      if (id.includes('\0')) return undefined;
      const [row] = await prepared<{ payload: AdapterPayload }>(context)`
        select payload from client where id = ${id}`;
      return row?.payload;
    },
    async destroy(id) {
      await context.db.client.deleteMany({ where: { id } });
    },
    async consume() {},
    async revokeByGrantId() {},
    async findByUid() {},
    async findByUserCode() {},
  };
}

/** Replaces the library's comparison, which expects the secret itself. */
export function isClientSecret(this: { clientSecret?: string }, presented: string): boolean {
  const [expected, actual] = [Buffer.from(this.clientSecret ?? ''), Buffer.from(hashSecret(presented))];
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function withHashedSecret(payload: AdapterPayload): AdapterPayload {
  const secret = payload.client_secret;
  if (!secret || HASHED.test(secret)) return payload;
  return { ...payload, client_secret: hashSecret(secret) };
}

/** The library makes secrets of 512 random bits, so a plain hash is enough. */
function hashSecret(secret: string): string {
  return `sha256:${createHash('sha256').update(secret).digest('base64url')}`;
}
