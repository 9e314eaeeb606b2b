import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { z } from 'zod';

import { explainFileError } from './data-dir.ts';
import { conflict } from './errors.ts';
import { identifyProcess } from './process-identity.ts';

const holderSchema = z.object({
  pid: z.number(),
  identity: z.string(),
  /** Where people and clients reach the server. */
  publicUrl: z.string(),
  /** Set once the built-in PostgreSQL is up. */
  databaseUrl: z.string().optional(),
});

/** The process that runs on a data directory; it is written down there in running.json. */
export type DataDirHolder = z.infer<typeof holderSchema>;

/** The live process that runs on this data directory, or undefined; what a crash left behind does not count. */
export async function findDataDirHolder(dataDir: string): Promise<DataDirHolder | undefined> {
  const holder = await readHolder(fileOf(dataDir));
  return holder && (await isAlive(holder)) ? holder : undefined;
}

/** @throws AppError Conflict (`already_running`) saying where */
export async function assertNobodyHolds(dataDir: string): Promise<void> {
  const holder = await findDataDirHolder(dataDir);
  if (holder) throw alreadyRunning(dataDir, holder);
}

/**
 * Writes down that this process runs here. One process wins, also when two come upon a dead one's record at once.
 * @throws AppError Conflict (`already_running`)
 */
export async function holdDataDir(
  dataDir: string,
  publicUrl: string,
): Promise<{ recordDatabase(databaseUrl: string): Promise<void>; release(): Promise<void> }> {
  const file = fileOf(dataDir);
  const holder: DataDirHolder = {
    pid: process.pid,
    identity: (await identifyProcess(process.pid)) ?? '',
    publicUrl,
  };
  const draft = await writeDraft(file, holder);
  try {
    while (!(await linkNew(draft, file))) {
      await assertNobodyHolds(dataDir);
      await setDeadRecordAside(file);
    }
  } finally {
    await rm(draft, { force: true });
  }
  return {
    async recordDatabase(databaseUrl) {
      await rename(await writeDraft(file, { ...holder, databaseUrl }), file);
    },
    release: () => rm(file, { force: true }),
  };
}

/** Takes the record away only if it is still a dead one's: another process may have replaced it meanwhile. */
async function setDeadRecordAside(file: string): Promise<void> {
  const aside = draftName(file);
  await rename(file, aside).catch(ignoreMissing);
  const taken = await readHolder(aside);
  if (taken && (await isAlive(taken))) await linkNew(aside, file);
  await rm(aside, { force: true });
}

async function linkNew(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function writeDraft(file: string, holder: DataDirHolder): Promise<string> {
  const draft = draftName(file);
  await writeFile(draft, `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  return draft;
}

async function readHolder(file: string): Promise<DataDirHolder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Our records appear whole; what does not parse was written by nobody who is running.
    if (code === undefined || code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw explainFileError(path.dirname(file), error);
  }
}

async function isAlive(holder: DataDirHolder): Promise<boolean> {
  return (await identifyProcess(holder.pid)) === holder.identity;
}

function alreadyRunning(dataDir: string, holder: DataDirHolder) {
  return conflict({
    code: 'already_running',
    message: `Grantcast is already running on ${dataDir}: ${holder.publicUrl} (process ${holder.pid}). Use that one, stop it first, or give this one another DATA_DIR and PORT.`,
  });
}

const fileOf = (dataDir: string) => path.join(dataDir, 'running.json');
const draftName = (file: string) => `${file}.${randomBytes(4).toString('hex')}`;

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
