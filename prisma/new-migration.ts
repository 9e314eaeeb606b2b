/**
 * npm run migrate:new NAME: writes the SQL from the committed schema to the working one. It compares the two files;
 * the database that Prisma's engine insists on is a throw-away one.
 */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { startScratchPostgres } from '../server/database/scratch-postgres.ts';
import { diffSchemas } from './diff-schemas.ts';

const SCHEMA = 'prisma/schema.prisma';

const [name] = process.argv.slice(2);
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  process.stderr.write('Give the migration a name in snake_case: npm run migrate:new add_media\n');
  process.exit(1);
}

const before = readCommittedSchema();
const after = await readFile(SCHEMA, 'utf8');
const sql = await writeSql();
if (!sql.trim() || sql.includes('This is an empty migration')) {
  process.stderr.write('The schema has not changed since the last commit: nothing to migrate.\n');
  process.exit(1);
}
const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
const directory = path.join('prisma/migrations', `${stamp}_${name}`);
await mkdir(directory, { recursive: true });
await writeFile(path.join(directory, 'migration.sql'), sql);
process.stdout.write(`${directory}/migration.sql written. Add CHECKs and partial indexes by hand.\n`);

async function writeSql(): Promise<string> {
  await using scratch = await startScratchPostgres('grantcast-migration-');
  return await diffSchemas(before, after, scratch.postgres.url);
}

function readCommittedSchema(): string | undefined {
  try {
    return execFileSync('git', ['show', `HEAD:${SCHEMA}`], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return undefined;
  }
}
