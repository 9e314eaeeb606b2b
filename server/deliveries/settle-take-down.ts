import type { Transaction } from '../database/client.ts';
import { LIVE_STATES } from './find-live.ts';

/**
 * Nothing of it is on the network any more. A thread of which only a part was live ends by this too; when it went on going
 * out meanwhile, nothing is written.
 * @returns whether it is taken down now
 */
export async function settleTakeDown(
  db: Pick<Transaction, '$executeRaw'>,
  deliveryId: string,
): Promise<boolean> {
  const moved = await db.$executeRaw`
    with first as materialized (
      select p.remote_id, p.remote_url, p.published_at from delivery_part p
      where p.delivery_id = ${deliveryId} and p.remote_id is not null
      order by p.part_no limit 1
    )
    update delivery d set state = 'taken_down', taken_down_at = coalesce(taken_down_at, clock_timestamp()),
      remote_id = coalesce(d.remote_id, (select remote_id from first)),
      remote_url = coalesce(d.remote_url, (select remote_url from first)),
      published_at = coalesce(d.published_at, (select published_at from first), clock_timestamp()),
      send_started_at = null, payload_hash = null, held_from = null, problem_code = null, problem_message = null,
      fence = fence + 1, lease_until = null, updated_at = clock_timestamp()
    where d.id = ${deliveryId} and d.state = any(${LIVE_STATES})`;
  return moved > 0;
}
