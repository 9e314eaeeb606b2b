import pg from 'pg';
import { expect, test } from 'vitest';

import { createTestDatabase } from '../support/test-database.ts';

test('a clone is migrated, empty and UTF-8, and goes when disposed', async () => {
  const database = await createTestDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query(
    `select (select count(*)::int from person) as persons, current_setting('server_encoding') as encoding,
            current_setting('TimeZone') as zone, upper('straße é') as folded`,
  );
  expect(rows[0]).toEqual({ persons: 0, encoding: 'UTF8', zone: 'UTC', folded: 'STRAßE É' });
  client.on('error', () => {});
  await client.end();
  await database[Symbol.asyncDispose]();
  await expect(new pg.Client({ connectionString: database.url }).connect()).rejects.toThrow(/does not exist/);
});
