import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import pg from 'pg';
import { describe, expect, test } from 'vitest';

import { connectDatabase, connectOwner, type Database } from '../../server/database/client.ts';
import { migrateDatabase } from '../../server/database/migrate.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { insertOneOfEach } from './support/one-of-each.ts';

const MIGRATIONS = path.join(import.meta.dirname, '../../prisma/migrations');

async function withDatabase(
  isMigrated: boolean,
  run: (clients: { db: Database; pool: pg.Pool }) => Promise<void>,
): Promise<void> {
  await using database = await createTestDatabase({ isMigrated });
  const { db, pool: serverPool } = connectDatabase(database.url, 1, () => {});
  const pool = connectOwner(database.url, 4);
  try {
    await run({ db, pool });
  } finally {
    await db.$disconnect();
    await serverPool.end();
    await pool.end();
  }
}

async function listMigrations(): Promise<string[]> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted();
}

/** Every table's name and number of rows. */
async function countRows(pool: pg.Pool): Promise<Record<string, number>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> '_prisma_migrations' order by 1`,
  );
  const counts: Record<string, number> = {};
  for (const { name } of tables) {
    const { rows } = await pool.query<{ n: number }>(
      `select count(*)::int as n from ${pg.escapeIdentifier(name)}`,
    );
    counts[name] = rows[0]!.n;
  }
  return counts;
}

/** Rows of today's schema in one of an earlier time: of each table what it had then. */
async function insertOneOfEachInto(earlier: pg.Pool): Promise<void> {
  await withDatabase(true, async ({ db, pool }) => {
    await insertOneOfEach(db);
    const client = await earlier.connect();
    try {
      await client.query('begin');
      await copyTables(pool, client, Object.keys(await countRows(earlier)));
      await client.query('commit');
    } finally {
      client.release(true);
    }
  });
}

/** A table that refers to one which is still empty is tried again after the others. */
async function copyTables(from: pg.Pool, to: pg.PoolClient, tables: string[]): Promise<void> {
  const refused: string[] = [];
  for (const table of tables) {
    const name = pg.escapeIdentifier(table);
    const { rows } = await from.query<{ all: string }>(`select json_agg(t)::text as all from ${name} t`);
    await to.query('savepoint before');
    await to
      .query(`insert into ${name} select * from json_populate_recordset(null::${name}, $1::json)`, [
        rows[0]!.all,
      ])
      .catch(() => {
        refused.push(table);
        return to.query('rollback to before');
      });
  }
  if (refused.length === tables.length) throw new Error(`No rows for ${refused.join(', ')}`);
  if (refused.length > 0) await copyTables(from, to, refused);
}

describe('migrating a database that is in use', () => {
  test('the newest migration keeps every row of every table', () =>
    withDatabase(false, async ({ pool }) => {
      const names = await listMigrations();
      // With the first migration alone there is nothing before it that could hold rows.
      const earlier = names.length > 1 ? names.slice(0, -1) : names;
      await applyByHand(pool, earlier);
      await insertOneOfEachInto(pool);
      const before = await countRows(pool);
      expect(Object.keys(before).filter((table) => before[table] === 0)).toEqual([]);

      expect(await migrateDatabase(pool)).toEqual({ applied: names.slice(earlier.length), warning: null });
      expect(await countRows(pool)).toMatchObject(before);
      expect(await migrateDatabase(pool)).toEqual({ applied: [], warning: null });
    }));

  test('several processes at once apply each migration once', () =>
    withDatabase(false, async ({ pool }) => {
      const migrated = await Promise.all([1, 2, 3].map(() => migrateDatabase(pool)));
      expect(migrated.flatMap(({ applied }) => applied)).toEqual(await listMigrations());
    }));

  test('a file that was changed, or a migration from the future, is refused', () =>
    withDatabase(true, async ({ pool }) => {
      await pool.query(
        `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('x', '', '29991231_later', now())`,
      );
      await expect(migrateDatabase(pool)).rejects.toMatchObject({ details: { code: 'database_is_newer' } });
      await pool.query(`delete from _prisma_migrations where id = 'x'`);
      await pool.query(`update _prisma_migrations set checksum = 'y'`);
      await expect(migrateDatabase(pool)).rejects.toMatchObject({ details: { code: 'migration_changed' } });
    }));
});

describe('what the database refuses by itself', () => {
  test.each([
    ['an unknown role', `update membership set role = 'admin'`, 'membership_role'],
    ['an unknown state', `update delivery set state = 'sent', remote_id = null`, 'delivery_state'],
    [
      'published without a remote id',
      `update delivery set remote_id = null`,
      'delivery_published_has_remote',
    ],
    [
      'a remote id before it is published',
      `update delivery set state = 'scheduled'`,
      'delivery_published_has_remote',
    ],
    [
      'a claim without a lease',
      `update delivery set state = 'claimed', remote_id = null, published_at = null, lease_until = null`,
      'delivery_work_is_leased',
    ],
    [
      'a send that is not written down',
      `update delivery set state = 'sending', remote_id = null, published_at = null, lease_until = now(), payload_hash = null`,
      'delivery_sending_is_recorded',
    ],
    [
      'two authorities',
      `update delivery set scheduled_by_person_id = (select id from person)`,
      'delivery_has_one_authority',
    ],
    ['no authority', `update delivery set scheduled_by_connection_id = null`, 'delivery_has_one_authority'],
    [
      'held without a reason',
      `update delivery set state = 'held', remote_id = null, published_at = null`,
      'delivery_stop_has_reason',
    ],
    ['an empty caption', `update caption set parts = '{}'`, 'caption_has_parts'],
    ['a current revision that does not exist', `update post set rev = 7`, 'post_current_revision'],
    [
      'a post of another team',
      `insert into team (id, name, time_zone) values ('team_2', 'Other', 'UTC');
       update delivery set team_id = 'team_2'`,
      'delivery_team_id_post_id_fkey',
    ],
    [
      'a second open attempt',
      `update attempt set outcome = null;
       insert into attempt (delivery_id, fence, part_no, kind, payload_hash, idempotency_key, started_at)
       select delivery_id, fence + 1, part_no, kind, payload_hash, 'k2', now() from attempt`,
      'attempt_one_open',
    ],
    [
      'a token of a family that is gone',
      `delete from oidc_grant;
       insert into oidc_token (id_hash, kind, grant_id, payload, expires_at) values ('\\x02', 'AccessToken', 'gra_1', '{}', now())`,
      'oidc_token_grant_id_fkey',
    ],
  ])('%s', (_title, sql, constraint) =>
    withDatabase(true, async ({ db, pool }) => {
      await insertOneOfEach(db);
      await expect(pool.query(sql)).rejects.toMatchObject({ constraint });
    }),
  );
});

/** As `migrateDatabase` does, but only these. */
async function applyByHand(pool: pg.Pool, names: string[]): Promise<void> {
  await pool.query(`create table _prisma_migrations (
    id varchar(36) primary key, checksum varchar(64) not null, finished_at timestamptz,
    migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
    started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`);
  for (const [index, name] of names.entries()) {
    const sql = await readFile(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8');
    await pool.query(sql);
    await pool.query(
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ($1, $2, $3, now())`,
      [String(index), createHash('sha256').update(sql).digest('hex'), name],
    );
  }
}
