import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import type { Context } from '../../server/context.ts';
import { connectOwner } from '../../server/database/client.ts';
import { purgeExpired } from '../../server/database/purge-expired.ts';
import { startSweep, sweep } from '../../workers/sweep.ts';
import { moveTime } from '../support/move-time.ts';
import { openTestContext } from '../support/test-context.ts';
import { insertOneOfEach } from './support/one-of-each.ts';

let context: Context;
beforeEach(async () => {
  context = await openTestContext();
  await insertOneOfEach(context.db);
});
afterEach(() => context[Symbol.asyncDispose]());

const gone = async () =>
  Object.entries(await purgeExpired(context.db))
    .filter(([, count]) => count > 0)
    .map(([table]) => table);

it('what has expired goes, when it is time for it, and the audit record never', async () => {
  await context.pool.query(`update rate_limit set expire = extract(epoch from now()) * 1000 + 3600000`);
  expect(await gone()).toEqual([]);
  await moveTime(context, { hours: 2 });
  expect(await gone()).toEqual([
    'oidc_state',
    'oidc_token',
    'oidc_grant',
    'browser_session',
    'company_sign_in',
    'channel_link',
    'rate_limit',
  ]);
  await moveTime(context, { days: 31 });
  expect(await gone()).toEqual(['invitation', 'client_event', 'notice']);
  await moveTime(context, { days: 4000 });
  await purgeExpired(context.db);
  expect(await context.db.activity.count({ where: { id: 'act_1' } })).toBe(1);
});

it('a refresh token that was used up stays as long as its reuse must be noticed', async () => {
  await context.pool.query(`
    update oidc_grant set expires_at = now() + interval '180 days';
    update oidc_token set kind = 'RefreshToken', consumed_at = now(), expires_at = now() + interval '30 days'`);
  await moveTime(context, { days: 29 });
  await purgeExpired(context.db);
  expect(await context.db.oidcToken.count()).toBe(1);
  await moveTime(context, { days: 2 });
  await purgeExpired(context.db);
  expect(await context.db.oidcToken.count()).toBe(0);
});

it('a lot goes in batches, and what somebody holds waits', async () => {
  await context.pool.query(`insert into client_event (id, kind, at)
    select 'evt_many_' || n, 'registered', now() - interval '31 days' from generate_series(1, 25000) n`);
  const client = await context.pool.connect();
  await client.query('begin');
  await client.query(`select from client_event where id = 'evt_many_1' for update`);
  expect((await purgeExpired(context.db))['client_event']).toBe(20_000);
  expect((await purgeExpired(context.db))['client_event']).toBe(4_999);
  await client.query('rollback');
  client.release();
  expect((await purgeExpired(context.db))['client_event']).toBe(1);
});

it('a sweep goes on after a job that fails', async () => {
  const owner = connectOwner(context.config.databaseUrl!);
  await moveTime(context, { days: 2 });
  await owner.query('alter table activity_digest rename to elsewhere');
  await sweep(context);
  expect(await context.db.browserSession.count()).toBe(0);
  await owner.end();
});

it('renditions are looked through by the first sweep, and then by each sixtieth', async () => {
  const insert = () =>
    context.pool
      .query(`insert into rendition (team_id, post_id, rev, channel_id, position, storage_key, content_hash,
        mime_type, width, height, byte_count, created_at)
      select team_id, post_id, rev, channel_id, 9, 'team_' || repeat('a', 32) || '/' || repeat('a', 64), '', 'image/png', 1, 1, 1,
        now() - interval '2 days' from caption limit 1`);
  const left = () => context.db.rendition.count({ where: { position: 9 } });
  const kept = [];
  await context.pool.query(
    `update delivery set state = 'published', published_at = now(), updated_at = now() - interval '91 days'`,
  );
  for (const runs of [0, 1, 59, 60]) {
    if ((await left()) === 0) await insert();
    await sweep(context, runs);
    kept.push(await left());
  }
  expect(kept).toEqual([0, 1, 1, 0]);
});

it('a sweep that takes minutes meets no other', async () => {
  const { pool } = context;
  const owner = connectOwner(context.config.databaseUrl!);
  const holder = await owner.connect();
  await holder.query('begin; lock table delivery');
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const sweeping = startSweep(context);
  const inUse = () => pool.totalCount - pool.idleCount;
  await vi.waitFor(() => expect(inUse()).toBe(1));
  vi.advanceTimersByTime(180_000);
  // Whoever asked for a connection before has it when this one has its answer.
  await context.db.$queryRaw`select 1`;
  expect(inUse()).toBe(1);
  vi.useRealTimers();
  await holder.query('rollback');
  holder.release();
  await owner.end();
  await sweeping.stop();
});
