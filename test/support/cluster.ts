import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { isServerOf } from '../../server/database/embedded-running.ts';
import { identifyProcess } from '../../server/process-identity.ts';
import { startScratchPostgres, type ScratchPostgres } from '../../server/database/scratch-postgres.ts';

const PREFIX = 'grantcast-test-';

/** The PostgreSQL of this test run. */
export async function startTestCluster(): Promise<ScratchPostgres> {
  await removeAbandonedClusters();
  const cluster = await startScratchPostgres(PREFIX);
  await writeFile(path.join(cluster.directory, 'owner.pid'), String(process.pid));
  return cluster;
}

/** What a test run that was killed left behind; runs that are alive are not touched. */
async function removeAbandonedClusters(): Promise<void> {
  const entries = await readdir(os.tmpdir());
  for (const entry of entries.filter((name) => name.startsWith(PREFIX))) {
    const directory = path.join(os.tmpdir(), entry);
    const owner = await readNumber(path.join(directory, 'owner.pid'));
    if (!owner || (await identifyProcess(owner)) !== undefined) continue;
    const cluster = path.join(directory, 'postgres');
    const server = await readNumber(path.join(cluster, 'postmaster.pid'));
    if (server && (await isServerOf(server, cluster))) process.kill(server, 'SIGQUIT');
    // Another user's stays: only that user's next run may take it away.
    await rm(directory, { recursive: true, force: true, maxRetries: 5 }).catch(() => {});
  }
}

async function readNumber(file: string): Promise<number> {
  return Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
}
