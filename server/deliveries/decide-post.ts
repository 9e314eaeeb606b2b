import { recordActivity } from '../activity/record-activity.ts';
import type { PersonCaller } from '../caller.ts';
import type { Transaction } from '../database/client.ts';
import { conflict } from '../errors.ts';
import { findRequest } from './find-request.ts';
import { waitsForDecision } from './delivery-state.ts';
import {
  assertContent,
  assertRevision,
  lockPost,
  type LockedDelivery,
  type LockedPost,
} from './lock-post.ts';
import { recordDecision } from './record-decision.ts';

export interface DecisionInput {
  postId: string;
  /** The revision that the person was shown. */
  rev: number;
  /** Hex of the content hash that the person was shown (`getPost().contentHash`). */
  contentHash: string;
  /** Where and when it would go out, as the person was shown (`placesOf`); not looked at when absent. */
  places?: string | undefined;
  note?: string | undefined;
}

/**
 * What a yes and a no share: the post is locked, says what the person was shown, and the decision is on record. It needs
 * something that waits: a delivery, or a request for this very revision that has not expired; whoever was asked, any owner
 * or editor may answer. Deciding the same twice finds nothing waiting and records nothing.
 * @throws AppError NotFound; Conflict `stale_revision`, `moved_meanwhile`, `request_expired` or `nothing_waits`
 */
export async function decidePost(
  tx: Transaction,
  caller: PersonCaller,
  input: DecisionInput,
  decision: 'approved' | 'rejected',
): Promise<{ post: LockedPost; waiting: LockedDelivery[] }> {
  const post = await lockPost(tx, caller, input.postId);
  assertRevision(post, input.rev, 'rev');
  assertContent(post, input.contentHash);
  const waiting = post.deliveries.filter(
    (delivery) => delivery.rev === post.rev && waitsForDecision(delivery),
  );
  // A no stops it wherever it was moved to.
  const isMoved = input.places !== undefined && input.places !== placesOf(waiting);
  const { teamId } = caller;
  const { id: postId, rev, contentHash } = post;
  const request = await findRequest(tx, { teamId, postId, rev, contentHash });
  const isAsked = waiting.length > 0 || request?.state === 'open';
  if (decision === 'approved' && isAsked && isMoved) throw movedMeanwhile();
  if (!isAsked && post.decision !== decision) throw request?.state === 'expired' ? expired() : nothingWaits();
  if (isAsked) {
    await recordActivity({ db: tx }, { caller, action: `post.${decision}`, target: post.id, result: 'ok' });
    await recordDecision(tx, caller, post, { decision, note: input.note });
  }
  return { post, waiting };
}

/** Deliveries with their due times as one text: a yes is to these, so a client that moves one meanwhile must not have it. */
export function placesOf(deliveries: readonly { id: string; dueAt: Date | null }[]): string {
  return deliveries
    .map(({ id, dueAt }) => `${id} ${dueAt?.toISOString() ?? ''}`)
    .toSorted()
    .join(', ');
}

/** The times in what `placesOf` made and a form brought back, by delivery; what is none of its making is passed over. */
export function readPlaces(places: string): Map<string, Date> {
  const found = [...places.matchAll(/(dlv_[0-9a-f]{32}) (\d{4}-[\d-]{5}T[\d:.]{12}Z)/g)];
  return new Map(
    found.flatMap(([, id, at]) => (Number.isNaN(Date.parse(at!)) ? [] : [[id!, new Date(at!)] as const])),
  );
}

/** For a yes that would be to other places than the person was shown. */
export function movedMeanwhile() {
  return conflict({
    code: 'moved_meanwhile',
    field: 'places',
    message: 'The post was moved to another time or channel while you looked at it. Look again, then decide.',
  });
}

function expired() {
  return conflict({
    code: 'request_expired',
    message:
      'The request to approve this post has expired, so it can no longer be answered. Whoever wants it approved asks again.',
  });
}

function nothingWaits() {
  return conflict({
    code: 'nothing_waits',
    message:
      'Nothing of this post waits for a decision. It may have been taken off the schedule, or decided already.',
  });
}
