import { chmod, chown, mkdir, readdir, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import path from 'node:path';

import pg from 'pg';
import { describe, expect, test } from 'vitest';

import { createTestDatabase } from '../support/test-database.ts';
import { isRoot, makeFolder, startChild, startServerChild, stopChild } from './support/child-server.ts';
import { answerAsOldPostgres } from './support/old-postgres.ts';

/** Starts, and expects one sentence and exit code 1. */
async function refuse(
  settings: Record<string, string>,
  options: { asNobody?: boolean; program?: string } = {},
): Promise<string> {
  const child = startChild(options.program ?? 'server/main.ts', { PORT: '0', ...settings }, options);
  // One that starts all the same must not stay behind.
  const stopped = child.says('running').then(() => stopChild(child));
  expect(await Promise.race([child.exited, stopped.catch(() => child.exited)])).toBe(1);
  const { stdout, stderr } = child.output();
  expect(stdout).toBe('');
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  return stderr.trimEnd();
}

async function listenAnywhere(server: Server): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.listen(0, '127.0.0.1', resolve);
  await promise;
  return (server.address() as AddressInfo).port;
}

describe('one clear sentence, exit code 1, nothing half-made', () => {
  test('a taken port', async () => {
    await using folder = await makeFolder();
    const blocker = createServer();
    const port = await listenAnywhere(blocker);
    const settings = { PORT: String(port), DATA_DIR: path.join(folder.path, '.data') };
    expect(await refuse(settings)).toMatch(/^Port \d+ on 127.0.0.1 is in use by another program\. .*PORT/);
    expect(await readdir(folder.path)).toEqual([]);
    blocker.close();
  });

  test('an address that is not ours', async () => {
    await using folder = await makeFolder();
    expect(await refuse({ HOST: '192.0.2.1', DATA_DIR: path.join(folder.path, '.data') })).toMatch(/HOST/);
    expect(await readdir(folder.path)).toEqual([]);
  });

  test('a wrong setting', async () => {
    expect(await refuse({ PUBLIC_URL: 'example.com' })).toMatch(/^The setting PUBLIC_URL is not valid/);
    expect(await refuse({ PORT: 'abc' })).toMatch(/PORT is not valid: it must be a number\./);
    expect(await refuse({ PORT: '90000' })).toMatch(/PORT is not valid: it must be at most 65535\./);
    expect(await refuse({ OWNER_EMAIL: 'a@example.com' })).toMatch(/set both, or neither/);
  });

  test('a data directory that may not be read, or not be made', async () => {
    await using folder = await makeFolder({ forNobody: true });
    const closed = path.join(folder.path, 'closed');
    await mkdir(closed);
    if (isRoot) await chown(closed, 65_534, 65_534);
    await chmod(closed, 0o000);
    const says = /cannot be read and written by this user\. .*DATA_DIR/;
    expect(await refuse({ DATA_DIR: path.join(closed, '.data') }, { asNobody: true })).toMatch(says);
    expect(await refuse({ DATA_DIR: '/proc/grantcast' }, { asNobody: true })).toMatch(/cannot be made there/);
    await chmod(closed, 0o500);
    expect(await refuse({ DATA_DIR: closed }, { asNobody: true })).toMatch(/data directory/);
    await chmod(closed, 0o700);
    expect(await readdir(closed)).toEqual([]);
  });

  test.runIf(isRoot)('a data directory of another user', async () => {
    await using folder = await makeFolder();
    const dataDir = path.join(folder.path, '.data');
    await mkdir(dataDir);
    expect(await refuse({ DATA_DIR: dataDir }, { asNobody: true })).toMatch(
      /belongs to another user \(id 0\)/,
    );
    await chown(dataDir, 65_534, 65_534);
    expect(await refuse({ DATA_DIR: dataDir })).toMatch(/belongs to another user \(id 65534\)/);
    expect(await readdir(dataDir)).toEqual([]);
  });

  test('a data directory that is a file', async () => {
    await using folder = await makeFolder();
    const file = path.join(folder.path, 'file');
    await writeFile(file, '');
    expect(await refuse({ DATA_DIR: file })).toMatch(/is a file/);
    expect(await refuse({ DATA_DIR: path.join(file, '.data') })).toMatch(/lies under one/);
  });

  test('a damaged secret', async () => {
    await using folder = await makeFolder();
    await writeFile(path.join(folder.path, 'secret-key'), '\n');
    expect(await refuse({ DATA_DIR: folder.path })).toMatch(/is damaged\. Restore that file from a backup/);
  });

  test('a database of another PostgreSQL says how to take it along', async () => {
    await using folder = await makeFolder();
    await mkdir(path.join(folder.path, 'postgres'));
    await writeFile(path.join(folder.path, 'postgres/PG_VERSION'), '17\n');
    expect(await refuse({ DATA_DIR: folder.path })).toMatch(
      /was made by PostgreSQL 17, .* pg_dump 17 or newer .* running\.json .* README, “Upgrade, back up, restore”\.$/,
    );
  });

  test('a second start on the same data directory says where the first one is', async () => {
    await using folder = await makeFolder();
    const settings = { DATA_DIR: path.join(folder.path, '.data') };
    const first = await startServerChild(settings);
    const sentence = await refuse(settings);
    expect(sentence).toContain('already running');
    expect(sentence).toContain(first.url);
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    expect(await stopChild(first)).toBe(0);
  });
});

