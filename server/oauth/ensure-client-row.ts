import type { Transaction } from '../database/client.ts';

import { isDocumentId } from './client-document.ts';

/**
 * Before a connection is stored: the row that it refers to. A client that registered itself has one, and is marked as
 * granted, so that it is never forgotten; one that is known by its document gets one.
 */
export async function ensureClientRow(tx: Transaction, clientId: string): Promise<void> {
  if (!isDocumentId(clientId)) {
    await tx.$executeRaw`update client set last_used_at = clock_timestamp() where id = ${clientId}`;
    return;
  }
  await tx.$executeRaw`
    insert into client (id, payload, created_at, last_used_at)
    values (${clientId}, coalesce((select body::jsonb from client_document where url = ${clientId}), '{}'),
      clock_timestamp(), clock_timestamp())
    on conflict (id) do update set payload = excluded.payload, last_used_at = excluded.last_used_at`;
}
