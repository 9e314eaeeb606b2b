import { chmod, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { readConfig } from '../../server/config.ts';
import { openContext, type Context } from '../../server/context.ts';
import { startEmbeddedPostgres } from '../../server/database/embedded.ts';
import { prepareDatabase } from '../../server/database/prepare-database.ts';
import { QUICK_SETTINGS } from './campaign.ts';

/** A PostgreSQL of this test alone that loses nothing it said it had, and can be crashed. */
export interface DurableGround extends AsyncDisposable {
  context: Context;
  /** Stops it as `pg_ctl stop -m immediate` does, and starts it on the same port: it recovers from its log. */
  restart(): Promise<void>;
}

export async function openDurableGround(): Promise<DurableGround> {
  const directory = await mkdtemp(path.join(os.tmpdir(), 'grantcast-fault-'));
  // As root, PostgreSQL's user must pass through it.
  await chmod(directory, 0o711);
  const start = () => startEmbeddedPostgres({ dataDir: directory, isDurable: true });
  let postgres = await start();
  await using opened = new AsyncDisposableStack();
  opened.defer(async () => {
    await postgres.stop();
    await rm(directory, { recursive: true, force: true });
  });
  const { url } = postgres;
  await prepareDatabase(url);
  const config = readConfig({
    ...QUICK_SETTINGS,
    DATABASE_URL: url,
    DATA_DIR: directory,
    LOG_LEVEL: 'silent',
  });
  const { secretKey } = config;
  const context = opened.use(
    openContext({ config, publicUrl: 'http://127.0.0.1:3000', databaseUrl: url, secretKey: secretKey! }),
  );
  const running = opened.move();
  return {
    context,
    async restart() {
      postgres.kill();
      postgres = await start();
      if (postgres.url !== url) throw new Error('PostgreSQL came back at another address');
    },
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
