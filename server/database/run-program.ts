import { spawn } from 'node:child_process';

import { unavailable } from '../errors.ts';

/** The user of the operating system that PostgreSQL runs as when we are root (it refuses to run as root). */
export interface ServerUser {
  name: string;
  uid: number;
  gid: number;
}

export interface ProgramResult {
  exitCode: number;
  /** Standard output and standard error, as they came. */
  output: string;
}

/**
 * Runs a program to its end, in a session of its own, so that Ctrl-C in the terminal does not reach it.
 * @throws AppError Unavailable (`embedded_postgres_cannot_run`) when the system cannot execute it at all
 */
export async function runProgram(
  file: string,
  args: readonly string[],
  user: ServerUser | undefined,
): Promise<ProgramResult> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      detached: true,
      // PostgreSQL's programs want a current folder that they may enter, and messages in a language we can read.
      cwd: '/',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(user && { uid: user.uid, gid: user.gid }),
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    child.once('error', (cause) =>
      reject(
        unavailable({
          code: 'embedded_postgres_cannot_run',
          message: `The built-in PostgreSQL cannot run on this system (${file}). Set DATABASE_URL to a PostgreSQL of your own.`,
          cause,
        }),
      ),
    );
    child.once('close', (exitCode) => resolve({ exitCode: exitCode ?? 1, output }));
  });
}
