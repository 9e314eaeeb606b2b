import { spawn, type ChildProcess } from 'node:child_process';
import { chmod, chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { identifyProcess } from '../../../server/process-identity.ts';

const ROOT = path.join(import.meta.dirname, '../../..');
/** nobody on every Linux; what an ordinary user may not do is tried as this one when the tests run as root. */
const NOBODY = 65_534;

export const isRoot = process.getuid?.() === 0;

export interface Child {
  process: ChildProcess;
  output(): { stdout: string; stderr: string };
  /** Resolves with the exit code; a signal counts as -1. */
  exited: Promise<number>;
  /** Resolves when standard output holds the text; rejects when the process ends before. */
  says(text: string): Promise<void>;
}

/** Runs one of the project's programs as a real process, with only these settings. */
export function startChild(
  program: string,
  settings: Record<string, string>,
  options: { asNobody?: boolean } = {},
): Child {
  const child = spawn(process.execPath, [path.join(ROOT, program)], {
    cwd: '/',
    env: { PATH: '/usr/bin:/bin', LOG_LEVEL: 'error', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, as a terminal gives it, so that a whole group can be interrupted.
    detached: true,
    ...(options.asNobody && isRoot && { uid: NOBODY, gid: NOBODY }),
  });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  const hear = () => listeners.forEach((listener) => listener());
  child.stdout.on('data', (chunk) => {
    stdout += String(chunk);
    hear();
  });
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const { promise: exited, resolve } = Promise.withResolvers<number>();
  child.once('close', (code) => resolve(code ?? -1));
  return {
    process: child,
    output: () => ({ stdout, stderr }),
    exited,
    async says(text) {
      const { promise: heard, resolve: settle } = Promise.withResolvers<void>();
      const listener = () => stdout.includes(text) && settle();
      listeners.add(listener);
      listener();
      const ended = exited.then((code) => {
        throw new Error(`ended with ${code} before it said '${text}':\n${stdout}\n${stderr}`);
      });
      await Promise.race([heard, ended]);
    },
  };
}

export interface StartedServer extends Child {
  url: string;
}

/** `npm start` on a free port, until it says that it runs. */
export async function startServerChild(
  settings: Record<string, string>,
  options: { asNobody?: boolean } = {},
): Promise<StartedServer> {
  const child = startChild('server/main.ts', { PORT: '0', ...settings }, options);
  await child.says('Stop it with Ctrl-C.');
  const url = child.output().stdout.match(/Dashboard +(\S+)/)![1]!;
  return { ...child, url };
}

export async function stopChild(child: Child, signal: NodeJS.Signals = 'SIGINT'): Promise<number> {
  child.process.kill(signal);
  return child.exited;
}

/** A folder for one test's data directory. */
export async function makeFolder(
  options: { forNobody?: boolean } = {},
): Promise<{ path: string } & AsyncDisposable> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'grantcast-startup-'));
  await chmod(folder, 0o755);
  if (options.forNobody && isRoot) await chown(folder, NOBODY, NOBODY);
  return {
    path: folder,
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The process number of the PostgreSQL on this data directory; undefined when none runs. */
export async function findPostgres(dataDir: string): Promise<number | undefined> {
  const file = await readFile(path.join(dataDir, 'postgres/postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number.parseInt(file, 10);
  return pid && (await isAlive(pid)) ? pid : undefined;
}

/** A process that has ended but that nobody has waited for does not count. */
export async function isAlive(pid: number): Promise<boolean> {
  return (await identifyProcess(pid)) !== undefined;
}
