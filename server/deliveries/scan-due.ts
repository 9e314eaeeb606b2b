import type { Context } from '../context.ts';
import type { PublishHint } from '../queues.ts';
import { DEATHS_BEFORE_ALONE } from './claim-delivery.ts';
import { PROBLEMS } from './problems.ts';
import { WAITS_FOR_ANOTHER_SQL } from './waits-for-another.ts';

/** A hint that led to nothing is given again after this. */
const HINT_AGAIN_SECONDS = 5;
/** What waits for another of its channel is looked at again after this, in case nobody went on with it. */
const WAITER_AGAIN_SECONDS = 15;
/** What waits longer than this is not being served by the queue. */
const NEGLECTED_SECONDS = 10;

export interface DueDelivery extends PublishHint {
  /** It has been due for so long that the queue is not to be relied on. */
  isNeglected: boolean;
  /** Workers died over it: it is worked on with nothing beside it. */
  isForAlone: boolean;
}

export interface DueScan {
  due: DueDelivery[];
  /** There may be more: as many were found as were asked for. */
  hasMore: boolean;
}

/**
 * What a worker must look at now: due, to be read back, or left by a worker whose lease ran out. Each is given out once
 * per HINT_AGAIN_SECONDS, over all processes. What waits for another one of its channel is not given out: whoever settles
 * that goes on with it. In a backlog these are the most, and looking at them more often would take the time that sending
 * needs. What waits for its network's rate limit is put off until then, and says so.
 */
export async function scanDue(context: Context, limit: number): Promise<DueScan> {
  const rows = await context.db.$queryRaw<(DueDelivery & { isToBeDone: boolean })[]>`
    with clock as materialized (select clock_timestamp() as now),
    waiting as (
      select id, channel_id, not_before as since from delivery
      where state in ('scheduled', 'unknown') and not_before <= (select now from clock)
        and (lease_until is null or lease_until <= (select now from clock))
        and (hinted_at is null or hinted_at < not_before
          or hinted_at < (select now from clock) - make_interval(secs => ${HINT_AGAIN_SECONDS}))
      order by not_before, due_at, id limit ${limit}::int for update skip locked
    ),
    abandoned as (
      select id, channel_id, lease_until as since from delivery
      where state in ('claimed', 'prepared') and lease_until <= (select now from clock)
        and (hinted_at is null or hinted_at < lease_until
          or hinted_at < (select now from clock) - make_interval(secs => ${HINT_AGAIN_SECONDS}))
      order by lease_until limit ${limit}::int for update skip locked
    ),
    -- By arrays of ids: in a table of some thousands the planner would else read all of it for a handful.
    found as materialized (
      select d.id, f.since, case when ch.rate_limited_until > (select now from clock) then ch.rate_limited_until end as paused_until,
        d.state <> 'unknown' and ${WAITS_FOR_ANOTHER_SQL} as is_waiter
      from (select * from waiting union all select * from abandoned) f
      join delivery d on d.id = f.id join channel ch on ch.id = f.channel_id
      where d.id = any (array(select id from waiting union all select id from abandoned))
    )
    update delivery d set
      hinted_at = (select now from clock) + make_interval(secs => case when is_waiter and d.state = 'scheduled' and paused_until is null
        then ${WAITER_AGAIN_SECONDS - HINT_AGAIN_SECONDS}::float8 else 0 end),
      not_before = case when d.state in ('scheduled', 'unknown') then coalesce(paused_until, d.not_before) else d.not_before end,
      problem_code = case when d.state = 'scheduled' and paused_until is not null then 'rate_limited' else d.problem_code end,
      -- What the network said to this very delivery tells more.
      problem_message = case when d.state = 'scheduled' and paused_until is not null
        and d.problem_code is distinct from 'rate_limited' then ${PROBLEMS.rate_limited} else d.problem_message end
    from found where found.id = d.id and d.id = any (array(select id from found))
    returning d.id as "deliveryId", d.team_id as "teamId",
      found.since < (select now from clock) - make_interval(secs => ${NEGLECTED_SECONDS}) as "isNeglected",
      d.crash_count + (d.lease_until is not null)::int >= ${DEATHS_BEFORE_ALONE}::int as "isForAlone",
      paused_until is null and not is_waiter as "isToBeDone"`;
  const due = rows
    .filter(({ isToBeDone }) => isToBeDone)
    .map(({ deliveryId, teamId, isNeglected, isForAlone }) => ({
      deliveryId,
      teamId,
      isNeglected,
      isForAlone,
    }));
  return { due, hasMore: rows.length >= limit };
}
