import { assertMayWrite, type PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { decidePost, type DecisionInput } from './decide-post.ts';
import { markGivenUp, mayBeLive } from './give-up-delivery.ts';
import type { ScheduledDelivery } from './schedule-post.ts';

export interface Rejected {
  postId: string;
  rev: number;
  deliveries: ScheduledDelivery[];
}

/**
 * A person's no to one exact revision: what waits becomes `cancelled`, with the note where the client sees it; what the
 * network may have, whole or in part, is given up.
 * Rejecting twice changes nothing.
 * @throws AppError as `approvePost`
 */
export async function rejectPost(
  context: Context,
  caller: PersonCaller,
  input: DecisionInput,
): Promise<Rejected> {
  assertMayWrite(caller);
  return context.db.$transaction(async (tx) => {
    const { post, waiting } = await decidePost(tx, caller, input, 'rejected');
    const [live, unsent] = [waiting.filter(mayBeLive), waiting.filter((one) => !mayBeLive(one))];
    await markGivenUp(
      tx,
      live.map(({ id }) => id),
    );
    if (unsent.length > 0) {
      await tx.$executeRaw`
        update delivery set state = 'cancelled', problem_code = 'rejected',
          problem_message = ${toMessage(input.note)}, updated_at = clock_timestamp()
        where id = any(${unsent.map(({ id }) => id)})`;
    }
    return {
      postId: post.id,
      rev: post.rev,
      deliveries: post.deliveries.map((delivery) => ({
        deliveryId: delivery.id,
        channelId: delivery.channelId,
        state: live.includes(delivery) ? 'failed' : unsent.includes(delivery) ? 'cancelled' : delivery.state,
      })),
    };
  });
}

function toMessage(note: string | undefined): string {
  return note ? `A person refused this revision: ${note}` : 'A person refused this revision.';
}
