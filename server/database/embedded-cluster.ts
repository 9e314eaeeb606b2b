import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { unavailable } from '../errors.ts';
import type { EmbeddedPrograms } from './embedded-programs.ts';
import { runProgram, type ServerUser } from './run-program.ts';

/**
 * Makes a cluster if there is none: UTF-8 whatever LANG says, passwords on TCP, no other way in. It grows beside its
 * place and is renamed, so a crash leaves no half cluster.
 * @param superuserPassword of the role postgres
 */
export async function ensureCluster(
  cluster: string,
  programs: EmbeddedPrograms,
  user: ServerUser | undefined,
  superuserPassword: string,
  isDurable: boolean,
): Promise<void> {
  if (await hasCluster(cluster, programs)) return;
  await removeHalfMade(cluster);
  // A name of its own: an initdb that outlived a crash of ours must not write into this one.
  const growing = `${cluster}.new-${randomBytes(4).toString('hex')}`;
  const passwordFile = `${growing}.password`;
  await mkdir(growing, { mode: 0o700 });
  await writeFile(passwordFile, superuserPassword, { mode: 0o600 });
  try {
    if (user) {
      await chown(growing, user.uid, user.gid);
      await chown(passwordFile, user.uid, user.gid);
    }
    const { exitCode, output } = await runProgram(
      path.join(programs.directory, 'bin/initdb'),
      [
        ...['-D', growing, '-U', 'postgres', `--pwfile=${passwordFile}`],
        ...['--auth-host=scram-sha-256', '--auth-local=reject'],
        ...['--locale-provider=builtin', '--locale=C.UTF-8', '-E', 'UTF8', '--lc-messages=C'],
        ...(isDurable ? [] : ['--no-sync']),
        '--no-instructions',
      ],
      user,
    );
    if (exitCode !== 0) throw clusterFailed(cluster, output);
    await chmod(growing, 0o700);
    await rename(growing, cluster);
  } finally {
    await rm(passwordFile, { force: true });
    await rm(growing, { recursive: true, force: true });
  }
}

async function removeHalfMade(cluster: string): Promise<void> {
  const folder = path.dirname(cluster);
  const entries = await readdir(folder);
  for (const entry of entries.filter((name) => name.startsWith(`${path.basename(cluster)}.new-`))) {
    await rm(path.join(folder, entry), { recursive: true, force: true, maxRetries: 2 });
  }
}

async function hasCluster(cluster: string, programs: EmbeddedPrograms): Promise<boolean> {
  const version = await readFile(path.join(cluster, 'PG_VERSION'), 'utf8').catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw error;
    },
  );
  if (version === undefined) return false;
  if (Number(version) === programs.majorVersion) return true;
  throw unavailable({
    code: 'cluster_version',
    message: `The database in ${cluster} was made by PostgreSQL ${version.trim()}, this version of Grantcast brings ${programs.majorVersion}. Start the Grantcast that made it, copy the database out with pg_dump ${version.trim()} or newer at the databaseUrl in running.json of the data directory, and restore it with this version: README, “Upgrade, back up, restore”.`,
  });
}

/** The user id that owns the cluster, or undefined when there is none yet. */
export async function findClusterOwner(cluster: string): Promise<number | undefined> {
  return stat(cluster).then(
    ({ uid }) => uid,
    () => undefined,
  );
}

function clusterFailed(cluster: string, output: string) {
  const reason = output.match(/(?:error|FATAL): +(.*)/)?.[1] ?? 'see the log';
  return unavailable({
    code: 'cluster_not_made',
    message: `The built-in PostgreSQL could not make its database in ${cluster} (${reason}). Correct that, or set DATABASE_URL to a PostgreSQL of your own.`,
    cause: new Error(output),
  });
}
