import { fork } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { imageAnswerSchema, type ImageAnswer, type ImageJob } from './image-jobs.ts';

const START_TIMEOUT_MS = 20_000;
/** For whatever the process does not notice about itself; its own limits are far tighter (image-process.ts). */
const JOB_TIMEOUT_MS = 20_000;

export interface ImageChild {
  pid: number;
  isAlive(): boolean;
  /** One job at a time. Rejects when the process ends or says nothing sensible; then it is of no more use. */
  work(job: ImageJob): Promise<ImageAnswer>;
  /** Resolves when it is gone. */
  kill(): Promise<void>;
}

/** Starts image-process.ts: no environment, nothing inherited, and of the file system only what it runs on. */
export async function startImageChild(): Promise<ImageChild> {
  const child = fork(path.join(import.meta.dirname, 'image-process.ts'), [], {
    // Fewer arenas: freed memory goes back. One thread: that is the one which decodes.
    env: { MALLOC_ARENA_MAX: '2', UV_THREADPOOL_SIZE: '1' },
    execArgv: ['--permission', '--allow-addons', ...readableFolders().map((at) => `--allow-fs-read=${at}`)],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  // An idle one does not keep its parent from ending.
  child.unref();
  child.channel?.unref();
  const { promise: gone, resolve: settle } = Promise.withResolvers<void>();
  child.once('exit', () => settle()).on('error', () => settle());
  const kill = () => {
    child.ref();
    child.kill('SIGKILL');
    return gone;
  };
  const receive = async (timeoutMs: number, job?: ImageJob): Promise<ImageAnswer> => {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const fail = () => reject(new Error('the image process ended'));
    const timer = setTimeout(() => void kill(), timeoutMs);
    child.once('message', resolve).once('exit', fail).once('error', fail);
    if (job) child.send(job, (error) => error && fail());
    try {
      return imageAnswerSchema.parse(await promise);
    } finally {
      clearTimeout(timer);
      child.off('message', resolve).off('exit', fail).off('error', fail);
    }
  };
  try {
    await receive(START_TIMEOUT_MS);
  } catch (error) {
    await kill();
    throw error;
  }
  return {
    pid: child.pid!,
    isAlive: () => child.connected && child.exitCode === null && child.signalCode === null,
    work: (job) => receive(JOB_TIMEOUT_MS, job),
    kill,
  };
}

/** The packages, where they lie and where a link to them does; these files; the package.json that says how to read them. */
function readableFolders(): string[] {
  const sharp = fileURLToPath(import.meta.resolve('sharp'));
  const packages = sharp.slice(0, sharp.lastIndexOf('node_modules') + 'node_modules'.length);
  const root = path.join(import.meta.dirname, '../..');
  return [packages, path.join(root, 'node_modules'), path.join(root, 'package.json'), import.meta.dirname];
}
