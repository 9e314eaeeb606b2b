import type { Context } from '../context.ts';
import type { SentPart } from '../networks/network.ts';
import type { ClaimedDelivery } from './claim-delivery.ts';
import { PROBLEMS } from './problems.ts';

/** Sends that were proved not to have happened are repeated this often. */
export const MAX_RESENDS = 2;
/** With the growing pause between them: about a day. */
const MAX_FAILED_READS = 30;

export interface ReadBackResult {
  partNo: number;
  /** found, not_found, or the kind of the NetworkError that the read ended with. */
  outcome: string;
  evidence: Record<string, unknown>;
  found: SentPart | null;
  /** The network's guarantee allows the same bytes again once they are proved not to be there. */
  mayResend: boolean;
  quarantineSeconds: number;
  /** For a read that failed: seconds until the next. */
  retrySeconds: number;
}

/**
 * found: the part is live (since the send, as far as anyone knows). not_found: once more after a quarantine, and after the
 * second time it is sent again with the same bytes and key, or a person must look. A failed read is repeated.
 * @returns the delivery's state afterwards, or null when it was no longer ours
 */
export async function settleReadBack(
  context: Context,
  delivery: ClaimedDelivery,
  result: ReadBackResult,
): Promise<string | null> {
  const { found, outcome } = result;
  const [row] = await context.db.$queryRaw<{ state: string }[]>`
    with held as materialized (
      select d.id, d.empty_read_count, d.resend_count, d.retry_count,
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
    next as materialized (
      select id, case
        when ${outcome} = 'found' then case when has_more then 'scheduled' else 'published' end
        when ${outcome} = 'not_found' and empty_read_count < 1 then 'unknown'
        when ${outcome} = 'not_found' then
          case when ${result.mayResend}::boolean and resend_count < ${MAX_RESENDS} then 'scheduled' else 'needs_attention' end
        when retry_count >= ${MAX_FAILED_READS} then 'needs_attention'
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
        else clock_timestamp() + make_interval(secs => ${result.retrySeconds}::float8) end,
      empty_read_count = case when ${outcome} = 'not_found' and next.state = 'unknown' then empty_read_count + 1
        when ${outcome} in ('found', 'not_found') then 0 else empty_read_count end,
      resend_count = resend_count + (${outcome} = 'not_found' and next.state = 'scheduled')::int,
      retry_count = case when ${outcome} in ('found', 'not_found') then 0 else retry_count + 1 end,
      -- After an empty read it stays set: the bytes keep their key, in case the network wakes up late.
      send_started_at = case when ${outcome} = 'found' then null else d.send_started_at end,
      payload_hash = case when ${outcome} = 'found' then null else d.payload_hash end,
      problem_code = case when next.state = 'needs_attention' then
        case when ${outcome} = 'not_found' then 'outcome_unknown' else 'read_back_failed' end end,
      problem_message = case when next.state = 'needs_attention' then
        case when ${outcome} = 'not_found' then ${PROBLEMS.outcome_unknown} else ${PROBLEMS.read_back_failed} end end,
      remote_id = case when next.state = 'published' then (select remote_id from first) end,
      remote_url = case when next.state = 'published' then (select remote_url from first) end,
      published_at = case when next.state = 'published' then d.send_started_at end,
      updated_at = clock_timestamp()
    from next where next.id = d.id
    returning d.state`;
  return row?.state ?? null;
}
