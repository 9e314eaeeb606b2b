import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';

/** A server in a process of its own, which reports its own CPU time. */
export interface MeasuredProcess {
  /** What the server said about itself when it was ready. */
  ready: Record<string, string>;
  /** CPU time, user and system, since the last reading, in microseconds. */
  readCpuUs(): Promise<number>;
  /** Resident memory in bytes. */
  readRssBytes(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts a file of this folder; it must call `reportReady`. */
export async function startMeasuredProcess(
  file: string,
  environment: Record<string, string> = {},
  parameters: readonly string[] = [],
): Promise<MeasuredProcess> {
  const child: ChildProcess = spawn(process.execPath, [path.join(import.meta.dirname, file), ...parameters], {
    env: { PATH: process.env.PATH, NODE_ENV: 'production', ...environment },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ask = async (question: 'cpu' | 'rss'): Promise<number> => {
    const answer = once(child, 'message');
    child.send(question);
    return Number((await answer)[0]);
  };
  const [ready] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error(`${file} ended before it was ready`);
    }),
  ])) as [Record<string, string>];
  return {
    ready,
    readCpuUs: () => ask('cpu'),
    readRssBytes: () => ask('rss'),
    async stop() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

/** The other side of `startMeasuredProcess`: ends, through `stop`, when the bench disconnects. */
export function reportReady(ready: Record<string, string>, stop: () => Promise<void>): void {
  let last = process.cpuUsage();
  process.on('message', (question) => {
    if (question === 'rss') return void process.send!(process.memoryUsage.rss());
    const now = process.cpuUsage();
    process.send!(now.user + now.system - last.user - last.system);
    last = now;
  });
  process.on('disconnect', () => void stop().finally(() => process.exit(0)));
  process.send!(ready);
}
