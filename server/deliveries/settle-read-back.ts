import type { Context } from '../context.ts';
import type { GuaranteeClass, SentPart } from '../networks/network.ts';
import { MAX_DEATHS, type ClaimedDelivery } from './claim-delivery.ts';
import { pauseChannelsSql, type RateLimit } from './pause-channels-sql.ts';
import { PROBLEMS } from './problems.ts';

/** Sends of a part that were proved not to have happened are repeated this often where a repeat cannot post twice. */
export const MAX_RESENDS = 2;
/** Where only looking protects, one repeat is all that a slow network is trusted with. */
const MAX_UNPROTECTED_RESENDS = 1;
/** With the growing pause between them: about a day. */
const MAX_FAILED_READS = 150;
/** A network that only ever says "not now" is asked no longer than this after the send. */
const MAX_DAYS_LIMITED = 3;

export interface ReadBackResult {
  partNo: number;
  /** found, not_found, or the kind of the NetworkError that the read ended with; unreadable: nobody can be asked. */
  outcome: string;
  evidence: Record<string, unknown>;
  found: SentPart | null;
  /** Of this channel. */
  guarantee: GuaranteeClass;
  /** idempotent: how long after the first send the key protects. */
  keyLifetimeSeconds: number | null;
  quarantineSeconds: number;
  /** For a read that failed: seconds until the next. */
  retrySeconds: number;
  rateLimit?: RateLimit;
}

/**
 * found: the part is live (since the send, as far as anyone knows). not_found: once more after a quarantine, and after the
 * second time it is sent again with the same bytes and key, as often as the guarantee bears, or a person must look. A read that
 * failed is repeated; one that the network refused for good, or that found several, goes to a person.
 * @returns the delivery's state afterwards, or null when it was no longer ours
 */
export async function settleReadBack(
  context: Context,
  delivery: ClaimedDelivery,
  result: ReadBackResult,
): Promise<string | null> {
  const { found, outcome } = result;
  const code = result.evidence['code'];
  const evidenceCode = typeof code === 'string' ? code : '';
  const [row] = await context.db.$queryRaw<{ state: string }[]>`
    with held as materialized (
      select d.id, d.send_started_at, d.empty_read_count, d.resend_count, d.retry_count, d.crash_count,
        case ${result.guarantee}
          when 'exact' then ${MAX_RESENDS}::int
          when 'idempotent' then case when ${result.keyLifetimeSeconds}::float8 is null or not exists (
            select from attempt a join delivery_part p on p.delivery_id = a.delivery_id and p.part_no = a.part_no
            where a.delivery_id = d.id and a.part_no = ${result.partNo} and a.kind = 'send' and a.idempotency_key = p.key
              and a.started_at < clock_timestamp() - make_interval(secs => ${result.keyLifetimeSeconds}::float8))
            then ${MAX_RESENDS}::int else ${MAX_UNPROTECTED_RESENDS}::int end
          when 'read_back' then ${MAX_UNPROTECTED_RESENDS}::int
          else 0 end as most_resends,
        exists (select from delivery_part p where p.delivery_id = d.id and p.remote_id is null
          and p.part_no <> ${result.partNo}) as has_more
      from delivery d
      where d.id = ${delivery.id} and d.fence = ${delivery.fence} and d.state = 'unknown'
      for update
    ),
    closed as (
      update attempt a set outcome = ${outcome}, evidence = ${JSON.stringify(result.evidence)}::jsonb,
        finished_at = clock_timestamp()
      from held
      where a.delivery_id = held.id and a.fence = ${delivery.fence} and a.part_no = ${result.partNo}
        and a.kind = 'read_back'
    ),
    live as (
      update delivery_part p set remote_id = ${found?.remoteId ?? null}, remote_url = ${found?.remoteUrl ?? null},
        remote_ref = ${JSON.stringify(found?.remoteRef ?? null)}::jsonb, published_at = clock_timestamp()
      from held
      where ${outcome} = 'found' and p.delivery_id = held.id and p.part_no = ${result.partNo}
    ),
    ${pauseChannelsSql(delivery, result.rateLimit)},
    next as materialized (
      select id, case
        when ${outcome} = 'found' then case when has_more then 'scheduled' else 'published' end
        when ${outcome} = 'not_found' and empty_read_count < 1 then 'unknown'
        when ${outcome} = 'not_found' then
          case when resend_count < most_resends and crash_count < ${MAX_DEATHS}::int then 'scheduled' else 'needs_attention' end
        when ${outcome} in ('unreadable', 'rejected') then 'needs_attention'
        when retry_count >= ${MAX_FAILED_READS}
          or ${outcome} = 'rate_limited' and send_started_at < clock_timestamp() - make_interval(days => ${MAX_DAYS_LIMITED}::int)
          then 'needs_attention'
        else 'unknown' end as state
      from held
    ),
    first as (
      select p.remote_id, p.remote_url from delivery_part p
      where p.delivery_id = ${delivery.id} and p.part_no = 1 and p.remote_id is not null
      union all
      select ${found?.remoteId ?? null}, ${found?.remoteUrl ?? null}
      limit 1
    )
    update delivery d set
      state = next.state,
      lease_until = null,
      hinted_at = null,
      not_before = case
        when next.state = 'scheduled' then clock_timestamp()
        when ${outcome} = 'not_found' then clock_timestamp() + make_interval(secs => ${result.quarantineSeconds}::float8)
        else coalesce((select rate_limited_until from paused where paused.id = d.channel_id),
          clock_timestamp() + make_interval(secs => ${result.retrySeconds}::float8)) end,
      empty_read_count = case when ${outcome} = 'not_found' and next.state = 'unknown' then empty_read_count + 1
        when ${outcome} in ('found', 'not_found') then 0 else empty_read_count end,
      resend_count = case when ${outcome} = 'found' and next.state = 'scheduled' then 0
        else resend_count + (${outcome} = 'not_found' and next.state = 'scheduled')::int end,
      -- Waiting for a rate limit is no failure.
      retry_count = case when ${outcome} in ('found', 'not_found') then 0
        else retry_count + (${outcome} <> 'rate_limited')::int end,
      -- What kills whoever sends it is proved not to be there in between; only a real end forgets the deaths.
      crash_count = case when ${outcome} = 'found' then 0 else d.crash_count end,
      -- After an empty read it stays set: the bytes keep their key, in case the network wakes up late.
      send_started_at = case when ${outcome} = 'found' then null else d.send_started_at end,
      payload_hash = case when ${outcome} = 'found' then null else d.payload_hash end,
      problem_code = problem.code,
      problem_message = ${JSON.stringify(PROBLEMS)}::jsonb ->> problem.code,
      remote_id = case when next.state = 'published' then (select remote_id from first) end,
      remote_url = case when next.state = 'published' then (select remote_url from first) end,
      published_at = case when next.state = 'published' then d.send_started_at end,
      updated_at = clock_timestamp()
    from next cross join lateral (select case when next.state = 'needs_attention' then case
      when ${outcome} in ('not_found', 'unreadable') then 'outcome_unknown'
      when ${outcome} = 'rejected' and ${evidenceCode} = 'several_match' then 'several_match'
      else 'read_back_failed' end end as code) as problem
    where next.id = d.id
    returning d.state`;
  return row?.state ?? null;
}
