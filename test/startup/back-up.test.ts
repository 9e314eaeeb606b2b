import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import pg from 'pg';
import { expect, test } from 'vitest';

import { connectDatabase, connectOwner } from '../../server/database/client.ts';
import { prepareDatabase } from '../../server/database/prepare-database.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { isRoot, makeFolder, startServerChild, stopChild } from './support/child-server.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const MIGRATIONS = path.join(ROOT, 'prisma/migrations');
const OWNER = { OWNER_EMAIL: 'olivia@example.com', OWNER_PASSWORD: 'correct horse battery' };

/** As the README says it, owners and modes with it. */
const copy = (from: string, to: string) => promisify(execFile)('cp', ['--archive', from, to]);

async function readOwners(dataDir: string): Promise<string[]> {
  const running = await readFile(path.join(dataDir, 'running.json'), 'utf8');
  const client = new pg.Client({
    connectionString: (JSON.parse(running) as { databaseUrl: string }).databaseUrl,
  });
  await client.connect();
  try {
    return (await client.query<{ email: string }>('select email from person')).rows.map(({ email }) => email);
  } finally {
    await client.end();
  }
}

test('a copy of a stopped server’s data directory starts at another place with all that was there', async () => {
  await using folder = await makeFolder();
  const [dataDir, backUp, restored] = ['.data', 'back-up', 'restored'].map((name) =>
    path.join(folder.path, name),
  ) as [string, string, string];
  const first = await startServerChild({ DATA_DIR: dataDir, ...OWNER });
  expect(await stopChild(first)).toBe(0);
  const secret = await readFile(path.join(dataDir, 'secret-key'), 'utf8');
  await copy(dataDir, backUp);
  await rm(dataDir, { recursive: true });

  await copy(backUp, restored);
  const second = await startServerChild({ DATA_DIR: restored });
  expect(second.output().stdout).not.toContain('/set-up/');
  expect(await readOwners(restored)).toEqual(['olivia@example.com']);
  expect(await readFile(path.join(restored, 'secret-key'), 'utf8')).toBe(secret);
  expect(await stopChild(second)).toBe(0);
}, 120_000);

test.runIf(isRoot)(
  'where start-up names another folder for the database, both copies put back bring all of it',
  async () => {
    await using folder = await makeFolder();
    await chmod(folder.path, 0o700);
    const dataDir = path.join(folder.path, '.data');
    const first = await startServerChild({ DATA_DIR: dataDir, ...OWNER });
    const cluster = /Database .* it is kept in (\S+)/.exec(first.output().stdout)![1]!;
    try {
      expect(await stopChild(first)).toBe(0);
      await copy(dataDir, path.join(folder.path, 'data'));
      await copy(cluster, path.join(folder.path, 'database'));
      await rm(dataDir, { recursive: true });
      await rm(cluster, { recursive: true });

      await copy(path.join(folder.path, 'data'), dataDir);
      await copy(path.join(folder.path, 'database'), cluster);
      const second = await startServerChild({ DATA_DIR: dataDir });
      expect(await readOwners(dataDir)).toEqual(['olivia@example.com']);
      expect(await stopChild(second)).toBe(0);
    } finally {
      await rm(path.dirname(cluster), { recursive: true, force: true });
    }
  },
  120_000,
);

/** What `pg_restore` brings from a database of the version before: its tables, and the list of its migrations. */
async function buildOlderSchema(pool: pg.Pool, names: string[]): Promise<void> {
  await pool.query(`create table _prisma_migrations (
    id varchar(36) primary key, checksum varchar(64) not null, finished_at timestamptz,
    migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
    started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`);
  for (const name of names) {
    const sql = await readFile(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8');
    await pool.query(sql);
    await pool.query(
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at)
       values (gen_random_uuid(), $1, $2, now())`,
      [createHash('sha256').update(sql).digest('hex'), name],
    );
  }
}

test('a database that the README’s line empties under a running server takes an older one, which the next start brings up to date', async () => {
  const readme = await readFile(path.join(ROOT, 'README.md'), 'utf8');
  const emptying = /^psql .*--command='([^']+)'$/m.exec(readme)![1]!;
  await using database = await createTestDatabase({ isMigrated: false });
  await using folder = await makeFolder();
  const server = await startServerChild({
    ...{ DATA_DIR: folder.path, DATABASE_URL: database.url, WORKERS: 'none', ...OWNER },
  });
  const owner = connectOwner(database.url);
  const { db, pool } = connectDatabase(database.url, 1, () => {});
  try {
    // As the first hint to a worker makes it.
    await owner.query('create schema if not exists bullmq; create table bullmq.hint (id int)');
    await owner.query(emptying);
    const { rows } = await owner.query(
      `select nspname as name, (select count(*)::int from pg_depend where refobjid = n.oid) as holds
       from pg_namespace n where nspname !~ '^(pg_|information_schema$)'`,
    );
    expect(rows).toEqual([{ name: 'public', holds: 0 }]);

    const entries = await readdir(MIGRATIONS, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const [last, ...older] = names.toSorted().toReversed() as [string, ...string[]];
    await buildOlderSchema(owner, older.toReversed());
    expect(await stopChild(server)).toBe(0);

    expect(await prepareDatabase(database.url)).toEqual({ applied: [last], warning: null });
    const acts = await pool.query('select current_user as role');
    expect(acts.rows).toEqual([{ role: 'grantcast_server' }]);
    const refused = await owner.query(
      `select relname from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'
         and relname not in ('_prisma_migrations', 'activity', 'activity_digest')
         and not (has_table_privilege('grantcast_server', oid, 'SELECT')
           and has_table_privilege('grantcast_server', oid, 'INSERT')
           and has_table_privilege('grantcast_server', oid, 'UPDATE')
           and has_table_privilege('grantcast_server', oid, 'DELETE'))`,
    );
    expect(refused.rows).toEqual([]);
    const again = await startServerChild({ DATA_DIR: folder.path, DATABASE_URL: database.url });
    expect(again.output().stdout).toContain('/set-up/');
    expect(await stopChild(again)).toBe(0);
  } finally {
    server.process.kill('SIGKILL');
    await db.$disconnect();
    await pool.end();
    await owner.end();
  }
}, 120_000);
