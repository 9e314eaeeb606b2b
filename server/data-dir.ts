import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { invalidInput } from './errors.ts';

const SECRET_FILE = 'secret-key';
const SECRET_DRAFT = /^secret-key\.draft-[0-9a-f]{8}$/;
const isRoot = () => process.getuid?.() === 0;

/**
 * Makes the data directory, or checks the one that is there: a folder, ours, writable.
 * @throws AppError InvalidInput (`data_dir`) saying what to do
 */
export async function ensureDataDir(dataDir: string): Promise<void> {
  try {
    await makeFolder(dataDir, 0o700);
    const { uid } = await stat(dataDir);
    if (process.getuid && uid !== process.getuid()) {
      throw wrongDataDir(
        dataDir,
        `belongs to another user (id ${uid}). Start Grantcast as that user, or set DATA_DIR to a folder of your own.`,
      );
    }
    const entries = await readdir(dataDir);
    const probe = path.join(dataDir, `.probe-${process.pid}`);
    await writeFile(probe, '');
    await rm(probe, { force: true });
    // A folder that somebody filled with other things keeps its mode.
    // As root, PostgreSQL's user must pass through it; the files in it stay closed.
    if (entries.length === 0 || entries.includes(SECRET_FILE)) await chmod(dataDir, isRoot() ? 0o711 : 0o700);
  } catch (error) {
    throw explainFileError(dataDir, error);
  }
}

/**
 * The secret that every key is derived from, made at the first run; readable by nobody else.
 * @throws AppError InvalidInput (`data_dir`)
 */
export async function ensureSecretKey(dataDir: string): Promise<string> {
  const file = path.join(dataDir, SECRET_FILE);
  try {
    if (!(await isThere(file))) await makeSecret(file);
    // Now nobody needs a draft any more; one that a kill left behind may be a copy of the secret.
    const drafts = (await readdir(dataDir)).filter((name) => SECRET_DRAFT.test(name));
    await Promise.all(drafts.map((name) => rm(path.join(dataDir, name), { force: true })));
  } catch (error) {
    throw explainFileError(dataDir, error);
  }
  return (await readSecretKey(dataDir))!;
}

/** link() makes it whole or not at all, and keeps the one that is there. */
async function makeSecret(file: string): Promise<void> {
  const draft = `${file}.draft-${randomBytes(4).toString('hex')}`;
  try {
    await writeFile(draft, `${randomBytes(48).toString('base64url')}\n`, { mode: 0o600 });
    await link(draft, file).catch(async (error: unknown) => {
      // Another process may have been quicker, and have taken this draft for an old one.
      if (!(await isThere(file))) throw error;
    });
  } finally {
    await rm(draft, { force: true });
  }
}

/** Not mkdir's own recursion: where nothing can be made (under /proc) that never ends. */
async function makeFolder(folder: string, mode: number): Promise<void> {
  try {
    await mkdir(folder, { mode });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && (await stat(folder)).isDirectory()) return;
    if (code !== 'ENOENT' || (await isThere(path.dirname(folder)))) throw error;
    await makeFolder(path.dirname(folder), 0o755);
    await makeFolder(folder, mode);
  }
}

async function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}

/** The secret of an earlier first run; undefined when there was none. */
export async function readSecretKey(dataDir: string): Promise<string | undefined> {
  const file = path.join(dataDir, SECRET_FILE);
  const secret = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw explainFileError(dataDir, error);
  });
  if (secret === undefined) return undefined;
  if (secret.trim().length < 32) {
    throw invalidInput({
      code: 'secret_key_damaged',
      message: `The secret in ${file} is damaged. Restore that file from a backup: what it sealed opens with nothing else.`,
    });
  }
  return secret.trim();
}

/** What keeps us out of the data directory, as an AppError; anything else as it is. */
export function explainFileError(dataDir: string, error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const todo = 'or set DATA_DIR to a folder that you may write to.';
  if (code === 'EACCES' || code === 'EPERM') {
    return wrongDataDir(
      dataDir,
      `cannot be read and written by this user. Correct its permissions, ${todo}`,
      error,
    );
  }
  if (code === 'EEXIST' || code === 'ENOTDIR') {
    return wrongDataDir(dataDir, `is a file, or lies under one. Move that file away, ${todo}`, error);
  }
  if (code === 'ENOENT') return wrongDataDir(dataDir, `cannot be made there. Make it, ${todo}`, error);
  if (code === 'EROFS')
    return wrongDataDir(dataDir, `is on a read-only disk. Make it writable, ${todo}`, error);
  if (code === 'ENOSPC') return wrongDataDir(dataDir, `is on a disk that is full. Make room, ${todo}`, error);
  return error;
}

function wrongDataDir(dataDir: string, problem: string, cause?: unknown) {
  return invalidInput({
    code: 'data_dir',
    field: 'DATA_DIR',
    message: `The data directory ${dataDir} ${problem}`,
    cause,
  });
}
