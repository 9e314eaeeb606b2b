import { assertMayWrite, type PersonCaller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { decidePost, type DecisionInput } from './decide-post.ts';
import type { DeliveryState } from './delivery-state.ts';
import type { LockedDelivery } from './lock-post.ts';
import { notifyDue } from './notify-due.ts';
import { PROBLEMS } from './problems.ts';
import type { ScheduledDelivery } from './schedule-post.ts';

export interface Approved {
  postId: string;
  rev: number;
  deliveries: ScheduledDelivery[];
  /** The due time of at least one delivery had passed: it goes out now. */
  goesOutNow: boolean;
  /** Nothing of it is on the calendar: whoever schedules this revision need not ask again. */
  isUntimed: boolean;
  /** What waited cannot go out: its connection was revoked, or its channel is no longer linked. */
  isHeld: boolean;
}

/**
 * A person's yes to one exact revision. Only an owner or editor, only in the browser.
 * What waits becomes `scheduled`; where the due time has passed it goes out now, and the late limit counts from the yes.
 * Under a connection revoked meanwhile, or on a channel disconnected meanwhile, it becomes `held`. Approving twice changes nothing.
 * @throws AppError NotFound; NotAllowed for a viewer; Conflict `stale_revision` when the content is not what was shown,
 *   `nothing_waits` when nothing of this revision waits for approval, `request_expired` when nobody answered in time
 */
export async function approvePost(
  context: Context,
  caller: PersonCaller,
  input: DecisionInput,
): Promise<Approved> {
  assertMayWrite(caller);
  return context.db.$transaction(async (tx) => {
    const { post, waiting } = await decidePost(tx, caller, input, 'approved');
    if (waiting.length > 0) {
      await release(tx, waiting, context.config.publishing.lateLimitSeconds);
      await notifyDue(tx);
    }
    const deliveries = await tx.delivery.findMany({ where: { postId: post.id }, orderBy: { id: 'asc' } });
    const states = new Map(deliveries.map(({ id, state }) => [id, state as DeliveryState]));
    const released = waiting.filter(({ id }) => states.get(id) === 'scheduled');
    return {
      postId: post.id,
      rev: post.rev,
      deliveries: deliveries.map(({ id, channelId, state }) => ({
        deliveryId: id,
        channelId,
        state: state as DeliveryState,
      })),
      isUntimed: ![...states.values()].some((state) => ON_CALENDAR.has(state)),
      isHeld: waiting.length > 0 && released.length === 0,
      goesOutNow: released.some(({ dueAt }) => dueAt !== null && dueAt <= post.now),
    };
  });
}

const ON_CALENDAR: ReadonlySet<DeliveryState> = new Set([
  'awaiting_approval',
  'scheduled',
  'held',
  'claimed',
  'prepared',
  'sending',
]);

async function release(
  tx: Transaction,
  deliveries: LockedDelivery[],
  lateLimitSeconds: number,
): Promise<void> {
  await tx.$executeRaw`
    update delivery d set
      state = case when c.revoked_at is null and ch.disconnected_at is null then 'scheduled' else 'held' end,
      problem_code = case when c.revoked_at is not null then 'connection_revoked'
        when ch.disconnected_at is not null then 'channel_disconnected' end,
      problem_message = case when c.revoked_at is not null then ${PROBLEMS.connection_revoked}
        when ch.disconnected_at is not null then ${PROBLEMS.channel_disconnected} end,
      not_before = greatest(d.due_at, d.not_before, clock_timestamp()),
      not_after = greatest(d.due_at, clock_timestamp()) + make_interval(secs => ${lateLimitSeconds}::float8),
      hinted_at = null, updated_at = clock_timestamp()
    from delivery self join channel ch on ch.id = self.channel_id
      left join connection c on c.id = self.scheduled_by_connection_id
    where self.id = d.id and d.id = any(${deliveries.map(({ id }) => id)})`;
}
