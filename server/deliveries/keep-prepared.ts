import type { Context } from '../context.ts';
import type { ClaimedDelivery } from './claim-delivery.ts';

/** Keeps what a `prepare` that stopped half way had made already, for the next one. Nothing when it is no longer ours. */
export async function keepPrepared(
  context: Context,
  delivery: ClaimedDelivery,
  { partNo, prepared }: { partNo: number; prepared: unknown },
): Promise<void> {
  await context.db.$executeRaw`
    with held as materialized (
      select id from delivery
      where id = ${delivery.id} and fence = ${delivery.fence} and state in ('claimed', 'prepared')
      for update
    )
    update delivery_part p set prepared = ${JSON.stringify(prepared)}::jsonb
    from held where p.delivery_id = held.id and p.part_no = ${partNo} and p.remote_id is null`;
}
