import pg from 'pg';

import { AppError, unavailable } from '../errors.ts';
import { connectOwner } from './client.ts';
import { migrateDatabase, type Migrated } from './migrate.ts';

/** The oldest that is supported by the queue's backend too. */
const OLDEST_MAJOR_VERSION = 15;
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * Checks that the database can be used, then migrates it. Safe in several processes at once.
 * @param ownerUrl where its tables belong to another user than the server's
 * @throws AppError Unavailable or Conflict: one sentence for the person who set DATABASE_URL
 */
export async function prepareDatabase(databaseUrl: string, ownerUrl = databaseUrl): Promise<Migrated> {
  await assertUsable(databaseUrl);
  if (ownerUrl !== databaseUrl) await assertUsable(ownerUrl);
  const pool = connectOwner(ownerUrl);
  try {
    return await migrateDatabase(pool, decodeURIComponent(new URL(databaseUrl).username) || undefined);
  } catch (cause) {
    throw explainDatabaseError(ownerUrl, cause);
  } finally {
    await pool.end();
  }
}

async function assertUsable(databaseUrl: string): Promise<void> {
  const client = new pg.Client({
    connectionString: databaseUrl,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: CONNECT_TIMEOUT_MS,
  });
  // A server that goes away while we look is reported by the statement that fails.
  client.on('error', () => {});
  try {
    await client.connect();
    await assertVersion(client);
  } catch (cause) {
    throw explainDatabaseError(databaseUrl, cause);
  } finally {
    // A connection that never came about cannot be ended either.
    await client.end().catch(() => {});
  }
}

async function assertVersion(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ number: number; name: string }>(
    `select current_setting('server_version_num')::int as number, current_setting('server_version') as name`,
  );
  const [version] = rows;
  if (version && version.number >= OLDEST_MAJOR_VERSION * 10_000) return;
  throw unavailable({
    code: 'database_too_old',
    message: `The database of DATABASE_URL is PostgreSQL ${version?.name}; Grantcast needs ${OLDEST_MAJOR_VERSION} or newer. Upgrade it, or unset DATABASE_URL to use the built-in one.`,
  });
}

function explainDatabaseError(databaseUrl: string, cause: unknown): unknown {
  if (cause instanceof AppError) return cause;
  const { host, pathname, username } = new URL(databaseUrl);
  const name = decodeURIComponent(pathname.slice(1));
  const code = codeOf(cause);
  const say = (ownCode: string, message: string) => unavailable({ code: ownCode, message, cause });
  switch (code) {
    case '28P01':
    case '28000':
      return say(
        'database_refused',
        `The database at ${host} refused the user ${decodeURIComponent(username)}. Correct the user name and password in DATABASE_URL.`,
      );
    case '3D000':
      return say(
        'database_missing',
        `The server at ${host} has no database ${name}. Make it (createdb ${name}), or correct DATABASE_URL.`,
      );
    case '42501':
      return say(
        'database_no_rights',
        `The user ${decodeURIComponent(username)} may not make tables in the database ${name}. Make it the owner (alter database ${name} owner to ${decodeURIComponent(username)}), or use another user in DATABASE_URL.`,
      );
    case '25006':
      return say(
        'database_read_only',
        `The database ${name} at ${host} is read-only. Set DATABASE_URL to the primary server.`,
      );
    case '53300':
      return say(
        'database_full',
        `The database at ${host} takes no more connections. Raise its max_connections, or lower DATABASE_CONNECTIONS of the processes that use it.`,
      );
    default:
      break;
  }
  // Five characters is PostgreSQL's own error class: it answered, and this is a fault to be reported as it is.
  if (code?.length === 5 && !code.startsWith('57') && !code.startsWith('08')) return cause;
  return say(
    'database_unreachable',
    `The database at ${host} cannot be reached (${code ?? 'no answer'}). Start it, or correct DATABASE_URL; unset, Grantcast uses its built-in PostgreSQL.`,
  );
}

function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return (error as { code?: string }).code;
}
