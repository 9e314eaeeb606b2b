import { spawn } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, test } from 'vitest';

import {
  findPostgres,
  isAlive,
  makeFolder,
  startChild,
  startServerChild,
  stopChild,
} from './support/child-server.ts';

test('after kill -9 the PostgreSQL that stayed is taken over, and stopped in the end', async () => {
  await using folder = await makeFolder();
  const settings = { DATA_DIR: path.join(folder.path, '.data') };
  const first = await startServerChild(settings);
  await stopChild(first, 'SIGKILL');
  const orphan = await findPostgres(settings.DATA_DIR);
  expect(orphan).toBeDefined();

  const second = await startServerChild(settings);
  expect(await findPostgres(settings.DATA_DIR)).toBe(orphan);
  expect((await fetch(`${second.url}/readyz`)).status).toBe(200);
  expect(await stopChild(second)).toBe(0);
  expect(await isAlive(orphan!)).toBe(false);
}, 60_000);

test('after both were killed, and the process number went to another program, it starts again', async () => {
  await using folder = await makeFolder();
  const settings = { DATA_DIR: path.join(folder.path, '.data') };
  const first = await startServerChild(settings);
  const postgres = (await findPostgres(settings.DATA_DIR))!;
  await stopChild(first, 'SIGKILL');
  process.kill(postgres, 'SIGKILL');
  await expect.poll(() => isAlive(postgres), { timeout: 10_000 }).toBe(false);

  const stranger = spawn('/bin/sleep', ['60'], { stdio: 'ignore' });
  try {
    const pidFile = path.join(settings.DATA_DIR, 'postgres/postmaster.pid');
    const lines = (await readFile(pidFile, 'utf8')).split('\n');
    await writeFile(pidFile, [stranger.pid, ...lines.slice(1)].join('\n'));
    const running = path.join(settings.DATA_DIR, 'running.json');
    const holder = JSON.parse(await readFile(running, 'utf8')) as object;
    await writeFile(running, JSON.stringify({ ...holder, pid: stranger.pid }));

    const second = await startServerChild(settings);
    expect((await fetch(`${second.url}/readyz`)).status).toBe(200);
    expect(await stopChild(second)).toBe(0);
    expect(await isAlive(stranger.pid!)).toBe(true);
  } finally {
    stranger.kill();
  }
}, 60_000);

test.each(['secret-key', 'postgres.new-', 'postgres/postmaster.pid'])(
  'killed in its first start when %s has just appeared, the next start succeeds',
  async (file) => {
    await using folder = await makeFolder();
    const settings = { DATA_DIR: path.join(folder.path, '.data'), PORT: '0' };
    const first = startChild('server/main.ts', settings);
    await appears(settings.DATA_DIR, file);
    await stopChild(first, 'SIGKILL');
    // As it lies there when the kill came between the making of the secret and the end of its draft.
    await writeFile(path.join(settings.DATA_DIR, 'secret-key.draft-0123abcd'), 'a copy');
    await writeFile(path.join(settings.DATA_DIR, 'secret-key.20261122'), 'a backup of the operator');
    const second = await startServerChild(settings);
    expect((await fetch(`${second.url}/readyz`)).status).toBe(200);
    expect(await stopChild(second)).toBe(0);
    expect(await findPostgres(settings.DATA_DIR)).toBeUndefined();
    expect((await readdir(settings.DATA_DIR)).toSorted()).toEqual([
      'postgres',
      'postgres.json',
      'secret-key',
      'secret-key.20261122',
    ]);
  },
  60_000,
);

test('Ctrl-C reaches the whole group of processes, but PostgreSQL, which is stopped last', async () => {
  await using folder = await makeFolder();
  const settings = { DATA_DIR: path.join(folder.path, '.data') };
  const server = await startServerChild(settings);
  const postgres = (await findPostgres(settings.DATA_DIR))!;
  expect(await sessionOf(postgres)).not.toBe(await sessionOf(server.process.pid!));
  process.kill(-server.process.pid!, 'SIGINT');
  expect(await server.exited).toBe(0);
  expect(server.output().stderr).toBe('');
  expect(await isAlive(postgres)).toBe(false);
}, 60_000);

test('Ctrl-C during the first start ends it cleanly', async () => {
  await using folder = await makeFolder();
  const settings = { DATA_DIR: path.join(folder.path, '.data'), PORT: '0' };
  const server = startChild('server/main.ts', settings);
  await appears(settings.DATA_DIR, 'postgres.new-');
  const exitCode = await stopChild(server);
  expect({ exitCode, stderr: server.output().stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(await findPostgres(settings.DATA_DIR)).toBeUndefined();
}, 60_000);

/** The session of a process: Ctrl-C in a terminal stays within one (proc_pid_stat(5), field 6). */
async function sessionOf(pid: number): Promise<string> {
  const line = await readFile(`/proc/${pid}/stat`, 'utf8');
  return line.slice(line.lastIndexOf(')') + 2).split(' ')[3]!;
}

/** Resolves once the data directory holds the file, or one whose name begins so. */
async function appears(dataDir: string, file: string): Promise<void> {
  const folder = path.join(dataDir, path.dirname(file));
  const holds = async () => {
    const names = await readdir(folder).catch(() => []);
    return names.some((name) => name.startsWith(path.basename(file)));
  };
  await expect.poll(holds, { interval: 5, timeout: 30_000 }).toBe(true);
}
