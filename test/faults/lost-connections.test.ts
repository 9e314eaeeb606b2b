import { setTimeout as delay } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from 'vitest';

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

/** As a crash of PostgreSQL does, for the connections of the first context's database. */
async function cutConnections(): Promise<number> {
  const { pathname } = new URL(context.config.databaseUrl!);
  const { rowCount } = await other.pool.query(
    'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = session_user',
    [pathname.slice(1)],
  );
  return rowCount ?? 0;
}

test('a connection that is lost while somebody holds it ends no process', async () => {
  const client = await context.pool.connect();
  expect(await cutConnections()).toBeGreaterThan(0);
  await expect(client.query('select 1')).rejects.toThrow(/terminat|not queryable/i);
  client.release(true);
});

test('nor does one that a lock is held with', async () => {
  await using locks = openLocks(context);
  const work = locks.withLock('a lock', async () => {
    await cutConnections();
    await delay(50);
  });
  await expect(work).rejects.toThrow(/terminat|not queryable/i);
});

test('nor do those of the queue on PostgreSQL, whatever it does with them', async () => {
  const worker = context.queues.startPublishWorker(async () => undefined, 1);
  let cut = 0;
  for (let turn = 0; turn < 100; turn += 1) {
    cut += await cutConnections();
    await delay(10);
  }
  expect(cut).toBeGreaterThan(0);
  await worker.stop();
});
