import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

import type pg from 'pg';

import { conflict } from '../errors.ts';
import { ensureServerRole } from './server-role.ts';

const MIGRATIONS = path.join(import.meta.dirname, '../../prisma/migrations');
const MIGRATION_LOCK = 72_707_369; // Prisma's own advisory lock id, so that `prisma migrate deploy` waits for us and we for it.

/** Prisma's own bookkeeping table, as its engine makes it, so that `prisma migrate deploy` goes on working. */
const BOOKKEEPING = `create table if not exists _prisma_migrations (
  id varchar(36) primary key, checksum varchar(64) not null, finished_at timestamptz,
  migration_name varchar(255) not null, logs text, rolled_back_at timestamptz,
  started_at timestamptz not null default now(), applied_steps_count integer not null default 0)`;

export interface Migrated {
  /** The names of the migrations that were applied. */
  applied: string[];
  /** A line for the person who runs the server, when the server's role could not be made. */
  warning: string | null;
}

/**
 * Applies what is new under prisma/migrations, each file in a transaction of its own, one process at a time; then sees to
 * the role that the server acts as.
 * @param pool connects as the owner of the tables (`connectOwner`)
 * @param loginName whom the server signs in as; the owner when absent
 * @throws AppError Conflict when an applied file was changed since, or the database is newer than this server
 */
export async function migrateDatabase(pool: pg.Pool, loginName?: string): Promise<Migrated> {
  const known = await readMigrations();
  const client = await pool.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await client.query(BOOKKEEPING);
    const { rows } = await client.query<{ migration_name: string; checksum: string }>(
      'select migration_name, checksum from _prisma_migrations where finished_at is not null and rolled_back_at is null',
    );
    const applied = new Map(rows.map((row) => [row.migration_name, row.checksum]));
    assertSameHistory(known, applied);
    const fresh = known.filter((migration) => !applied.has(migration.name));
    for (const migration of fresh) await applyMigration(client, migration);
    const warning = await ensureServerRole(client, loginName);
    return { applied: fresh.map((migration) => migration.name), warning };
  } finally {
    await client.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]).catch(() => undefined);
    client.release();
  }
}

interface Migration {
  name: string;
  sql: string;
  checksum: string;
}

async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.toSorted().map(async (name) => {
      const sql = await readFile(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

function assertSameHistory(known: Migration[], applied: Map<string, string>): void {
  const names = new Set(known.map((migration) => migration.name));
  const newer = [...applied.keys()].find((name) => !names.has(name));
  if (newer) {
    throw conflict({
      code: 'database_is_newer',
      message: `The database has a migration that this version does not know (${newer}). Start the newer version of Grantcast, or restore a backup that fits this one.`,
    });
  }
  const changed = known.find(({ name, checksum }) => applied.has(name) && applied.get(name) !== checksum);
  if (changed) {
    throw conflict({
      code: 'migration_changed',
      message: `The file of migration ${changed.name} was changed after it was applied. Restore prisma/migrations as it was released.`,
    });
  }
}

async function applyMigration(client: pg.PoolClient, migration: Migration): Promise<void> {
  await client.query('begin');
  try {
    await client.query('set local statement_timeout = 0');
    await client.query('set local lock_timeout = 0');
    await client.query(migration.sql);
    await client.query(
      `insert into _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
       values ($1, $2, $3, clock_timestamp(), 1)`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  }
}
