import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { readConfig } from '../../server/config.ts';
import { startServer, type RunningServer } from '../../server/start-server.ts';
import { createTestDatabase } from './test-database.ts';

export const OWNER = { email: 'owner@example.com', password: 'correct horse battery' };

/** A whole Grantcast on 127.0.0.1: real HTTP, own database, real inline workers, an owner who can sign in. */
export interface TestServer extends AsyncDisposable {
  readonly running: RunningServer;
  url: string;
  mcpUrl: string;
  /** Stops and starts again on the same port, database and data directory, as a deploy does. @param changed settings */
  restart(changed?: Record<string, string>): Promise<void>;
}

export async function startTestServer(settings: Record<string, string> = {}): Promise<TestServer> {
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'grantcast-'));
  const start = (port: string, changed: Record<string, string> = {}) =>
    startServer(
      readConfig({
        PORT: port,
        DATA_DIR: dataDir,
        DATABASE_URL: database.url,
        OWNER_EMAIL: OWNER.email,
        OWNER_PASSWORD: OWNER.password,
        LOG_LEVEL: 'error',
        ...settings,
        ...changed,
      }),
      () => {},
    );
  let running = await start('0');
  const { port } = new URL(running.url);
  return {
    get running() {
      return running;
    },
    url: running.url,
    mcpUrl: running.mcpUrl,
    async restart(changed) {
      await running.stop();
      running = await start(port, changed);
    },
    async [Symbol.asyncDispose]() {
      await running.stop();
      await database[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
