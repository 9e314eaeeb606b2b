import type { Context } from '../context.ts';
import { PROBLEMS } from './problems.ts';

/**
 * What was held until it was too late. What waits for a worker is judged when it is claimed, and what waits for an approval
 * may still be approved: its late limit counts from the approval. What the network may have stays held: nobody knows that it
 * was not sent.
 */
export async function missLateDeliveries(context: Context): Promise<number> {
  return context.db.$executeRaw`
    update delivery set state = 'missed', problem_code = 'too_late', updated_at = clock_timestamp(),
      problem_message = ${PROBLEMS.too_late} || ' It had been held: ' || coalesce(problem_message, problem_code)
    where state = 'held' and problem_code is distinct from 'policy_needs_person'
      and held_from is distinct from 'awaiting_approval' and not_after < (select clock_timestamp())
      and send_started_at is null
      and not exists (select from delivery_part p where p.delivery_id = delivery.id and p.remote_id is not null)`;
}
