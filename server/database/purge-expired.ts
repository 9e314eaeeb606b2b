import { Prisma } from '../../prisma/generated/client.ts';
import type { Database } from './client.ts';

const ROWS_AT_ONCE = 1_000;
const MAX_BATCHES = 20;

/**
 * What is forgotten, and when. A refresh token that was used up stays until its 30 days are over, so that its reuse is
 * noticed; a family takes its tokens with it. The audit record is never among these.
 */
const FORGOTTEN: Readonly<Record<string, string>> = {
  oidc_state: `expires_at < clock_timestamp()`,
  oidc_token: `expires_at < clock_timestamp()`,
  oidc_grant: `expires_at < clock_timestamp()`,
  // Read for REFRESH_REPLAY_SECONDS, which nobody sets to a day.
  refresh_replay: `created_at < clock_timestamp() - interval '1 day'`,
  browser_session: `expires_at < clock_timestamp()`,
  company_sign_in: `created_at < clock_timestamp() - interval '1 hour'`,
  // Whoever invited may still ask what became of it.
  invitation: `expires_at < clock_timestamp() - interval '30 days'`,
  client_event: `at < clock_timestamp() - interval '30 days'`,
  rate_limit: `expire < extract(epoch from clock_timestamp()) * 1000`,
};

/**
 * Deletes what has expired, in small batches, so that no statement holds many rows for long; a row that somebody holds is
 * left for the next time. What is more than twenty batches of a table waits, too.
 * @returns how many rows went, by table
 */
export async function purgeExpired(db: Database): Promise<Record<string, number>> {
  const deleted: Record<string, number> = {};
  for (const table of Object.keys(FORGOTTEN)) deleted[table] = await purgeTable(db, table);
  return deleted;
}

async function purgeTable(db: Database, table: string): Promise<number> {
  const name = Prisma.raw(table);
  const condition = Prisma.raw(FORGOTTEN[table]!);
  let deleted = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
    const count = await db.$executeRaw`
      delete from ${name} where ctid = any (array(
        select ctid from ${name} where ${condition} limit ${ROWS_AT_ONCE}::int for update skip locked))`;
    deleted += count;
    if (count < ROWS_AT_ONCE) break;
  }
  return deleted;
}
