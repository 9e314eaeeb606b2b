import type { Context } from '../context.ts';

/** A hint that led to nothing is given again after this. */
const HINT_AGAIN_SECONDS = 5;
/** What waits longer than this is not being served by the queue. */
const NEGLECTED_SECONDS = 10;

export interface DueDelivery {
  id: string;
  /** It has been due for so long that the queue is not to be relied on. */
  isNeglected: boolean;
}

/**
 * What a worker must look at now: due, to be read back, or left by a worker whose lease ran out. Each is given out once
 * per HINT_AGAIN_SECONDS, over all processes.
 */
export async function scanDue(context: Context, limit: number): Promise<DueDelivery[]> {
  return context.db.$queryRaw<DueDelivery[]>`
    with clock as materialized (select clock_timestamp() as now),
    waiting as (
      select id, not_before as since from delivery
      where state in ('scheduled', 'unknown') and not_before <= (select now from clock)
        and (hinted_at is null or hinted_at < not_before
          or hinted_at < (select now from clock) - make_interval(secs => ${HINT_AGAIN_SECONDS}))
      order by not_before limit ${limit}::int for update skip locked
    ),
    abandoned as (
      select id, lease_until as since from delivery
      where state in ('claimed', 'prepared') and lease_until <= (select now from clock)
        and (hinted_at is null or hinted_at < lease_until
          or hinted_at < (select now from clock) - make_interval(secs => ${HINT_AGAIN_SECONDS}))
      order by lease_until limit ${limit}::int for update skip locked
    ),
    found as (select * from waiting union all select * from abandoned)
    update delivery d set hinted_at = (select now from clock)
    from found where found.id = d.id
    returning d.id,
      found.since < (select now from clock) - make_interval(secs => ${NEGLECTED_SECONDS}) as "isNeglected"`;
}
