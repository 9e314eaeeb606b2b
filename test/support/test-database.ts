import { randomBytes } from 'node:crypto';

import pg from 'pg';
import { inject } from 'vitest';

/** An own, migrated, empty database for one test file; dropped when disposed, also with connections open. */
export async function createTestDatabase(options?: {
  isMigrated?: boolean;
}): Promise<{ url: string } & AsyncDisposable> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const template = options?.isMigrated === false ? 'template0' : 'template';
  await runAsSuperuser(`create database ${name} template ${template} owner grantcast`);
  const url = new URL(inject('ownerUrl'));
  url.pathname = `/${name}`;
  return {
    url: url.href,
    async [Symbol.asyncDispose]() {
      await runAsSuperuser(`drop database if exists ${name} with (force)`);
    },
  };
}

async function runAsSuperuser(sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: inject('superuserUrl') });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
