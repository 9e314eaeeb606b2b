import type { Context } from '../context.ts';
import type { ClaimedDelivery } from './claim-delivery.ts';
import { pauseChannelsSql, type RateLimit } from './pause-channels-sql.ts';
import { PROBLEMS, type Problem } from './problems.ts';

export interface PrepareFailure {
  verdict: 'again' | 'failed' | 'held' | 'needs_attention';
  /** again: seconds from now by PostgreSQL's clock. */
  waitSeconds: number;
  /** again: whether the try counts against the cap. */
  isCounted: boolean;
  rateLimit?: RateLimit | undefined;
  problem?: Problem | undefined;
}

/** It stopped before anything irreversible happened: it waits for another try, or ends. Nothing when it is no longer ours. */
export async function settlePrepare(
  context: Context,
  delivery: ClaimedDelivery,
  { verdict, waitSeconds, isCounted, rateLimit, problem }: PrepareFailure,
): Promise<void> {
  await context.db.$executeRaw`
    with held as materialized (
      select d.id, d.send_started_at is not null as is_maybe_sent from delivery d
      where d.id = ${delivery.id} and d.fence = ${delivery.fence} and d.state in ('claimed', 'prepared')
      for update
    ),
    ${pauseChannelsSql(delivery, rateLimit)},
    next as materialized (
      select held.id, is_maybe_sent, case
        when ${verdict} = 'again' then 'scheduled'
        when ${verdict} = 'failed' and is_maybe_sent then 'needs_attention'
        when ${verdict} = 'failed' and exists (
          select from delivery_part p where p.delivery_id = held.id and p.remote_id is not null) then 'needs_attention'
        else ${verdict} end as state
      from held
    )
    update delivery d set state = next.state, lease_until = null, hinted_at = null,
      not_before = case when next.state = 'scheduled' then coalesce(
          (select rate_limited_until from paused where paused.id = d.channel_id),
          clock_timestamp() + make_interval(secs => ${waitSeconds}::float8))
        else d.not_before end,
      crash_count = 0, retry_count = retry_count + ${isCounted ? 1 : 0},
      problem_code = case when next.state = 'needs_attention' and ${verdict} = 'failed'
        then case when is_maybe_sent then 'outcome_unknown' else 'thread_incomplete' end
        else ${problem?.code ?? null} end,
      problem_message = case when next.state = 'needs_attention' and ${verdict} = 'failed'
        then case when is_maybe_sent then ${PROBLEMS.outcome_unknown}
          else ${`${PROBLEMS.thread_incomplete} ${problem?.message ?? ''}`.trim()} end
        else ${problem?.message ?? null} end,
      updated_at = clock_timestamp()
    from next where next.id = d.id`;
}
