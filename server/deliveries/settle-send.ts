import type { Context } from '../context.ts';
import type { SentPart } from '../networks/network.ts';
import type { ClaimedDelivery } from './claim-delivery.ts';
import { pauseChannelsSql, type RateLimit } from './pause-channels-sql.ts';
import { PROBLEMS, type Problem } from './problems.ts';

export interface SendResult {
  partNo: number;
  /** As the attempt keeps it: `published` or the kind of a NetworkError. */
  outcome: string;
  /** Safe to show: code, status. */
  evidence: Record<string, unknown>;
  sent?: SentPart;
  /**
   * published: this part is live. again: surely not taken, tried again. stopped: surely not taken, and it ends here.
   * unclear: the network may have taken it. duplicate: it says that it has this already; after an unclear send of ours that
   * may be ours, so it is read back; else somebody posted it, and it ends here.
   */
  verdict: 'published' | 'again' | 'stopped' | 'unclear' | 'duplicate';
  /** again: not before; seconds from now by PostgreSQL's clock. unclear: seconds after the send began. */
  waitSeconds: number;
  /** again: whether the try counts against the cap. */
  isCounted: boolean;
  /** stopped: the state it ends in. */
  stoppedAs?: 'failed' | 'held';
  rateLimit?: RateLimit;
  problem?: Problem;
}

/**
 * What the call came to. Only the worker that began the send may say so, and only while the delivery is `sending`: a late
 * answer changes nothing. A thread of which a part is live never fails as a whole, nor does what an earlier send of the same
 * bytes may have left on the network: a person looks. That stays marked, so that the bytes keep their key.
 * @returns the delivery's state afterwards (`prepared` when parts remain), or null when it was no longer ours
 */
export async function settleSend(
  context: Context,
  delivery: ClaimedDelivery,
  result: SendResult,
): Promise<string | null> {
  const { sent, problem, verdict, stoppedAs = 'failed' } = result;
  const [row] = await context.db.$queryRaw<{ state: string }[]>`/* plan kept */
    with held as materialized (
      select d.id,
        exists (
          select from attempt now join attempt before on before.delivery_id = now.delivery_id
            and before.part_no = now.part_no and before.kind = 'send' and before.fence < now.fence
            and before.idempotency_key = now.idempotency_key
            and before.outcome in ('ambiguous', 'interrupted', 'duplicate')
          where now.delivery_id = d.id and now.fence = d.fence and now.part_no = ${result.partNo} and now.kind = 'send'
        ) as was_unclear,
        exists (select from delivery_part p where p.delivery_id = d.id and p.remote_id is null
          and p.part_no <> ${result.partNo}) as has_more,
        exists (select from delivery_part p where p.delivery_id = d.id and p.remote_id is not null) as has_live
      from delivery d
      where d.id = ${delivery.id} and d.fence = ${delivery.fence} and d.state = 'sending'
      for update
    ),
    closed as (
      update attempt a set outcome = ${result.outcome}, evidence = ${JSON.stringify(result.evidence)}::jsonb,
        finished_at = clock_timestamp()
      from held
      where a.delivery_id = ${delivery.id} and a.fence = ${delivery.fence} and a.part_no = ${result.partNo} and a.kind = 'send'
    ),
    live as (
      update delivery_part p set remote_id = ${sent?.remoteId ?? null}, remote_url = ${sent?.remoteUrl ?? null},
        remote_ref = ${JSON.stringify(sent?.remoteRef ?? null)}::jsonb, published_at = clock_timestamp()
      from held
      where ${verdict === 'published'}::boolean and p.delivery_id = held.id and p.part_no = ${result.partNo}
    ),
    ${pauseChannelsSql(delivery, result.rateLimit)},
    next as materialized (
      select held.id, was_unclear, ${verdict} = 'duplicate' and not was_unclear as is_of_another, case ${verdict}
        when 'published' then case when has_more then 'prepared' else 'published' end
        when 'again' then 'scheduled'
        when 'unclear' then 'unknown'
        else case when ${verdict} = 'duplicate' and was_unclear then 'unknown'
          when has_live or was_unclear and ${stoppedAs} = 'failed' then 'needs_attention' else ${stoppedAs} end end as state
      from held
    ),
    first as (
      select p.remote_id, p.remote_url from delivery_part p
      where p.delivery_id = ${delivery.id} and p.part_no = 1 and p.remote_id is not null
      union all
      select ${sent?.remoteId ?? null}, ${sent?.remoteUrl ?? null}
      limit 1
    )
    update delivery d set
      state = next.state,
      lease_until = case when next.state = 'prepared' then d.lease_until end,
      hinted_at = null,
      not_before = case next.state
        when 'scheduled' then coalesce((select rate_limited_until from paused where paused.id = d.channel_id),
          clock_timestamp() + make_interval(secs => ${result.waitSeconds}::float8))
        when 'unknown' then d.send_started_at + make_interval(secs => ${result.waitSeconds}::float8)
        else d.not_before end,
      retry_count = case when next.state in ('unknown', 'prepared', 'published') then 0
        else retry_count + ${verdict === 'again' && result.isCounted ? 1 : 0} end,
      resend_count = case when next.state = 'prepared' then 0 else resend_count end,
      crash_count = 0,
      empty_read_count = 0,
      send_started_at = case when next.state = 'unknown' or was_unclear and ${verdict} <> 'published' then d.send_started_at end,
      payload_hash = case when next.state = 'unknown' or was_unclear and ${verdict} <> 'published' then d.payload_hash end,
      problem_code = case when next.state = 'needs_attention' then case when was_unclear then 'outcome_unknown' else 'thread_incomplete' end
        when is_of_another then 'posted_already' else ${problem?.code ?? null} end,
      problem_message = case when next.state = 'needs_attention' then case when was_unclear then ${PROBLEMS.outcome_unknown}
          else ${PROBLEMS.thread_incomplete} || coalesce(' ' || said, '') end
        else said end,
      remote_id = case when next.state = 'published' then (select remote_id from first) end,
      remote_url = case when next.state = 'published' then (select remote_url from first) end,
      published_at = case when next.state = 'published' then clock_timestamp() end,
      updated_at = clock_timestamp()
    from next
    cross join lateral (select case when is_of_another then ${PROBLEMS.posted_already} else ${problem?.message ?? null} end) as words (said)
    where next.id = d.id
    returning d.state`;
  return row?.state ?? null;
}
