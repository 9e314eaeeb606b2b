import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { unavailable } from '../errors.ts';
import type { DecisionInput } from './approve-post.ts';
import type { ScheduledDelivery } from './schedule-post.ts';

export interface Rejected {
  postId: string;
  rev: number;
  deliveries: ScheduledDelivery[];
}

/**
 * A person's no to one exact revision: what waits becomes `cancelled`, with the note where the client sees it.
 * @throws AppError as `approvePost`
 */
export async function rejectPost(
  _context: Context,
  _caller: PersonCaller,
  _input: DecisionInput,
): Promise<Rejected> {
  throw unavailable({ code: 'unavailable', message: 'Rejecting is not ready.' });
}
