import type { Context } from '../context.ts';

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

/** The delivery that has waited longest on a channel, when one is due: one delivery at a time goes out per channel. */
export async function findDueOnChannel(context: Context, channelId: string): Promise<string | null> {
  const [row] = await context.db.$queryRaw<{ id: string }[]>`
    select id from delivery
    where channel_id = ${channelId} and state = 'scheduled' and not_before <= (select clock_timestamp())
    order by not_before, id limit 1`;
  return row?.id ?? null;
}
