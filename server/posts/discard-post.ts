import { recordActivity } from '../activity/record-activity.ts';
import { assertMayWrite, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { mostUrgent, type DeliveryState } from '../deliveries/delivery-state.ts';
import { findObstacle, obstacleConflict } from '../deliveries/find-obstacle.ts';
import { assertRevision, lockPost, type LockedPost } from '../deliveries/lock-post.ts';
import { recordDecision } from '../deliveries/record-decision.ts';
import { takeOffSchedule } from '../deliveries/take-off-schedule.ts';
import { notFound } from '../errors.ts';
import { restorableUntil } from './discarded-conflict.ts';

export interface DiscardInput {
  postId: string;
  /** The revision that the caller has seen. */
  expectedRev: number;
  /** Takes it out of the trash instead. */
  restore?: boolean | undefined;
}

export interface PostDiscarded {
  /** Of the post, or discarded. */
  state: DeliveryState | 'discarded';
  /** Null when it is not in the trash. */
  restorableUntil: Date | null;
}

/**
 * Puts a post of which nothing went out into the trash, off the schedule on every channel, or takes it out again as a
 * draft. The same again changes nothing.
 * @throws AppError NotFound, also for what has been in the trash too long; NotAllowed for a viewer;
 *   Conflict (`stale_revision`, `already_published`, `under_way`, `outcome_unknown`)
 */
export async function discardPost(
  context: Context,
  caller: Caller,
  input: DiscardInput,
): Promise<PostDiscarded> {
  assertMayWrite(caller);
  const isRestore = input.restore ?? false;
  return context.db.$transaction(async (tx) => {
    const post = await lockPost(tx, caller, input.postId, { isTrashIncluded: true });
    if (post.discardedAt && restorableUntil(post.discardedAt) <= post.now) throw gone(post.id);
    if ((post.discardedAt !== null) === !isRestore) return describe(post);
    assertRevision(post, input.expectedRev);
    return isRestore ? restore(tx, caller, post) : discard(tx, caller, post);
  });
}

async function discard(tx: Transaction, caller: Caller, post: LockedPost): Promise<PostDiscarded> {
  for (const delivery of post.deliveries) {
    const obstacle = findObstacle(delivery, post.now);
    if (!obstacle) continue;
    throw obstacleConflict(obstacle, {
      channelId: delivery.channelId,
      consequence: 'put into the trash',
      nextStep: obstacle.isPassing
        ? 'Call get_post in a minute for what became of it.'
        : 'Leave it. What has not gone out on other channels is taken off with cancel_schedule.',
    });
  }
  await takeOffSchedule(
    tx,
    post.deliveries.filter(({ state }) => state !== 'draft').map(({ id }) => id),
  );
  await tx.$executeRaw`
    update post set discarded_at = ${post.now}, updated_at = clock_timestamp() where id = ${post.id}`;
  if (caller.kind === 'person') {
    await recordActivity({ db: tx }, { caller, action: 'post.discarded', target: post.id, result: 'ok' });
    // What a person throws away goes out only with a person's yes, should a client take it out again.
    await recordDecision(tx, caller, post, { decision: 'rejected', note: 'Put into the trash.' });
  }
  return describe({ ...post, discardedAt: post.now });
}

async function restore(tx: Transaction, caller: Caller, post: LockedPost): Promise<PostDiscarded> {
  await tx.$executeRaw`
    update post set discarded_at = null, updated_at = clock_timestamp() where id = ${post.id}`;
  if (caller.kind === 'person') {
    await recordActivity({ db: tx }, { caller, action: 'post.restored', target: post.id, result: 'ok' });
  }
  return describe({ ...post, discardedAt: null });
}

function describe({ discardedAt, deliveries }: LockedPost): PostDiscarded {
  if (discardedAt) return { state: 'discarded', restorableUntil: restorableUntil(discardedAt) };
  return { state: mostUrgent(deliveries.map(({ state }) => state)), restorableUntil: null };
}

function gone(postId: string) {
  return notFound({
    code: 'not_found',
    field: 'post_id',
    message: `There is no post ${postId} in this team.`,
  });
}
