import { createHash } from 'node:crypto';

import pg from 'pg';

import type { Context } from '../context.ts';
import { hearLostConnections } from '../database/client.ts';

const CONNECTIONS = 5;

export interface Locks extends AsyncDisposable {
  /** Runs `work` while no other process runs anything under the same name. Not to be nested. */
  withLock<T>(name: string, work: () => Promise<T>): Promise<T>;
}

/**
 * Advisory locks on connections of their own: a lock is held while the library answers with connections of the shared
 * pool, and if both came from one pool, waiting for locks could use it up.
 */
export function openLocks(context: Context): Locks {
  const pool = hearLostConnections(
    new pg.Pool({ ...context.pool.options, max: CONNECTIONS, allowExitOnIdle: true }),
  );
  pool.on('error', (error) => context.log.warn({ error: error.message }, 'a database connection was lost'));
  return {
    async withLock(name, work) {
      const client = await pool.connect();
      let isBroken = true;
      try {
        // In one message: it is in the way of every refresh.
        await client.query(`begin; select pg_advisory_xact_lock(${lockKeyOf(name)})`);
        try {
          return await work();
        } finally {
          await client.query('commit');
          isBroken = false;
        }
      } finally {
        client.release(isBroken);
      }
    },
    async [Symbol.asyncDispose]() {
      await pool.end();
    },
  };
}

/** A number of 64 bits, so it needs no quoting. */
function lockKeyOf(name: string): bigint {
  return createHash('sha256').update(`grantcast oauth ${name}`).digest().readBigInt64BE();
}
