import { chmod, readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';

import pg from 'pg';
import { expect, test } from 'vitest';

import {
  findPostgres,
  isAlive,
  isRoot,
  makeFolder,
  startServerChild,
  stopChild,
} from './support/child-server.ts';

test.each([{ asNobody: false }, { asNobody: true }])(
  'the first start makes everything, closed to others; the second keeps it (as nobody: $asNobody)',
  async ({ asNobody }) => {
    await using folder = await makeFolder({ forNobody: asNobody });
    const dataDir = path.join(folder.path, '.data');
    const settings = { DATA_DIR: dataDir };

    const first = await startServerChild(settings, { asNobody });
    const { stdout, stderr } = first.output();
    expect(stderr).toBe('');
    expect(stdout).toContain(`${first.url}/mcp`);
    expect(stdout).toContain(`${first.url}/set-up/`);
    expect(stdout).toContain(dataDir);
    expect(/PostgreSQL runs as the user (?!root)\w+/.test(stdout)).toBe(isRoot && !asNobody);
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
    expect((await fetch(`${first.url}/mcp`, { method: 'POST' })).status).toBe(401);

    const runsAsRoot = isRoot && !asNobody;
    expect(await modeOf(dataDir)).toBe(runsAsRoot ? 0o711 : 0o700);
    expect(await modesUnder(dataDir)).toEqual({
      postgres: 0o700,
      'postgres.json': 0o600,
      'running.json': 0o600,
      'secret-key': 0o600,
    });
    const secret = await readFile(path.join(dataDir, 'secret-key'), 'utf8');
    const postgres = (await findPostgres(dataDir))!;
    expect(await isAlive(postgres)).toBe(true);
    await asOwnDatabase(dataDir, (client) =>
      client.query(`insert into setup_link (token_hash) values ('\\x01')`),
    );

    expect(await stopChild(first)).toBe(0);
    expect(first.output().stderr).toBe('');
    expect(await isAlive(postgres)).toBe(false);
    expect(await readdir(dataDir)).not.toContain('running.json');

    const second = await startServerChild(settings, { asNobody });
    expect(await readFile(path.join(dataDir, 'secret-key'), 'utf8')).toBe(secret);
    const { rows } = await asOwnDatabase(dataDir, (client) =>
      client.query(`select from setup_link where token_hash = '\\x01'`),
    );
    expect(rows).toHaveLength(1);
    expect(await stopChild(second, 'SIGTERM')).toBe(0);
    expect(await findPostgres(dataDir)).toBeUndefined();
  },
  60_000,
);

test('OWNER_EMAIL and OWNER_PASSWORD make the first owner once, and there is no set-up link then', async () => {
  await using folder = await makeFolder();
  const dataDir = path.join(folder.path, '.data');
  const settings = {
    DATA_DIR: dataDir,
    OWNER_EMAIL: 'Olivia@example.com',
    OWNER_PASSWORD: 'correct horse battery',
  };
  const countOwners = async () => {
    const { rows } = await asOwnDatabase(dataDir, (client) => client.query(`select email from person`));
    return rows;
  };
  const first = await startServerChild(settings);
  expect(first.output().stdout).not.toContain('/set-up/');
  expect(await countOwners()).toEqual([{ email: 'olivia@example.com' }]);
  await stopChild(first);
  const second = await startServerChild({ ...settings, OWNER_EMAIL: 'other@example.com' });
  expect(await countOwners()).toEqual([{ email: 'olivia@example.com' }]);
  await stopChild(second);
}, 60_000);

test.runIf(isRoot)(
  'as root in a folder that is closed to PostgreSQL, the database lies elsewhere, and it says so',
  async () => {
    await using folder = await makeFolder();
    await chmod(folder.path, 0o700);
    const dataDir = path.join(folder.path, '.data');
    const server = await startServerChild({ DATA_DIR: dataDir });
    const { clusterDirectory } = JSON.parse(await readFile(path.join(dataDir, 'postgres.json'), 'utf8')) as {
      clusterDirectory: string;
    };
    try {
      expect(clusterDirectory).toMatch(/^\/var\/lib\/grantcast\//);
      expect(server.output().stdout).toContain(clusterDirectory);
      expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
      expect(await stopChild(server)).toBe(0);
    } finally {
      await rm(path.dirname(clusterDirectory), { recursive: true, force: true });
    }
  },
  60_000,
);

async function asOwnDatabase<T>(dataDir: string, run: (client: pg.Client) => Promise<T>): Promise<T> {
  const { databaseUrl } = JSON.parse(await readFile(path.join(dataDir, 'running.json'), 'utf8')) as {
    databaseUrl: string;
  };
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return await run(client);
  } finally {
    await client.end();
  }
}

async function modesUnder(folder: string): Promise<Record<string, number>> {
  const entries = await readdir(folder);
  return Object.fromEntries(
    await Promise.all(entries.map(async (name) => [name, await modeOf(path.join(folder, name))] as const)),
  );
}

async function modeOf(file: string): Promise<number> {
  return (await stat(file)).mode & 0o777;
}
