import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { settingsSchema } from '../../server/config.ts';
import { findFreePort } from '../support/free-port.ts';
import { printTarget } from './figures.ts';

const POLL_MS = 10;
const GIVE_UP_MS = 60_000;

/** P7: from `npm start` to the first answer of the MCP endpoint, on an empty data directory and again on the same. */
export async function benchStart(): Promise<void> {
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'grantcast-bench-'));
  try {
    const first = await timeStart(dataDir);
    const later = await timeStart(dataDir);
    printTarget('P7 first run', `${first.toFixed(2)} s`, '<= 5 s', first <= 5);
    printTarget('P7 later', `${later.toFixed(2)} s`, '<= 2 s', later <= 2);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

/** Seconds from the command to the 401 that says the endpoint is there. */
async function timeStart(dataDir: string): Promise<number> {
  const port = await findFreePort();
  const startedAt = performance.now();
  const npm = spawn('npm', ['start'], {
    env: {
      // Empty is set: what a .env of this folder says does not count.
      ...Object.fromEntries(Object.keys(settingsSchema.shape).map((name) => [name, ''])),
      PATH: process.env.PATH,
      HOME: process.env.HOME,
      PORT: String(port),
      DATA_DIR: dataDir,
      LOG_LEVEL: 'error',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  });
  npm.stdout.resume();
  // npm ends before the server has drained; the pipe closes when both are gone.
  const ended = once(npm, 'close');
  try {
    while ((await statusOf(`http://127.0.0.1:${port}/mcp`)) !== 401) {
      if (performance.now() - startedAt > GIVE_UP_MS) throw new Error('npm start gave no answer');
      await pause(POLL_MS);
    }
    return (performance.now() - startedAt) / 1000;
  } finally {
    // As Ctrl-C does: to npm and to the server under it.
    process.kill(-npm.pid!, 'SIGINT');
    await ended;
  }
}

async function statusOf(url: string): Promise<number> {
  try {
    return (await fetch(url, { method: 'POST', body: '{}' })).status;
  } catch {
    return 0;
  }
}
