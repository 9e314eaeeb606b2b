import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { unavailable } from '../errors.ts';
import type { DeliveryState } from './delivery-state.ts';

export interface ScheduleCancelled {
  /** The post's state afterwards. */
  state: DeliveryState;
  cancelledChannelIds: string[];
}

/**
 * Takes a post off the schedule on every channel where it waits; it stays a draft. Again: changes nothing.
 * @throws AppError NotFound; NotAllowed for a viewer; Conflict `already_sent` when all of it is under way or out
 */
export async function cancelSchedule(
  _context: Context,
  _caller: Caller,
  _input: { postId: string },
): Promise<ScheduleCancelled> {
  throw unavailable({ code: 'unavailable', message: 'Cancelling is not ready.' });
}
