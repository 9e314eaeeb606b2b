import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { startEmbeddedPostgres, type EmbeddedPostgres } from './embedded.ts';

export interface ScratchPostgres extends AsyncDisposable {
  postgres: EmbeddedPostgres;
  directory: string;
}

/** A PostgreSQL under the temp folder, fast and forgetful; gone with its data when disposed. */
export async function startScratchPostgres(prefix: string): Promise<ScratchPostgres> {
  const directory = await mkdtemp(path.join(os.tmpdir(), prefix));
  // As root, PostgreSQL's user must pass through it.
  await chmod(directory, 0o711);
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
