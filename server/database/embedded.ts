import { createHash, randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import pg from 'pg';

import { unavailable } from '../errors.ts';
import { ensureCluster, findClusterOwner } from './embedded-cluster.ts';
import { findPrograms, type EmbeddedPrograms } from './embedded-programs.ts';
import { findRunningServer } from './embedded-running.ts';
import { canUserReach, findServerUser } from './embedded-user.ts';
import { runProgram, type ServerUser } from './run-program.ts';

/** Where the cluster and the programs lie when we are root and PostgreSQL's user cannot reach the data directory. */
const REACHABLE = '/var/lib/grantcast';
const START_TRIES = 5;
const TRY_AGAIN_MS = 200;

export interface EmbeddedPostgres {
  /** Owner of the database `grantcast`, not a superuser. */
  url: string;
  /** The role postgres. */
  superuserUrl: string;
  clusterDirectory: string;
  /** Set when we are root: the user that PostgreSQL runs as. */
  userName: string | undefined;
  /** A server that an earlier crash left running was taken over. */
  wasAdopted: boolean;
  stop(): Promise<void>;
  /** At once, without waiting; the next start recovers. */
  kill(): void;
}

interface Credentials {
  superuserPassword: string;
  password: string;
  /** Only when it is not inside the data directory. */
  clusterDirectory?: string;
}

/**
 * Starts the PostgreSQL of the platform package on 127.0.0.1 at a free port, making the cluster at the first start.
 * It runs in its own session and is stopped only by stop() and kill().
 * @param dataDir absolute, exists, ours
 * @param isDurable false: for tests, a crash of the machine may lose data
 * @throws AppError Unavailable with what to do
 */
export async function startEmbeddedPostgres(input: {
  dataDir: string;
  isDurable: boolean;
}): Promise<EmbeddedPostgres> {
  const { dataDir, isDurable } = input;
  const credentials = await readCredentials(dataDir);
  const inside = path.join(dataDir, 'postgres');
  const owner = await findClusterOwner(credentials.clusterDirectory ?? inside);
  const user = await findServerUser(owner);
  const cluster =
    credentials.clusterDirectory ?? (await placeCluster(dataDir, inside, owner !== undefined, user));
  await writeCredentials(dataDir, {
    ...credentials,
    ...(cluster !== inside && { clusterDirectory: cluster }),
  });
  const programs = await findPrograms(user, user ? REACHABLE : path.join(dataDir, 'programs'));
  await ensureCluster(cluster, programs, user, credentials.superuserPassword, isDurable);

  const running = await findRunningServer(cluster);
  const { pid, port } = running ?? (await startServerProcess(cluster, programs, user, isDurable));
  const url = `postgresql://grantcast:${credentials.password}@127.0.0.1:${port}/grantcast`;
  const superuserUrl = `postgresql://postgres:${credentials.superuserPassword}@127.0.0.1:${port}/postgres`;
  await ensureDatabase(url, superuserUrl, credentials.password);
  return {
    url,
    superuserUrl,
    clusterDirectory: cluster,
    userName: user?.name,
    wasAdopted: running !== undefined,
    stop: () => stopServerProcess(cluster, programs, user),
    kill: () => killProcess(pid),
  };
}

async function readCredentials(dataDir: string): Promise<Credentials> {
  try {
    return JSON.parse(await readFile(path.join(dataDir, 'postgres.json'), 'utf8')) as Credentials;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const makePassword = () => randomBytes(24).toString('base64url');
    return { superuserPassword: makePassword(), password: makePassword() };
  }
}

async function writeCredentials(dataDir: string, credentials: Credentials): Promise<void> {
  const file = path.join(dataDir, 'postgres.json');
  await writeFile(`${file}.new`, `${JSON.stringify(credentials)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

async function placeCluster(
  dataDir: string,
  inside: string,
  isThere: boolean,
  user: ServerUser | undefined,
): Promise<string> {
  if (await canUserReach(user, [dataDir])) return inside;
  if (isThere) {
    throw unavailable({
      code: 'cluster_unreachable',
      message: `PostgreSQL runs as the user ${user?.name} and cannot reach ${inside}. Let that user enter the folders above it (chmod o+x), or move the data directory.`,
    });
  }
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const directory = path.join(REACHABLE, name);
  for (const folder of [REACHABLE, directory]) {
    await mkdir(folder, { recursive: true });
    // Not mkdir's mode: the umask would take from it.
    await chmod(folder, 0o711);
  }
  return path.join(directory, 'postgres');
}

async function startServerProcess(
  cluster: string,
  programs: EmbeddedPrograms,
  user: ServerUser | undefined,
  isDurable: boolean,
): Promise<{ pid: number; port: number }> {
  const log = path.join(cluster, 'server.log');
  await keepLogSmall(log);
  let output = '';
  for (let tries = 0; tries < START_TRIES; tries += 1) {
    const port = await findFreePort(tries === 0 ? await readLastPort(cluster) : 0);
    const settings = [
      `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c timezone=UTC -c max_connections=200`,
      isDurable ? '' : '-c fsync=off -c synchronous_commit=off -c full_page_writes=off',
    ];
    const started = await runProgram(
      path.join(programs.directory, 'bin/pg_ctl'),
      ['start', '-w', '-t', '60', '-s', '-D', cluster, '-l', log, '-o', settings.join(' ')],
      user,
    );
    // Asked of the cluster, not of pg_ctl: one that a crash of ours had just begun to start counts too.
    const server = await findRunningServer(cluster);
    if (server) return server;
    output = started.output + (await readFile(log, 'utf8').catch(() => '')).slice(-2000);
    // Somebody else took the port since we found it free, or the processes of a killed PostgreSQL are still ending.
    if (!/Address already in use|still in use/.test(output)) break;
    await delay(TRY_AGAIN_MS);
  }
  throw unavailable({
    code: 'embedded_postgres_failed',
    message: `The built-in PostgreSQL did not start; its own words are in ${log}. Correct what it says, or set DATABASE_URL to a PostgreSQL of your own.`,
    cause: new Error(output),
  });
}

async function stopServerProcess(
  cluster: string,
  programs: EmbeddedPrograms,
  user: ServerUser | undefined,
): Promise<void> {
  const stop = (mode: string) =>
    runProgram(
      path.join(programs.directory, 'bin/pg_ctl'),
      ['stop', '-w', '-t', '10', '-s', '-D', cluster, '-m', mode],
      user,
    );
  const { exitCode } = await stop('fast');
  // Immediate is what a crash would be: the next start recovers from the log, nothing committed is lost.
  if (exitCode !== 0 && (await findRunningServer(cluster))) await stop('immediate');
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT');
  } catch {
    // It ended by itself.
  }
}

async function ensureDatabase(url: string, superuserUrl: string, password: string): Promise<void> {
  if (await isDatabaseReady(url)) return;
  const superuser = new pg.Client({ connectionString: superuserUrl });
  await superuser.connect();
  try {
    const { rowCount: roles } = await superuser.query(`select from pg_roles where rolname = 'grantcast'`);
    const verb = roles ? 'alter' : 'create';
    await superuser.query(`${verb} role grantcast login password ${superuser.escapeLiteral(password)}`);
    const { rowCount: databases } = await superuser.query(
      `select from pg_database where datname = 'grantcast'`,
    );
    if (!databases) await superuser.query('create database grantcast owner grantcast');
    const { rowCount: serverRoles } = await superuser.query(
      `select from pg_roles where rolname = 'grantcast_server'`,
    );
    if (!serverRoles) await superuser.query('create role grantcast_server nologin');
    await superuser.query('grant grantcast_server to grantcast');
  } finally {
    await superuser.end();
  }
}

/** The owner can sign in, and act as the role with fewer rights that the server takes (server-role.ts). */
async function isDatabaseReady(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  try {
    await client.connect();
    const { rowCount } = await client.query(
      `select from pg_roles where rolname = 'grantcast_server' and pg_has_role(oid, 'MEMBER')`,
    );
    return Boolean(rowCount);
  } catch (error) {
    // 28P01 and 28000: no such role or another password; 3D000: no such database.
    if (!['28P01', '28000', '3D000'].includes((error as { code?: string }).code ?? '')) throw error;
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}

async function keepLogSmall(log: string): Promise<void> {
  const size = await stat(log).then(
    (found) => found.size,
    () => 0,
  );
  if (size > 10_000_000) await rename(log, `${log}.1`);
}

/** The port of the last start, so that workers of their own find the database again; 0 when there is none. */
async function readLastPort(cluster: string): Promise<number> {
  const options = await readFile(path.join(cluster, 'postmaster.opts'), 'utf8').catch(() => '');
  return Number(options.match(/"-p" "(\d+)"/)?.[1] ?? 0);
}

/** The wished port if it is free, else any. */
async function findFreePort(wished: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => (wished ? resolve(findFreePort(0)) : reject(error)));
    probe.listen(wished, '127.0.0.1', () => {
      const { port } = probe.address() as { port: number };
      probe.close(() => resolve(port));
    });
  });
}
