import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { access, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readConfig, settingsSchema } from '../../server/config.ts';
import { findFreePort } from '../support/free-port.ts';
import { hasRedisServer, startTestRedis, type TestRedis } from '../support/redis.ts';
import { createTestDatabase } from '../support/test-database.ts';
import { findVariables, readComposeFile, type ComposeFile } from './compose-file.ts';

const root = path.resolve(import.meta.dirname, '../..');
const variables = {
  SECRET_KEY: 'a secret of at least thirty-two characters',
  POSTGRES_PASSWORD: 'a-password',
  DOMAIN: 'grantcast.example.com',
};
const settingNames = Object.keys(settingsSchema.shape);
/** In .env for the compose file alone. */
const OTHER_NAMES = ['DOMAIN', 'POSTGRES_PASSWORD'];

describe('docker-compose.yml', () => {
  test('web, worker, PostgreSQL, Redis; Caddy only with the https profile', async () => {
    const { services } = await readComposeFile(root, variables);
    expect(Object.keys(services).toSorted()).toEqual(['caddy', 'postgres', 'redis', 'web', 'worker']);
    expect(Object.entries(services).filter(([, service]) => service.profiles)).toHaveLength(1);
    expect(services['caddy']!.profiles).toEqual(['https']);
    expect(services['caddy']!.command).toContain('grantcast.example.com');
  });

  test.each(['web', 'worker'])(
    '%s: every environment name is a setting, and the values are valid',
    async (name) => {
      const environment = (await readComposeFile(root, variables)).services[name]!.environment!;
      const known = [...settingNames, ...OTHER_NAMES];
      expect(Object.keys(environment).filter((setting) => !known.includes(setting))).toEqual([]);
      const config = readConfig(environment);
      expect(config.databaseUrl).toBe('postgresql://grantcast:a-password@postgres:5432/grantcast');
      expect(config.redisUrl).toBe('redis://redis:6379');
      expect(config.publicUrl).toBe('http://localhost:3000');
    },
  );

  test.each([
    { name: 'web', fixed: ['DATABASE_URL', 'DATA_DIR', 'HOST', 'PORT', 'REDIS_URL', 'WORKERS'] },
    { name: 'worker', fixed: ['DATABASE_URL', 'DATA_DIR', 'REDIS_URL'] },
  ])('$name: every setting of .env arrives, but what the file itself fixes', async ({ name, fixed }) => {
    const dotEnv = Object.fromEntries(settingNames.map((setting) => [setting, `of .env: ${setting}`]));
    const { services } = await readComposeFile(root, { ...variables, ...dotEnv });
    const environment = services[name]!.environment!;
    const changed = settingNames.filter((setting) => environment[setting] !== dotEnv[setting]);
    expect(changed.toSorted()).toEqual(fixed);
  });

  test('web listens inside the container and leaves publishing to worker', async () => {
    const { web } = (await readComposeFile(root, variables)).services;
    expect(readConfig(web!.environment!)).toMatchObject({ host: '0.0.0.0', port: 3000, workers: 'none' });
  });

  test.each(['SECRET_KEY', 'POSTGRES_PASSWORD'] as const)('without %s it says what to set', async (name) => {
    await expect(readComposeFile(root, { ...variables, [name]: '' })).rejects.toThrow(`set ${name} in .env`);
  });

  test('every variable that it takes from .env is in .env.example', async () => {
    const [compose, example] = await Promise.all([readText('docker-compose.yml'), readText('.env.example')]);
    const documented = new Set(readExample(example).map(([name]) => name));
    expect(findVariables(compose).filter((name) => !documented.has(name))).toEqual([]);
  });

  test('only Caddy listens outside the machine', async () => {
    const { services } = await readComposeFile(root, variables);
    const open = Object.entries(services).filter(([, { ports = [] }]) =>
      ports.some((port) => !port.startsWith('127.0.0.1:')),
    );
    expect(open.map(([name]) => name)).toEqual(['caddy']);
  });
});

