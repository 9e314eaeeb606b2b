import { recordActivity } from '../activity/record-activity.ts';
import { assertMayWrite, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notAllowed, notFound } from '../errors.ts';
import { approvalUrl } from '../posts/post-urls.ts';
import { checkDelivery } from './check-delivery.ts';
import { movedMeanwhile, placesOf } from './decide-post.ts';
import type { DeliveryState } from './delivery-state.ts';
import { giveUpDelivery } from './give-up-delivery.ts';
import { assertContent, assertRevision, lockPost, type LockedPost } from './lock-post.ts';
import { preparePictures } from './prepare-pictures.ts';
import { readOutcome, type DeliveryOutcome } from './read-outcome.ts';
import { recordAsPosted } from './record-as-posted.ts';
import { retryDelivery } from './retry-delivery.ts';

export const RESOLVE_ACTIONS = ['check', 'retry', 'record_as_posted', 'give_up'] as const;
export type ResolveAction = (typeof RESOLVE_ACTIONS)[number];

export interface ResolveInput {
  postId: string;
  channelId: string;
  action: ResolveAction;
  /** record_as_posted: the post's address on the network. */
  permalink?: string | undefined;
  /** What the person was shown, who says yes to the whole revision by a retry; not looked at when absent. */
  shown?: ShownRevision | undefined;
  /** A person has looked and says that the network does not have it. */
  isConfirmed?: boolean | undefined;
}

export interface ShownRevision {
  rev: number;
  /** Hex (`getPost().contentHash`). */
  contentHash: string;
  /** Where and when its other channels would go out (`placesOf`). */
  otherPlaces: string;
}

export interface DeliveryResolved extends DeliveryOutcome {
  /** Where a person approves what a rule asks about; null when nobody must. */
  approvalUrl: string | null;
  /** Seconds after which looking again makes sense; 0 when it is settled or waits for a person. */
  pollAfterSeconds: number;
}

const MOVING_STATES: ReadonlySet<DeliveryState> = new Set([
  'scheduled',
  'claimed',
  'prepared',
  'sending',
  'unknown',
]);
const POLL_AFTER_SECONDS = 3;

/**
 * Settles a delivery that stopped. check: the network is asked now. retry: it goes out again, where nothing can be doubled.
 * record_as_posted: it is there, at this address. give_up: it ends. The same again changes nothing.
 * @throws AppError NotFound; NotAllowed for a viewer or without `posts:publish`; and as the four actions
 */
export async function resolveDelivery(
  context: Context,
  caller: Caller,
  input: ResolveInput,
): Promise<DeliveryResolved> {
  assertMayWrite(caller);
  if (caller.kind === 'connection' && !caller.scopes.has('posts:publish')) throw scopeMissing();
  const { postId, channelId, action } = input;
  if (action === 'retry') await readyPictures(context, caller, input);
  return context.db.$transaction(async (tx) => {
    const post = await lockPost(tx, caller, postId);
    if (input.shown) assertShown(post, channelId, input.shown);
    const delivery = post.deliveries.find((one) => one.channelId === channelId);
    if (!delivery) throw channelNotFound(channelId);
    const isChanged = {
      check: () => checkDelivery(context, tx, delivery),
      retry: () => retryDelivery(context, tx, caller, post, delivery, input.isConfirmed ?? false),
      record_as_posted: () => recordAsPosted(context, tx, caller, post, delivery, input.permalink),
      give_up: () => giveUpDelivery(tx, delivery),
    };
    if ((await isChanged[action]()) && caller.kind === 'person') {
      const detail = { action, channelId };
      const settled = { caller, action: 'post.settled', target: postId, result: 'ok', detail };
      await recordActivity({ db: tx }, settled);
    }
    const outcome = await readOutcome(tx, delivery.id);
    return {
      ...outcome,
      approvalUrl: outcome.state === 'awaiting_approval' ? approvalUrl(context, postId) : null,
      pollAfterSeconds: MOVING_STATES.has(outcome.state) ? POLL_AFTER_SECONDS : 0,
    };
  });
}

/** @throws AppError Conflict (`stale_revision`, `moved_meanwhile`) */
function assertShown(post: LockedPost, channelId: string, shown: ShownRevision): void {
  assertRevision(post, shown.rev, 'rev');
  assertContent(post, shown.contentHash);
  const others = post.deliveries.filter((delivery) => delivery.channelId !== channelId);
  if (shown.otherPlaces !== placesOf(others)) throw movedMeanwhile();
}

async function readyPictures(
  context: Context,
  caller: Caller,
  { postId, channelId }: ResolveInput,
): Promise<void> {
  const post = await context.db.post.findUnique({
    where: { teamId_id: { teamId: caller.teamId, id: postId } },
    select: { rev: true },
  });
  if (post) await preparePictures(context, caller, { postId, rev: post.rev, onlyChannelIds: [channelId] });
}

function scopeMissing() {
  return notAllowed({
    code: 'insufficient_scope',
    message: 'This connection may not publish, so it cannot settle deliveries either.',
  });
}

function channelNotFound(channelId: string) {
  return notFound({
    code: 'not_found',
    field: 'channel_id',
    message: `The post does not go to a channel ${channelId}.`,
    nextStep: 'Call get_post for the channels of this post.',
  });
}
