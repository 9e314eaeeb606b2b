import type { Context } from '../context.ts';
import { createDaySigner, type DaySigner } from './day-signature.ts';
import { digestDay } from './digest-day.ts';

/** One process at a time signs, in whatever process its sweep runs. */
const SIGNING_LOCK = 72_707_370;
/** What began before midnight may still be committed after it: no transaction lives this long. */
const GRACE_MINUTES = 5;
const DAYS_AT_ONCE = 500;

interface UnsignedDay {
  teamId: string;
  day: string;
  previous: Uint8Array<ArrayBuffer> | null;
  now: Date;
}

/**
 * Signs every finished day (UTC) of every team, each once and in order, also days on which nothing happened; after a pause
 * it catches up. The digest goes into the log too: whoever keeps the log can tell that the newest days were taken away.
 * @returns how many days were signed
 */
export async function signFinishedDays(context: Context): Promise<number> {
  const client = await context.pool.connect();
  try {
    const { rows } = await client.query<{ isOurs: boolean }>('select pg_try_advisory_lock($1) as "isOurs"', [
      SIGNING_LOCK,
    ]);
    if (!rows[0]!.isOurs) return 0;
    try {
      return await signAll(context);
    } finally {
      await client.query('select pg_advisory_unlock($1)', [SIGNING_LOCK]);
    }
  } finally {
    client.release();
  }
}

async function signAll(context: Context): Promise<number> {
  const signer = createDaySigner(context.seal);
  let count = 0;
  while (count < DAYS_AT_ONCE) {
    const unsigned = await findUnsignedDays(context, DAYS_AT_ONCE - count);
    if (unsigned.length === 0) break;
    for (const day of unsigned) await signDay(context, signer, day);
    count += unsigned.length;
  }
  return count;
}

/** Of each team the first one. */
async function findUnsignedDays(context: Context, limit: number): Promise<UnsignedDay[]> {
  return context.db.$queryRaw<UnsignedDay[]>`
    with clock as materialized (select clock_timestamp() as now)
    select t.id as "teamId", to_char(next.day, 'YYYY-MM-DD') as day, newest.digest as previous,
      date_trunc('milliseconds', clock.now) as now
    from clock, team t
    left join lateral (
      select d.day, d.digest from activity_digest d where d.team_id = t.id order by d.day desc limit 1
    ) newest on true
    cross join lateral (
      select coalesce(newest.day + 1, (least(t.created_at,
        (select min(a.at) from activity a where a.team_id = t.id)) at time zone 'UTC')::date) as day
    ) next
    where next.day < ((clock.now - make_interval(mins => ${GRACE_MINUTES}::int)) at time zone 'UTC')::date
    order by next.day, t.id
    limit ${limit}::int`;
}

async function signDay(context: Context, signer: DaySigner, unsigned: UnsignedDay): Promise<void> {
  const { teamId, day, now: signedAt } = unsigned;
  const { rowCount, digest } = await digestDay(context, unsigned);
  const signature = signer.sign({ teamId, day, rowCount, digest, signedAt });
  await context.db.$executeRaw`
    insert into activity_digest (team_id, day, row_count, digest, signature, signed_at)
    values (${teamId}, ${day}::date, ${rowCount}, ${digest}, ${signature}, ${signedAt})
    on conflict (team_id, day) do nothing`;
  context.log.info({ teamId, day, rowCount, digest: digest.toString('hex') }, 'a day of activity was signed');
}
