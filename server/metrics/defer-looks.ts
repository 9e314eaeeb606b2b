import type { Context } from '../context.ts';
import { LATER_LOOK_HOURS } from './look-times.ts';

const FIRST_PAUSE_MINUTES = 15;
const LONGEST_PAUSE_MINUTES = 1440;
/** Given up when the last look is overdue for this long. */
const GIVE_UP_HOURS = LATER_LOOK_HOURS.at(-1)! + 7 * 24;

/** Nothing was told about these posts: they are asked for again after a pause that doubles with each failure. */
export async function deferLooks(
  context: Pick<Context, 'db'>,
  deliveryIds: readonly string[],
): Promise<void> {
  await context.db.$executeRaw`
    with clock as materialized (select clock_timestamp() as now),
    failed as materialized (
      select id from delivery where id = any(${[...deliveryIds]}) and state = 'published' order by id for no key update
    )
    update delivery d set
      metrics_failures = metrics_failures + 1,
      metrics_due_at = case
        when published_at < (select now from clock) - make_interval(hours => ${GIVE_UP_HOURS}::int) then 'infinity'
        else (select now from clock) + make_interval(mins => least(
          ${FIRST_PAUSE_MINUTES}::int * 2 ^ least(metrics_failures, 10), ${LONGEST_PAUSE_MINUTES}::int)::int) end
    from failed where failed.id = d.id`;
}

/** No post of the channel is asked for before the pause is over. What others lock at this moment they pause themselves. */
export async function pauseLooks(
  context: Pick<Context, 'db'>,
  { channelId, seconds }: { channelId: string; seconds: number },
): Promise<void> {
  await context.db.$executeRaw`
    with pause as materialized (select clock_timestamp() + make_interval(secs => ${seconds}::float8) as ends),
    due as materialized (
      select id from delivery
      where channel_id = ${channelId} and state = 'published' and metrics_due_at is distinct from 'infinity'
        and coalesce(metrics_due_at, '-infinity') < (select ends from pause)
      order by id for no key update skip locked
    )
    update delivery d set metrics_due_at = (select ends from pause) from due where due.id = d.id`;
}

/** Their network tells no numbers: nobody asks again. */
export async function stopLooks(context: Pick<Context, 'db'>, deliveryIds: readonly string[]): Promise<void> {
  await context.db.$executeRaw`
    with told as materialized (
      select id from delivery where id = any(${[...deliveryIds]}) and state = 'published' order by id for no key update
    )
    update delivery d set metrics_due_at = 'infinity' from told where told.id = d.id`;
}
