import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../server/database/embedded.ts';

const PREFIX = 'grantcast-test-';

export interface TestCluster extends AsyncDisposable {
  postgres: EmbeddedPostgres;
  directory: string;
}

/** An own PostgreSQL under the temp folder, fast and forgetful; gone with its data when disposed. */
export async function startTestCluster(): Promise<TestCluster> {
  await removeAbandonedClusters();
  const directory = await makeTestDirectory();
  await writeFile(path.join(directory, 'owner.pid'), String(process.pid));
  const postgres = await startEmbeddedPostgres({ dataDir: directory, isDurable: false });
  return {
    postgres,
    directory,
    async [Symbol.asyncDispose]() {
      await postgres.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A new folder that PostgreSQL's user may pass through when the tests run as root. */
export async function makeTestDirectory(): Promise<string> {
  const directory = await mkdtemp(path.join(os.tmpdir(), PREFIX));
  await chmod(directory, 0o711);
  return directory;
}

/** What a test run that was killed left behind; runs that are alive are not touched. */
async function removeAbandonedClusters(): Promise<void> {
  const entries = await readdir(os.tmpdir());
  for (const entry of entries.filter((name) => name.startsWith(PREFIX))) {
    const directory = path.join(os.tmpdir(), entry);
    const owner = Number(await readFile(path.join(directory, 'owner.pid'), 'utf8').catch(() => ''));
    if (!owner || isAlive(owner)) continue;
    const server = Number.parseInt(
      await readFile(path.join(directory, 'postgres/postmaster.pid'), 'utf8').catch(() => ''),
      10,
    );
    if (server && isAlive(server)) process.kill(server, 'SIGQUIT');
    await rm(directory, { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
