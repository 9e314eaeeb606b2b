import type { Transaction } from '../database/client.ts';

/** Makes drafts of deliveries, whatever they waited for: no time, no authority, no problem. */
export async function takeOffSchedule(tx: Transaction, deliveryIds: readonly string[]): Promise<void> {
  await tx.$executeRaw`
    update delivery set state = 'draft', due_at = null, time_zone = null, local_time = null, not_before = null,
      not_after = null, scheduled_at = null, scheduled_by_connection_id = null, scheduled_by_person_id = null,
      scheduled_by_tool = null, policy_rule = null, held_from = null, hinted_at = null, problem_code = null,
      problem_message = null, updated_at = clock_timestamp()
    where id = any(${[...deliveryIds]})`;
}
