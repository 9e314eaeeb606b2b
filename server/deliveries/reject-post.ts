import { assertMayWrite, type PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { decidePost, type DecisionInput } from './decide-post.ts';
import type { ScheduledDelivery } from './schedule-post.ts';

export interface Rejected {
  postId: string;
  rev: number;
  deliveries: ScheduledDelivery[];
}

/**
 * A person's no to one exact revision: what waits becomes `cancelled`, with the note where the client sees it.
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
    if (waiting.length > 0) {
      await tx.$executeRaw`
        update delivery set state = 'cancelled', problem_code = 'rejected',
          problem_message = ${toMessage(input.note)}, updated_at = clock_timestamp()
        where id = any(${waiting.map(({ id }) => id)})`;
    }
    return {
      postId: post.id,
      rev: post.rev,
      deliveries: post.deliveries.map((delivery) => ({
        deliveryId: delivery.id,
        channelId: delivery.channelId,
        state: waiting.includes(delivery) ? 'cancelled' : delivery.state,
      })),
    };
  });
}

function toMessage(note: string | undefined): string {
  return note ? `A person refused this revision: ${note}` : 'A person refused this revision.';
}
