import type { Context } from '../context.ts';
import { WAITS_FOR_ANOTHER_SQL } from './waits-for-another.ts';

/** Milliseconds by PostgreSQL's clock until the next delivery is due; null when nothing waits. */
export async function readNextDueMs(context: Context): Promise<number | null> {
  const [row] = await context.db.$queryRaw<{ waitMs: number | null }[]>`
    select (extract(epoch from (
      select not_before from delivery
      where state in ('scheduled', 'unknown') and not_before > (select clock_timestamp())
      order by not_before limit 1
    ) - clock_timestamp()) * 1000)::float8 as "waitMs"`;
  return row?.waitMs ?? null;
}

/** The delivery that goes out next on a channel, when one is due that waits for no other. */
export async function findDueOnChannel(context: Context, channelId: string): Promise<string | null> {
  const [row] = await context.db.$queryRaw<{ id: string }[]>`/* plan kept */
    select d.id from delivery d join channel ch on ch.id = d.channel_id
    where d.channel_id = ${channelId} and d.state = 'scheduled'
      and d.due_at <= (select clock_timestamp()) and d.not_before <= (select clock_timestamp())
      and (ch.rate_limited_until is null or ch.rate_limited_until <= (select clock_timestamp()))
      and not ${WAITS_FOR_ANOTHER_SQL}
    order by d.due_at, d.id limit 1`;
  return row?.id ?? null;
}
