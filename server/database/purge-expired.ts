import { Prisma } from '../../prisma/generated/client.ts';
import type { Database } from './client.ts';

const ROWS_AT_ONCE = 1_000;
const MAX_BATCHES = 20;

/**
 * What is forgotten, and when. A refresh token that was used up stays until its 30 days are over, so that its reuse is
 * noticed; a family takes its tokens with it. The audit record is never among these.
 */
const FORGOTTEN: Readonly<Record<string, { table: Prisma.Sql; when: Prisma.Sql }>> = {
  oidc_state: { table: Prisma.sql`oidc_state`, when: Prisma.sql`expires_at < clock_timestamp()` },
  oidc_token: { table: Prisma.sql`oidc_token`, when: Prisma.sql`expires_at < clock_timestamp()` },
  oidc_grant: { table: Prisma.sql`oidc_grant`, when: Prisma.sql`expires_at < clock_timestamp()` },
  refresh_replay: {
    table: Prisma.sql`refresh_replay`,
    // Read for REFRESH_REPLAY_SECONDS, which nobody sets to a day.
    when: Prisma.sql`created_at < clock_timestamp() - interval '1 day'`,
  },
  browser_session: { table: Prisma.sql`browser_session`, when: Prisma.sql`expires_at < clock_timestamp()` },
  company_sign_in: {
    table: Prisma.sql`company_sign_in`,
    when: Prisma.sql`created_at < clock_timestamp() - interval '1 hour'`,
  },
  channel_link: {
    table: Prisma.sql`channel_link`,
    when: Prisma.sql`created_at < clock_timestamp() - interval '1 hour'`,
  },
  invitation: {
    table: Prisma.sql`invitation`,
    // Whoever invited may still ask what became of it.
    when: Prisma.sql`expires_at < clock_timestamp() - interval '30 days'`,
  },
  client_event: {
    table: Prisma.sql`client_event`,
    when: Prisma.sql`at < clock_timestamp() - interval '30 days'`,
  },
  notice: {
    table: Prisma.sql`notice`,
    when: Prisma.sql`created_at < clock_timestamp() - interval '30 days'`,
  },
  rate_limit: {
    table: Prisma.sql`rate_limit`,
    when: Prisma.sql`expire < extract(epoch from clock_timestamp()) * 1000`,
  },
};

/**
 * Deletes what has expired, in small batches, so that no statement holds many rows for long; a row that somebody holds is
 * left for the next time. What is more than twenty batches of a table waits, too.
 * @returns how many rows went, by table
 */
export async function purgeExpired(db: Database): Promise<Record<string, number>> {
  const deleted: Record<string, number> = {};
  for (const [name, { table, when }] of Object.entries(FORGOTTEN)) {
    deleted[name] = await purgeTable(db, table, when);
  }
  return deleted;
}

async function purgeTable(db: Database, table: Prisma.Sql, when: Prisma.Sql): Promise<number> {
  let deleted = 0;
  for (let batch = 0; batch < MAX_BATCHES; batch += 1) {
    const count = await db.$executeRaw`
      delete from ${table} where ctid = any (array(
        select ctid from ${table} where ${when} limit ${ROWS_AT_ONCE}::int for update skip locked))`;
    deleted += count;
    if (count < ROWS_AT_ONCE) break;
  }
  return deleted;
}
