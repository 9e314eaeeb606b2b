import { execFile } from 'node:child_process';
import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const PATIENCE_MS = 60_000;
const LOOK_AGAIN_MS = 50;

export interface RunningServerProcess {
  pid: number;
  port: number;
}

/**
 * The server that runs on this cluster already (a crash of ours leaves it running), once it is ready; undefined when
 * there is none. One that is starting or stopping is waited for. A postmaster.pid whose process is something else
 * (process numbers come again after a restart of the machine or container) is removed, or PostgreSQL would refuse.
 */
export async function findRunningServer(cluster: string): Promise<RunningServerProcess | undefined> {
  const file = path.join(cluster, 'postmaster.pid');
  const deadline = performance.now() + PATIENCE_MS;
  while (performance.now() < deadline) {
    const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n');
    const pid = Number(lines[0]);
    if (!pid) return undefined;
    if (!(await isServerOf(pid, cluster))) {
      await rm(file, { force: true });
      return undefined;
    }
    // The eighth line is the state: starting, ready, stopping (PostgreSQL's miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
    if (lines[7]?.trim() === 'ready') return { pid, port: Number(lines[3]) };
    await delay(LOOK_AGAIN_MS);
  }
  return undefined;
}

/** The process is the PostgreSQL of this cluster: it works inside the folder, wherever that was moved to. */
export async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  if (process.platform === 'linux') {
    const workingDirectory = await readlink(`/proc/${pid}/cwd`).catch(() => undefined);
    return workingDirectory !== undefined && workingDirectory === (await realpath(cluster));
  }
  const list = await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)]).catch(() => undefined);
  return list?.stdout.includes('postgres') ?? false;
}
