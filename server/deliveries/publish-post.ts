import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { unavailable } from '../errors.ts';
import type { DeliveryState } from './delivery-state.ts';

export interface PublishInput {
  postId: string;
  expectedRev: number;
  onlyChannelIds?: string[] | undefined;
}

export interface PublishStarted {
  deliveries: { channelId: string; state: DeliveryState; url: string | null }[];
  /** Seconds after which looking again makes sense; 0 when all is settled. */
  pollAfterSeconds: number;
}

/**
 * Publishes now, in the background, at most once per channel. The same call again changes nothing and tells the states.
 * @throws AppError as `schedulePost`; NotAllowed for a connection without `posts:publish`
 */
export async function publishPost(
  _context: Context,
  _caller: Caller,
  _input: PublishInput,
): Promise<PublishStarted> {
  throw unavailable({ code: 'unavailable', message: 'Publishing is not ready.' });
}
