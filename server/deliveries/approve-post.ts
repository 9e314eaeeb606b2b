import { recordActivity } from '../activity/record-activity.ts';
import { assertMayWrite, type PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict } from '../errors.ts';
import { waitsForDecision, type DeliveryState } from './delivery-state.ts';
import { assertRevision, lockPost, type LockedDelivery, type LockedPost } from './lock-post.ts';
import { notifyDue } from './notify-due.ts';
import { PROBLEMS } from './problems.ts';
import { recordDecision } from './record-decision.ts';
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
 * What waits becomes `scheduled`; where the due time has passed it goes out now, and the late limit counts from the yes.
 * Under a connection revoked meanwhile it becomes `held`. Approving twice changes nothing.
 * @throws AppError NotFound; NotAllowed for a viewer; Conflict `stale_revision` when the content is not what was shown,
 *   `nothing_waits` when nothing of this revision waits for approval
 */
export async function approvePost(
  context: Context,
  caller: PersonCaller,
  input: DecisionInput,
): Promise<Approved> {
  assertMayWrite(caller);
  return context.db.$transaction(async (tx) => {
    const post = await lockPost(tx, caller, input.postId);
    assertShownContent(post, input);
    const waiting = post.deliveries.filter(
      (delivery) => delivery.rev === post.rev && waitsForDecision(delivery),
    );
    if (waiting.length === 0 && post.decision !== 'approved') throw nothingWaits();
    if (waiting.length > 0) {
      await recordActivity({ db: tx }, { caller, action: 'post.approved', target: post.id, result: 'ok' });
      await recordDecision(tx, caller, post, { decision: 'approved', note: input.note });
      await release(tx, waiting, context.config.publishing.lateLimitSeconds);
      await notifyDue(tx);
    }
    const deliveries = await tx.delivery.findMany({ where: { postId: post.id }, orderBy: { id: 'asc' } });
    return {
      postId: post.id,
      rev: post.rev,
      deliveries: deliveries.map(({ id, channelId, state }) => ({
        deliveryId: id,
        channelId,
        state: state as DeliveryState,
      })),
      goesOutNow: waiting.some(({ dueAt }) => dueAt !== null && dueAt <= post.now),
    };
  });
}

/** @throws AppError Conflict (`stale_revision`) unless the post says exactly what the person was shown */
export function assertShownContent(post: LockedPost, shown: DecisionInput): void {
  assertRevision(post, shown.rev, 'rev');
  if (Buffer.from(post.contentHash).toString('hex') === shown.contentHash) return;
  throw conflict({
    code: 'stale_revision',
    field: 'content_hash',
    message: 'The post does not say what was shown. Look at it again, then decide.',
  });
}

export function nothingWaits() {
  return conflict({
    code: 'nothing_waits',
    message:
      'Nothing of this post waits for a decision. It may have been taken off the schedule, or decided already.',
  });
}

async function release(
  tx: Transaction,
  deliveries: LockedDelivery[],
  lateLimitSeconds: number,
): Promise<void> {
  await tx.$executeRaw`
    update delivery d set
      state = case when c.revoked_at is null then 'scheduled' else 'held' end,
      problem_code = case when c.revoked_at is null then null else 'connection_revoked' end,
      problem_message = case when c.revoked_at is null then null else ${PROBLEMS.connection_revoked} end,
      not_before = greatest(d.due_at, clock_timestamp()),
      not_after = greatest(d.due_at, clock_timestamp()) + make_interval(secs => ${lateLimitSeconds}::float8),
      hinted_at = null, updated_at = clock_timestamp()
    from delivery self left join connection c on c.id = self.scheduled_by_connection_id
    where self.id = d.id and d.id = any(${deliveries.map(({ id }) => id)})`;
}
