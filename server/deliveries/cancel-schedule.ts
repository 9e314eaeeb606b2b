import { recordActivity } from '../activity/record-activity.ts';
import { assertMayWrite, type Caller, type PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict } from '../errors.ts';
import { IN_HANDS_STATES, mostUrgent, type DeliveryState } from './delivery-state.ts';
import { markGivenUp, mayBeLive } from './give-up-delivery.ts';
import { lockPost, type LockedDelivery, type LockedPost } from './lock-post.ts';
import { recordDecision } from './record-decision.ts';
import { takeOffSchedule } from './take-off-schedule.ts';

export interface CancelInput {
  postId: string;
  /** Only what goes out under this connection. */
  onlyUnderConnectionId?: string | undefined;
}

export interface ScheduleCancelled {
  /** The post's state afterwards. */
  state: DeliveryState;
  cancelledChannelIds: string[];
}

const WAITING_STATES: ReadonlySet<string> = new Set(['scheduled', 'awaiting_approval', 'held']);

/**
 * Takes a post off the schedule on every channel where it waits; it stays a draft, or is given up where the network may have
 * it, whole or in part. Again: changes nothing.
 * @throws AppError NotFound; NotAllowed for a viewer; Conflict `under_way` when it is going out at this moment
 */
export async function cancelSchedule(
  context: Context,
  caller: Caller,
  input: CancelInput,
): Promise<ScheduleCancelled> {
  assertMayWrite(caller);
  return context.db.$transaction(async (tx) => {
    const post = await lockPost(tx, caller, input.postId);
    const { onlyUnderConnectionId: connectionId } = input;
    const waiting = post.deliveries.filter(
      (delivery) =>
        WAITING_STATES.has(delivery.state) &&
        (connectionId === undefined || delivery.scheduledByConnectionId === connectionId),
    );
    if (waiting.length === 0 && post.deliveries.some(({ state }) => IN_HANDS_STATES.has(state))) {
      throw conflict({
        code: 'under_way',
        isRetriable: true,
        message: 'The post is going out at this moment and cannot be stopped. Look at it again in a minute.',
      });
    }
    if (caller.kind === 'person' && waiting.length > 0) await recordWithdrawal(tx, caller, post, waiting);
    const [live, unsent] = [waiting.filter(mayBeLive), waiting.filter((one) => !mayBeLive(one))];
    await markGivenUp(
      tx,
      live.map(({ id }) => id),
    );
    await takeOffSchedule(
      tx,
      unsent.map(({ id }) => id),
    );
    return {
      state: mostUrgent(
        post.deliveries.map((delivery) => {
          if (unsent.includes(delivery)) return 'draft';
          return live.includes(delivery) ? 'failed' : delivery.state;
        }),
      ),
      cancelledChannelIds: waiting.map(({ channelId }) => channelId),
    };
  });
}

/**
 * A tool's call is put on record by its guard, a person's here. What a person takes off the schedule goes back on it only
 * with a person's yes, so an earlier yes ends; unless the post is still to go out elsewhere.
 */
async function recordWithdrawal(
  tx: Transaction,
  caller: PersonCaller,
  post: LockedPost,
  takenOff: readonly LockedDelivery[],
): Promise<void> {
  await recordActivity({ db: tx }, { caller, action: 'post.cancelled', target: post.id, result: 'ok' });
  const isStillGoingOut = post.deliveries.some(
    (delivery) =>
      !takenOff.includes(delivery) &&
      (WAITING_STATES.has(delivery.state) || IN_HANDS_STATES.has(delivery.state)),
  );
  if (isStillGoingOut) return;
  await recordDecision(tx, caller, post, { decision: 'rejected', note: 'Taken off the schedule.' });
}
