import pg from 'pg';
import { inject } from 'vitest';

import type { Context } from '../../server/context.ts';

/**
 * What only who runs the database can do: a statement past every trigger, in the database of this context.
 * @returns how many rows it touched
 */
export async function runAsSuperuser(
  context: Pick<Context, 'pool'>,
  sql: string,
  values: unknown[] = [],
): Promise<number> {
  const client = await connectSuperuser(context);
  try {
    await client.query('set session_replication_role = replica');
    return (await client.query(sql, values)).rowCount ?? 0;
  } finally {
    await client.end();
  }
}

export async function connectSuperuser({ pool }: Pick<Context, 'pool'>): Promise<pg.Client> {
  const url = new URL(inject('superuserUrl'));
  url.pathname = new URL(pool.options.connectionString!).pathname;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  return client;
}