describe('.env.example', () => {
  test('has every setting of the server once, and nothing else but what the compose file reads', async () => {
    const names = readExample(await readText('.env.example')).map(([name]) => name);
    expect(names.toSorted()).toEqual([...settingNames, ...OTHER_NAMES].toSorted());
  });

  test('shows the defaults', async () => {
    const shown = Object.fromEntries(readExample(await readText('.env.example')));
    const { DOMAIN: _domain, POSTGRES_PASSWORD: _password, ...settings } = shown;
    expect(readConfig(settings)).toEqual(readConfig({}));
  });
});

describe('Dockerfile', () => {
  test('copies what exists, runs as a user who is not root, on the official image', async () => {
    const text = await readText('Dockerfile');
    expect([...text.matchAll(/^FROM (\S+)/gm)].map((match) => match[1])).toEqual(
      Array(2).fill('node:24-bookworm-slim'),
    );
    expect(text.slice(text.lastIndexOf('FROM'))).toMatch(/^USER node$/m);
    const sources = [...text.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap((match) =>
      match[1]!.split(' '),
    );
    expect(sources.length).toBeGreaterThan(5);
    await Promise.all(sources.map((source) => access(path.join(root, source))));
  });
});

describe.runIf(hasRedisServer())('the commands of web and worker, as plain processes', () => {
  let compose: ComposeFile;
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let redis: TestRedis;
  let folder: string;
  const children: ChildProcess[] = [];

  beforeAll(async () => {
    compose = await readComposeFile(root, variables);
    [database, redis, folder] = await Promise.all([
      createTestDatabase({ isMigrated: false }),
      startTestRedis(),
      mkdtemp(path.join(os.tmpdir(), 'grantcast-compose-')),
    ]);
  });

  afterAll(async () => {
    await Promise.all(children.map(stop));
    await redis[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  /** The service's own command and settings; only the addresses are those of this test. */
  function start(
    name: 'web' | 'worker',
    addresses: Record<string, string>,
  ): { child: ChildProcess; output: () => string } {
    const service = compose.services[name]!;
    const [program, ...words] = service.command!;
    expect(program).toBe('node');
    const child = spawn(process.execPath, words, {
      cwd: root,
      env: {
        ...service.environment,
        DATABASE_URL: database.url,
        REDIS_URL: redis.url,
        DATA_DIR: folder,
        ...addresses,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    children.push(child);
    let output = '';
    const collect = (chunk: Buffer) => (output += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    return { child, output: () => output };
  }

  test('web migrates an empty database and answers; worker says that it is ready; both stop when told', async () => {
    const port = String(await findFreePort());
    const url = `http://127.0.0.1:${port}`;
    const web = start('web', { HOST: '127.0.0.1', PORT: port, PUBLIC_URL: url });
    const worker = start('worker', { PUBLIC_URL: url });

    await expect.poll(() => statusOf(`${url}/readyz`), { timeout: 20_000, message: web.output() }).toBe(200);
    const challenge = await fetch(`${url}/mcp`, { method: 'POST' });
    expect(challenge.status).toBe(401);
    expect(challenge.headers.get('www-authenticate')).toContain(
      `${url}/.well-known/oauth-protected-resource`,
    );
    await expect.poll(worker.output, { timeout: 20_000 }).toContain('The workers are running');

    expect(await Promise.all([stop(web.child), stop(worker.child)])).toEqual([0, 0]);
  }, 60_000);
});

async function stop(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  }
  return child.exitCode;
}

async function statusOf(url: string): Promise<number> {
  return (await fetch(url).catch(() => undefined))?.status ?? 0;
}

function readText(name: string): Promise<string> {
  return readFile(path.join(root, name), 'utf8');
}

/** `#NAME=value` lines, as pairs. */
function readExample(text: string): [string, string][] {
  return [...text.matchAll(/^#?([A-Z][A-Z0-9_]*)=(.*)$/gm)].map((match) => [match[1]!, match[2]!]);
}
