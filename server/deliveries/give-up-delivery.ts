import type { Transaction } from '../database/client.ts';
import { conflict } from '../errors.ts';
import { SETTLEABLE_STATES } from './delivery-state.ts';
import type { LockedDelivery } from './lock-post.ts';
import { PROBLEMS } from './problems.ts';

/**
 * Ends a delivery that stopped. What the network may have, whole or in part, ends as `failed` and keeps that mark, so that
 * nothing sends it again unasked; the rest is `cancelled`. What is known about it stays.
 * @returns false when it has ended already
 * @throws AppError Conflict (`under_way`, `already_published`, `nothing_stopped`)
 */
export async function giveUpDelivery(tx: Transaction, delivery: LockedDelivery): Promise<boolean> {
  const { state, problemCode } = delivery;
  if (state === 'cancelled' || (state === 'failed' && problemCode === 'given_up')) return false;
  if (!SETTLEABLE_STATES.has(state)) throw cannotEnd(delivery);
  if (mayBeLive(delivery)) {
    await markGivenUp(tx, [delivery.id]);
    return true;
  }
  await tx.$executeRaw`
    update delivery set state = 'cancelled', held_from = null, hinted_at = null, updated_at = clock_timestamp()
    where id = ${delivery.id}`;
  return true;
}

/** The network has it or may have it, whole or in part. */
export function mayBeLive({ isMaybeSent, isPartlyPublished }: LockedDelivery): boolean {
  return isMaybeSent || isPartlyPublished;
}

/** Nothing goes on with them, and it stays unknown whether the network has them. */
export async function markGivenUp(tx: Transaction, deliveryIds: readonly string[]): Promise<void> {
  const ids = [...deliveryIds];
  await tx.$executeRaw`
    with closed as (
      update attempt set outcome = 'interrupted', finished_at = clock_timestamp()
      where delivery_id = any(${ids}) and outcome is null
    )
    update delivery set state = 'failed', problem_code = 'given_up', problem_message = ${PROBLEMS.given_up},
      fence = fence + 1, lease_until = null, hinted_at = null, held_from = null, updated_at = clock_timestamp()
    where id = any(${ids})`;
}

/** Why a delivery in this state cannot be settled by hand. */
export function cannotEnd({ state }: LockedDelivery) {
  if (state === 'published' || state === 'taken_down') {
    return conflict({
      code: 'already_published',
      message: 'The post was published on this channel already.',
      nextStep: 'Call get_post for the link; to remove it call take_down_post.',
    });
  }
  if (state === 'claimed' || state === 'prepared' || state === 'sending') {
    return conflict({
      code: 'under_way',
      isRetriable: true,
      message: 'The post is going out on this channel at this moment.',
    });
  }
  return conflict({
    code: 'nothing_stopped',
    message: 'Nothing stopped on this channel, so there is nothing to settle.',
    nextStep: 'Call cancel_schedule to take a post off the calendar.',
  });
}
