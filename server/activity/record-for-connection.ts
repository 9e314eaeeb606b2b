import type { Transaction } from '../database/client.ts';
import { newId } from '../ids.ts';

export interface ConnectionActivity {
  connectionId: string;
  /** `token.issued`, `token.refreshed`, ... */
  action: string;
  /** `ok`, or the code of what went wrong. */
  result: string;
  /** The network address it came from. */
  address?: string | undefined;
}

/** What a client did under a connection beside its tools. Nothing when there is no such connection. `db` may be a transaction. */
export async function recordForConnection(
  context: { db: Pick<Transaction, '$executeRaw'> },
  { connectionId, action, result, address }: ConnectionActivity,
): Promise<void> {
  await context.db.$executeRaw`
    insert into activity (id, team_id, at, actor, person_id, connection_id, action, target, result, address)
    select ${newId('activity')}, c.team_id, clock_timestamp(), 'connection', c.person_id, c.id, ${action}, c.id, ${result},
      ${address ?? null}
    from connection c where c.id = ${connectionId}`;
}
