import { execFile } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
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
    if (!(await isPostgres(pid))) {
      await rm(file, { force: true });
      return undefined;
    }
    // The eighth line is the state: starting, ready, stopping (PostgreSQL's miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
    if (lines[7]?.trim() === 'ready') return { pid, port: Number(lines[3]) };
    await delay(LOOK_AGAIN_MS);
  }
  return undefined;
}

async function isPostgres(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  const command =
    process.platform === 'linux'
      ? await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
      : await promisify(execFile)('ps', ['-o', 'args=', '-p', String(pid)]).then(
          ({ stdout }) => stdout,
          () => '',
        );
  return command.includes('postgres');
}
