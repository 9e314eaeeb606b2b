import pg from 'pg';
import type { TestProject } from 'vitest/node';

import { connectOwner } from '../../server/database/client.ts';
import type { EmbeddedPostgres } from '../../server/database/embedded.ts';
import { migrateDatabase } from '../../server/database/migrate.ts';
import { startTestCluster } from './cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the test cluster: a superuser's, to clone and drop. */
    superuserUrl: string;
    /** Of the test cluster: the role that the server runs under. */
    ownerUrl: string;
  }
}

/** One PostgreSQL for the run, with a migrated template that every test file clones. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const cluster = await startTestCluster();
  try {
    await makeTemplate(cluster.postgres);
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
  project.provide('superuserUrl', cluster.postgres.superuserUrl);
  project.provide('ownerUrl', cluster.postgres.url);
  return async () => cluster[Symbol.asyncDispose]();
}

async function makeTemplate(postgres: EmbeddedPostgres): Promise<void> {
  const superuser = new pg.Client({ connectionString: postgres.superuserUrl });
  await superuser.connect();
  await superuser.query('create database template owner grantcast');
  // Tests look at what waits for a lock, and cut connections.
  await superuser.query('grant pg_read_all_stats, pg_signal_backend to grantcast_server');
  await superuser.end();
  const url = new URL(postgres.url);
  url.pathname = '/template';
  const pool = connectOwner(url.href);
  await migrateDatabase(pool);
  await pool.end();
}
