import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { once } from 'node:events';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { findFreePort } from './free-port.ts';

const PROGRAMS = ['/usr/bin/redis-server', '/usr/local/bin/redis-server', '/opt/homebrew/bin/redis-server'];

export interface TestRedis extends AsyncDisposable {
  url: string;
  /** As if the machine it runs on had gone. */
  stop(): Promise<void>;
  /** On the same port, empty. */
  start(): Promise<void>;
}

export function findRedisServer(): string | undefined {
  return PROGRAMS.find((program) => existsSync(program));
}

/** Whether a private redis-server can be started; missing-programs.ts says so when not. */
export function hasRedisServer(): boolean {
  return findRedisServer() !== undefined;
}

/** A redis-server of this test alone, on 127.0.0.1, that keeps nothing. */
export async function startTestRedis(): Promise<TestRedis> {
  const program = findRedisServer()!;
  const folder = await mkdtemp(path.join(os.tmpdir(), 'grantcast-redis-'));
  const port = await findFreePort();
  let child: ChildProcess | undefined;
  const start = async () => {
    child = spawn(
      program,
      ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
      { stdio: 'ignore' },
    );
    await answers(port);
  };
  const stop = async () => {
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    stop,
    async [Symbol.asyncDispose]() {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries += 1) {
    const socket = createConnection(port, '127.0.0.1');
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isOpen) return;
    await pause(25);
  }
  throw new Error('redis-server did not start');
}
