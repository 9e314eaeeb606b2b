import type { Context } from '../context.ts';
import type { ClaimedDelivery } from './claim-delivery.ts';
import type { SendIntent } from './begin-send.ts';

/** Writes down that the network is asked about an unclear send. @returns false when it is no longer ours */
export async function beginReadBack(
  context: Context,
  delivery: ClaimedDelivery,
  intent: SendIntent,
): Promise<boolean> {
  const written = await context.db.$executeRaw`
    insert into attempt (delivery_id, fence, part_no, kind, payload_hash, idempotency_key, started_at)
    select d.id, d.fence, ${intent.partNo}, 'read_back', ${intent.payloadHash}, ${intent.idempotencyKey}, clock_timestamp()
    from delivery d
    where d.id = ${delivery.id} and d.fence = ${delivery.fence} and d.state = 'unknown'
      and d.lease_until > clock_timestamp()`;
  return written > 0;
}