describe('a database of DATABASE_URL that cannot be used', () => {
  test('unreachable, unknown user, unknown database', async () => {
    await using folder = await makeFolder();
    await using database = await createTestDatabase();
    const DATA_DIR = folder.path;
    const closed = createServer();
    const port = await listenAnywhere(closed);
    closed.close();
    const withUrl = (DATABASE_URL: string) => refuse({ DATA_DIR, DATABASE_URL });
    expect(await withUrl(`postgresql://a:b@127.0.0.1:${port}/c`)).toMatch(
      /cannot be reached \(ECONNREFUSED\)\. Start it, or correct DATABASE_URL/,
    );
    const wrong = new URL(database.url);
    wrong.password = 'wrong';
    expect(await withUrl(wrong.href)).toMatch(/refused the user grantcast\. Correct/);
    const missing = new URL(database.url);
    missing.pathname = '/no_such_database';
    expect(await withUrl(missing.href)).toMatch(/has no database no_such_database\. Make it/);
  });

  test('without the right to make tables', async () => {
    await using folder = await makeFolder();
    await using database = await createTestDatabase({ isMigrated: false });
    const { searchParams } = new URL(database.url);
    expect(searchParams.size).toBe(0);
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    await client.query('alter default privileges revoke all on tables from public');
    await client.query(
      `alter database ${new URL(database.url).pathname.slice(1)} set search_path = pg_catalog`,
    );
    await client.end();
    expect(await refuse({ DATA_DIR: folder.path, DATABASE_URL: database.url })).toMatch(
      /may not make tables/,
    );
  });

  test('too old', async () => {
    await using folder = await makeFolder();
    const old = createServer(answerAsOldPostgres);
    const port = await listenAnywhere(old);
    const sentence = await refuse({
      DATA_DIR: folder.path,
      DATABASE_URL: `postgresql://a@127.0.0.1:${port}/c`,
    });
    expect(sentence).toMatch(/is PostgreSQL 14\.9; Grantcast needs 15 or newer/);
    old.close();
  });

  test('migrated by a newer version, or by a file that was changed', async () => {
    await using folder = await makeFolder();
    await using database = await createTestDatabase();
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    const settings = { DATA_DIR: folder.path, DATABASE_URL: database.url };
    await client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at) values ('x', '', '29991231000000_later', now())`,
    );
    expect(await refuse(settings)).toMatch(
      /does not know \(29991231000000_later\)\. Start the newer version/,
    );
    await client.query(
      `delete from _prisma_migrations where id = 'x'; update _prisma_migrations set checksum = 'y'`,
    );
    expect(await refuse(settings)).toMatch(/was changed after it was applied\. Restore/);
    expect(await refuse(settings, { program: 'prisma/apply-migrations.ts' })).toMatch(/was changed/);
    await client.end();
  });
});

describe('workers of their own', () => {
  test('without a server say that it must run first', async () => {
    await using folder = await makeFolder();
    const settings = { DATA_DIR: folder.path };
    expect(await refuse(settings, { program: 'workers/main.ts' })).toMatch(/Run npm start first/);
  });

  test('use the database that the server wrote down', async () => {
    await using folder = await makeFolder();
    const settings = { DATA_DIR: path.join(folder.path, '.data') };
    const server = await startServerChild({ ...settings, WORKERS: 'none' });
    const workers = startChild('workers/main.ts', settings);
    await workers.says('The workers are running');
    expect(await stopChild(workers)).toBe(0);
    expect(workers.output().stderr).toBe('');
    expect(await stopChild(server)).toBe(0);
  });
});
