import type { Context } from '../context.ts';
import type { ClaimedDelivery } from './claim-delivery.ts';
import { toFrozenPart, type FrozenPart, type PartRow } from './freeze-parts.ts';

/**
 * Keeps what `prepare` returned for each part and moves the delivery on to `prepared`, with a new lease; there it stays when
 * a later part follows.
 * @returns every part as it lies there now, or null when the delivery is no longer in this worker's hands
 */
export async function storePrepared(
  context: Context,
  delivery: ClaimedDelivery,
  prepared: readonly { partNo: number; prepared: unknown }[],
): Promise<FrozenPart[] | null> {
  const { leaseSeconds } = context.config.publishing;
  const parts = await context.db.$queryRaw<PartRow[]>`/* plan kept */
    with held as (
      update delivery set state = 'prepared', updated_at = clock_timestamp(),
        lease_until = clock_timestamp() + make_interval(secs => ${leaseSeconds}::float8)
      where id = ${delivery.id} and fence = ${delivery.fence} and state in ('claimed', 'prepared') and lease_until > clock_timestamp()
      returning id
    ),
    stored as (
      update delivery_part p set prepared = nullif(t.prepared, 'null'::jsonb)
      from held, jsonb_to_recordset(${JSON.stringify(prepared)}::jsonb) as t ("partNo" int, prepared jsonb)
      where p.delivery_id = held.id and p.part_no = t."partNo"
      returning p.part_no, p.prepared
    )
    select p.part_no as "partNo", p.text, p.key, p.frozen_at as "frozenAt",
      case when stored.part_no is null then p.prepared else stored.prepared end as prepared,
      p.remote_id as "remoteId", p.remote_url as "remoteUrl", p.remote_ref as "remoteRef"
    from held join delivery_part p on p.delivery_id = held.id left join stored on stored.part_no = p.part_no
    order by p.part_no`;
  return parts.length > 0 ? parts.map(toFrozenPart) : null;
}
