import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';

import { PrismaClient } from '../../prisma/generated/client.ts';
import { nameStatement } from './kept-plans.ts';
import { takeServerRole } from './server-role.ts';

export type Database = PrismaClient;
/** Inside `$transaction`: the same models without the means to open another one. */
export type Transaction = Parameters<Parameters<PrismaClient['$transaction']>[0]>[0];
export type { pg };

export interface DatabaseClients {
  db: Database;
  /** The pool under Prisma, for advisory locks, LISTEN and libraries that speak to PostgreSQL themselves. */
  pool: pg.Pool;
}

/** The running server's connections: under the role that cannot change tables, nor what the audit record holds. */
export function connectDatabase(
  databaseUrl: string,
  connections: number,
  onIdleError: (error: Error) => void,
): DatabaseClients {
  // The pool waits for the promise, and drops the connection when it fails; its types do not say so.
  const onConnect = takeServerRole as (client: pg.ClientBase) => void;
  const pool = openPool(databaseUrl, connections, { onConnect });
  // A server restart kills idle connections; the pool replaces them, and without a listener the process would end.
  pool.on('error', onIdleError);
  const adapter = new PrismaPg(pool, { statementNameGenerator: nameStatement });
  const transactionOptions = { maxWait: 10_000, timeout: 15_000 };
  return { db: new PrismaClient({ adapter, transactionOptions }), pool };
}

/** Connections as the user of the URL itself, for migrations. */
export function connectOwner(databaseUrl: string, connections = 1): pg.Pool {
  const pool = openPool(databaseUrl, connections, {});
  pool.on('error', () => {});
  return pool;
}

function openPool(databaseUrl: string, connections: number, hooks: Pick<pg.PoolConfig, 'onConnect'>) {
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: connections,
    connectionTimeoutMillis: 10_000,
    statement_timeout: 15_000,
    lock_timeout: 10_000,
    idle_in_transaction_session_timeout: 15_000,
    ...hooks,
  });
  return hearLostConnections(pool);
}

/**
 * A pool listens to idle connections only. When one is lost while somebody holds it, the next statement on it fails; but an
 * error event that nobody listens to would end the process first.
 */
export function hearLostConnections(pool: pg.Pool): pg.Pool {
  return pool.on('connect', (client) => {
    client.on('error', () => {});
  });
}
