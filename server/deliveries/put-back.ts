import type { Context } from '../context.ts';
import type { ClaimedDelivery } from './claim-delivery.ts';

/**
 * A worker that failed over it, and lives: it lets go of what it holds, so that nobody has to take it for dead when the lease
 * ends. What is being sent is left to its lease: nobody knows what became of it. Nothing when it is no longer ours.
 * @param waitSeconds from now by PostgreSQL's clock
 */
export async function putBack(
  { db }: Pick<Context, 'db'>,
  { id, fence }: ClaimedDelivery,
  waitSeconds: number,
): Promise<void> {
  await db.$executeRaw`
    update delivery set state = case state when 'unknown' then state else 'scheduled' end,
      not_before = clock_timestamp() + make_interval(secs => ${waitSeconds}::float8),
      lease_until = null, hinted_at = null, updated_at = clock_timestamp()
    where id = ${id} and fence = ${fence} and lease_until is not null and state in ('claimed', 'prepared', 'unknown')`;
}
