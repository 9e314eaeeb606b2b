/**
 * npm run migrate:new NAME: writes the SQL from the committed schema to the working one. It compares the two files
 * and never touches a database (Prisma's engine would treat its connection as a scratch database).
 */
import { execFileSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { PrismaPg } from '@prisma/adapter-pg';

const SCHEMA = 'prisma/schema.prisma';
const FILTERS = { externalTables: [], externalEnums: [] };

const [name] = process.argv.slice(2);
if (!name || !/^[a-z0-9_]+$/.test(name)) {
  process.stderr.write('Give the migration a name in snake_case: npm run migrate:new add_media\n');
  process.exit(1);
}

const before = committedSchema();
const after = await readFile(SCHEMA, 'utf8');
const sql = await diffSchemas(before, after);
if (!sql.trim()) {
  process.stderr.write('The schema has not changed since the last commit: nothing to migrate.\n');
  process.exit(1);
}
const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
const directory = path.join('prisma/migrations', `${stamp}_${name}`);
await mkdir(directory, { recursive: true });
await writeFile(path.join(directory, 'migration.sql'), sql);
process.stdout.write(`${directory}/migration.sql written. Add CHECKs and partial indexes by hand.\n`);

function committedSchema(): string | undefined {
  try {
    return execFileSync('git', ['show', `HEAD:${SCHEMA}`], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return undefined;
  }
}

async function diffSchemas(from: string | undefined, to: string): Promise<string> {
  Object.assign(globalThis, { PRISMA_WASM_PANIC_REGISTRY: { set_message() {} } });
  const { SchemaEngine } = await import('@prisma/schema-engine-wasm');
  // The engine wants an adapter though this comparison opens no connection.
  const adapter = bindMigrationAwareSqlAdapterFactory(new PrismaPg({ connectionString: 'postgresql://postgres@127.0.0.1:55432/postgres' }));
  const engine = await SchemaEngine.new({ datamodels: [[SCHEMA, to]] }, () => {}, adapter);
  const file = (content: string) => ({ tag: 'schemaDatamodel' as const, files: [{ path: SCHEMA, content }] });
  const { stdout } = await engine.diff({
    from: from === undefined ? { tag: 'empty' } : file(from),
    to: file(to),
    script: true,
    exitCode: null,
    filters: FILTERS,
  });
  return stdout ?? '';
}
