import { assertMayWrite, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notAllowed } from '../errors.ts';
import { approvalUrl } from '../posts/post-urls.ts';
import { assertMayBePlaced, chooseDeliveries, isSchedulable } from './choose-deliveries.ts';
import { explainWaiting, type WaitingReason } from './explain-waiting.ts';
import { UNDER_WAY_STATES, type DeliveryState } from './delivery-state.ts';
import { assertRevision, isUnder, lockPost, type LockedDelivery, type LockedPost } from './lock-post.ts';
import { placeNow } from './place-now.ts';
import { preparePictures } from './prepare-pictures.ts';

export interface PublishInput {
  postId: string;
  expectedRev: number;
  onlyChannelIds?: string[] | undefined;
}

export interface PublishStarted {
  deliveries: { channelId: string; state: DeliveryState; url: string | null }[];
  /** Where a person approves what a rule asks about; null when nobody must. */
  approvalUrl: string | null;
  /** The rule, in words. */
  approvalReason: WaitingReason | null;
  /** Seconds after which looking again makes sense; 0 when all is settled or waits for a person. */
  pollAfterSeconds: number;
}

const POLL_AFTER_SECONDS = 3;
const REST_STATES: ReadonlySet<string> = new Set(['published', 'needs_attention', 'awaiting_approval']);

/**
 * Publishes now, in the background, at most once per channel. The same call again changes nothing and tells the states.
 * Where a rule asks for a person it goes out as soon as one has approved it.
 * @throws AppError as `schedulePost`; NotAllowed (`insufficient_scope`) for a connection without `posts:publish`,
 *   or (`policy_denied`) by a rule;
 *   Conflict (`rejected`) for a revision that a person refused, `channel_needs_reconnect`
 */
export async function publishPost(
  context: Context,
  caller: Caller,
  input: PublishInput,
): Promise<PublishStarted> {
  assertMayWrite(caller);
  assertMayPublish(caller);
  const { postId, expectedRev: rev, onlyChannelIds } = input;
  await preparePictures(context, caller, { postId, rev, onlyChannelIds });
  return context.db.$transaction(async (tx) => {
    const post = await lockPost(tx, caller, input.postId);
    assertRevision(post, input.expectedRev);
    const chosen = chooseDeliveries(post, input.onlyChannelIds);
    const toPlace = chosen.filter((delivery) => !isPublishing(caller, post, delivery));
    if (toPlace.length > 0) {
      for (const delivery of toPlace) assertMayBePlaced(post, delivery);
      await placeNow(context, tx, caller, post, toPlace);
    }
    const deliveries = chosen.map(({ channelId, state, url }) => ({ channelId, state, url }));
    const isSettled = deliveries.every(({ state }) => REST_STATES.has(state));
    const isAsked = deliveries.some(({ state }) => state === 'awaiting_approval');
    return {
      deliveries,
      approvalUrl: isAsked ? approvalUrl(context, post.id) : null,
      approvalReason: await explainWaiting(context, caller, post, chosen),
      pollAfterSeconds: isSettled ? 0 : POLL_AFTER_SECONDS,
    };
  });
}

/** The same call came before: it goes out now under the caller, or has gone out. */
function isPublishing(caller: Caller, post: LockedPost, delivery: LockedDelivery): boolean {
  if (delivery.rev !== post.rev) return false;
  if (UNDER_WAY_STATES.has(delivery.state)) return !isSchedulable(delivery);
  const isPlaced = delivery.state === 'scheduled' || delivery.state === 'awaiting_approval';
  return isPlaced && delivery.dueAt! <= post.now && isUnder(caller, delivery);
}

function assertMayPublish(caller: Caller): void {
  if (caller.kind === 'person' || caller.scopes.has('posts:publish')) return;
  throw notAllowed({
    code: 'insufficient_scope',
    message: 'This connection may not publish without asking. Schedule the post, and a person approves it.',
  });
}
