import type pg from 'pg';

import { createActivityWriter, type ActivityWriter } from './activity/activity-writer.ts';
import { createClientEvents, type ClientEvents } from './clients/client-events.ts';
import type { Config } from './config.ts';
import { connectDatabase, type Database } from './database/client.ts';
import { createGuardedFetch, hostAndPort, type GuardedFetch } from './fetch.ts';
import { createLog, type Logger } from './log.ts';
import { createImageEngine, type ImageEngine } from './media/image-engine.ts';
import type { MediaStore } from './media/media-store.ts';
import { openMediaStore } from './media/open-media-store.ts';
import { createNetworks, type Networks } from './networks/networks.ts';
import { createPolicies, type Policies } from './policy/policies.ts';
import { openQueues, type Queues } from './queues.ts';
import { createSeal, type Seal } from './seal.ts';

/** Everything a domain function may need, built by hand once per process. */
export interface Context extends AsyncDisposable {
  config: Config;
  /** Where people and clients reach the server: an origin. */
  publicUrl: string;
  db: Database;
  pool: pg.Pool;
  writeActivity: ActivityWriter;
  clientEvents: ClientEvents;
  policies: Policies;
  queues: Queues;
  networks: Networks;
  fetch: GuardedFetch;
  /** To the model that writes captions, wherever the operator has it, and nowhere else that is private. */
  modelFetch: GuardedFetch;
  mediaStore: MediaStore;
  images: ImageEngine;
  seal: Seal;
  log: Logger;
}

export interface ContextInput {
  config: Config;
  publicUrl: string;
  databaseUrl: string;
  secretKey: string;
}

/** The database must be migrated; disposing closes every connection that was opened here. */
export function openContext({ config, publicUrl, databaseUrl, secretKey }: ContextInput): Context {
  const log = createLog(config.logLevel);
  const { db, pool } = connectDatabase(databaseUrl, config.databaseConnections, (error) =>
    log.warn({ error: error.message }, 'a database connection was lost'),
  );
  const fetch = createGuardedFetch(config.allowPrivateHosts);
  const modelFetch = createGuardedFetch(
    config.captionModel ? [hostAndPort(config.captionModel.baseUrl)] : [],
  );
  const clientEvents = createClientEvents(pool, log);
  const mediaStore = openMediaStore(config);
  const images = createImageEngine();
  const seal = createSeal(secretKey);
  const queues = openQueues({ databaseUrl, redisUrl: config.redisUrl, log });
  return {
    config,
    publicUrl,
    db,
    pool,
    writeActivity: createActivityWriter(pool),
    clientEvents,
    policies: createPolicies(db),
    queues,
    networks: createNetworks(config, db, publicUrl, seal),
    fetch,
    modelFetch,
    mediaStore,
    images,
    seal,
    log,
    async [Symbol.asyncDispose]() {
      await queues.close();
      await images[Symbol.asyncDispose]();
      await clientEvents.flush();
      await mediaStore.close();
      await fetch.close();
      await modelFetch.close();
      await db.$disconnect();
      await pool.end();
    },
  };
}
