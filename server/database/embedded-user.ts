import { readFile } from 'node:fs/promises';

import { unavailable } from '../errors.ts';
import { runProgram, type ServerUser } from './run-program.ts';

const PREFERRED = ['postgres', 'nobody'];

/**
 * Who PostgreSQL runs as: ourselves (undefined), or, when we are root, the owner of the cluster if there is one,
 * else `postgres`, else `nobody`.
 * @param clusterOwner user id that owns the existing cluster
 */
export async function findServerUser(clusterOwner: number | undefined): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const accounts = parseAccounts(await readFile('/etc/passwd', 'utf8'));
  const candidates = [
    accounts.find((account) => account.uid === clusterOwner),
    ...PREFERRED.map((name) => accounts.find((account) => account.name === name)),
  ];
  const user = candidates.find((account) => account && account.uid !== 0);
  if (user) return user;
  throw unavailable({
    code: 'no_unprivileged_user',
    message:
      'PostgreSQL refuses to run as root and this system has neither a user postgres nor nobody. Start Grantcast as an ordinary user, or set DATABASE_URL.',
  });
}

/** Whether that user may enter or execute every one of the paths; asked of the system, so access lists count too. */
export async function canUserReach(user: ServerUser | undefined, paths: readonly string[]): Promise<boolean> {
  const script = 'for path do test -x "$path" || exit 1; done';
  const { exitCode } = await runProgram('/bin/sh', ['-c', script, 'sh', ...paths], user);
  return exitCode === 0;
}

function parseAccounts(passwd: string): ServerUser[] {
  return passwd
    .split('\n')
    .map((line) => line.split(':'))
    .filter((fields) => fields.length >= 4)
    .map(([name, , uid, gid]) => ({ name: name!, uid: Number(uid), gid: Number(gid) }));
}
