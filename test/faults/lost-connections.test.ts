import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import type { Context } from '../../server/context.ts';
import { openLocks } from '../../server/oauth/locks.ts';
import { openTestContext } from '../support/test-context.ts';

// An error event that nobody listens to ends a process, and the run reports it as an unhandled error of this file.

let context: Context;
let other: Context;
beforeAll(async () => {
  context = await openTestContext();
  other = await openTestContext();
});
afterAll(async () => {
  await context[Symbol.asyncDispose]();
  await other[Symbol.asyncDispose]();
});

/** As a crash of PostgreSQL does, for the connections of the first context's database; returns when they are gone. */
async function cutConnections(): Promise<number> {
  const { pathname } = new URL(context.config.databaseUrl!);
  const { rows } = await other.pool.query<{ pid: number }>(
    `select pid, pg_terminate_backend(pid) from pg_stat_activity
     where datname = $1 and usename = session_user`,
    [pathname.slice(1)],
  );
  const pids = rows.map(({ pid }) => pid);
  await vi.waitFor(
    async () => {
      const left = await other.pool.query('select from pg_stat_activity where pid = any ($1)', [pids]);
      expect(left.rowCount).toBe(0);
    },
    { timeout: 10_000, interval: 5 },
  );
  return pids.length;
}

test('a connection that is lost while somebody holds it ends no process', async () => {
  const client = await context.pool.connect();
  expect(await cutConnections()).toBeGreaterThan(0);
  await expect(client.query('select 1')).rejects.toThrow(/terminat|not queryable/i);
  client.release(true);
});

test('nor does one that a lock is held with', async () => {
  await using locks = openLocks(context);
  const work = locks.withLock('a lock', cutConnections);
  await expect(work).rejects.toThrow(/terminat|not queryable/i);
});

test('nor do those of the queue on PostgreSQL, whatever it does with them', async () => {
  const worker = context.queues.startPublishWorker(async () => undefined, 1);
  // Before its tables are there, and again when it begins anew.
  for (let turn = 0; turn < 2; turn += 1) {
    await vi.waitFor(async () => expect(await cutConnections()).toBeGreaterThan(0), {
      ...{ timeout: 20_000, interval: 5 },
    });
  }
  await worker.stop();
});
