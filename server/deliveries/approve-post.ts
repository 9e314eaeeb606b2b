import type { PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import { unavailable } from '../errors.ts';
import type { ScheduledDelivery } from './schedule-post.ts';

export interface DecisionInput {
  postId: string;
  /** The revision that the person was shown. */
  rev: number;
  /** Hex of the content hash that the person was shown (`getPost().contentHash`). */
  contentHash: string;
  note?: string | undefined;
}

export interface Approved {
  postId: string;
  rev: number;
  deliveries: ScheduledDelivery[];
  /** The due time of at least one delivery had passed: it goes out now. */
  goesOutNow: boolean;
}

/**
 * A person's yes to one exact revision. Only an owner or editor, only in the browser.
 * What waits becomes `scheduled`; where the due time has passed it goes out now. Approving twice changes nothing.
 * @throws AppError NotFound; NotAllowed for a viewer; Conflict `stale_revision` when the content is not what was shown,
 *   `nothing_waits` when nothing of this revision waits for approval
 */
export async function approvePost(
  _context: Context,
  _caller: PersonCaller,
  _input: DecisionInput,
): Promise<Approved> {
  throw unavailable({ code: 'unavailable', message: 'Approving is not ready.' });
}
