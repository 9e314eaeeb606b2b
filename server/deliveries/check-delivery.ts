import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict } from '../errors.ts';
import { IN_HANDS_STATES, OVER_STATES } from './delivery-state.ts';
import { readGuarantee } from './guarantee-of.ts';
import type { LockedDelivery } from './lock-post.ts';
import { notifyDue } from './notify-due.ts';
import { MAX_RESENDS } from './settle-read-back.ts';

/**
 * A worker asks the network now what became of an unclear send. What had been settled as unclear already is only looked for,
 * never sent again by this. Reads that found nothing count anew, so that two of them still lie a quarantine apart.
 * @returns whether anything was to be done
 * @throws AppError Conflict (`nothing_unclear`, `cannot_be_asked`)
 */
export async function checkDelivery(
  context: Context,
  tx: Transaction,
  delivery: LockedDelivery,
): Promise<boolean> {
  const { state, isMaybeSent } = delivery;
  if (OVER_STATES.has(state) || IN_HANDS_STATES.has(state)) return false;
  // What is to be sent again under its own key is found on the way.
  if (state === 'scheduled' && isMaybeSent) return false;
  if (!isMaybeSent) throw nothingUnclear();
  if ((await readGuarantee(context, tx, delivery)) === 'none') throw cannotBeAsked();
  const moved = await tx.$executeRaw`
    update delivery set state = 'unknown', not_before = clock_timestamp(), hinted_at = null, lease_until = null,
      resend_count = case when state = 'unknown' then resend_count else ${MAX_RESENDS}::int end,
      empty_read_count = 0, retry_count = 0, crash_count = 0, held_from = null, problem_code = null, problem_message = null, updated_at = clock_timestamp()
    where id = ${delivery.id} and (state <> 'unknown' or not_before > clock_timestamp())
      and (lease_until is null or lease_until <= clock_timestamp())`;
  if (moved > 0) await notifyDue(tx);
  return moved > 0;
}

function nothingUnclear() {
  return conflict({
    code: 'nothing_unclear',
    message: 'Nothing about this delivery is unclear: the network surely does not have it.',
    nextStep: 'Call get_post for its problem. Correct that, then use action retry or schedule_post.',
  });
}

function cannotBeAsked() {
  return conflict({
    code: 'cannot_be_asked',
    message: 'This network cannot be asked about a post.',
    nextStep: 'Ask the person to look at the network, then use record_as_posted or give_up.',
  });
}
