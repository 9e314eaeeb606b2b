import { execFile } from 'node:child_process';
import { chmod, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import pg from 'pg';
import { expect, test } from 'vitest';

import { isRoot, makeFolder, startServerChild, stopChild } from './support/child-server.ts';

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
