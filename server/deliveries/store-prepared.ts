import type { Context } from '../context.ts';
import type { ClaimedDelivery } from './claim-delivery.ts';

/**
 * Keeps what `prepare` returned for each part and moves the delivery on to `prepared`, with a new lease; there it stays when
 * a later part follows.
 * @returns false when the delivery is no longer in this worker's hands
 */
export async function storePrepared(
  context: Context,
  delivery: ClaimedDelivery,
  prepared: readonly { partNo: number; prepared: unknown }[],
): Promise<boolean> {
  const { leaseSeconds } = context.config.publishing;
  const moved = await context.db.$queryRaw<unknown[]>`/* plan kept */
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
    )
    select id from held`;
  return moved.length > 0;
}
