import { assertMayWrite, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { invalidInput } from '../errors.ts';
import { formatLocalTime } from '../posts/local-time.ts';
import { readPostTime, type PostTime } from '../posts/post-time.ts';
import { approvalUrl } from '../posts/post-urls.ts';
import { assertMayBePlaced, chooseDeliveries } from './choose-deliveries.ts';
import { mostUrgent, UNDER_WAY_STATES, type DeliveryState } from './delivery-state.ts';
import { explainWaiting, type WaitingReason } from './explain-waiting.ts';
import { findNeighbours, type Neighbour } from './find-neighbours.ts';
import { judgePlacement } from './judge-placement.ts';
import { assertRevision, isUnder, lockPost, type LockedDelivery, type LockedPost } from './lock-post.ts';
import { notifyDue } from './notify-due.ts';
import { placeDeliveries } from './place-deliveries.ts';
import { recordDecision } from './record-decision.ts';

export interface ScheduleInput {
  postId: string;
  /** The revision that the caller has seen; another one is refused. */
  expectedRev: number;
  /** RFC 3339 with an offset, or a wall time without one, read in `timeZone`. */
  at: string;
  /** IANA name; the team's zone when absent. */
  timeZone?: string | undefined;
  /** The post's channels to schedule; all of them when absent. */
  onlyChannelIds?: string[] | undefined;
}

export interface ScheduledDelivery {
  deliveryId: string;
  channelId: string;
  state: DeliveryState;
}

export interface ScheduleWarning {
  code: 'clash' | 'duplicate' | 'ambiguous_time' | 'channel_needs_reconnect';
  message: string;
}

export interface Scheduled {
  /** The most urgent state among the deliveries concerned. */
  state: DeliveryState;
  at: Date;
  timeZone: string;
  /** For people: weekday, date, time and zone. */
  localTime: string;
  /** Where a person approves; null when nobody must. */
  approvalUrl: string | null;
  /** The policy rule because of which a person must, in words; null when nobody must or a person refused it before. */
  approvalReason: WaitingReason | null;
  deliveries: ScheduledDelivery[];
  warnings: ScheduleWarning[];
}

/**
 * Schedules or moves a post. The same call again changes nothing.
 * A person who schedules says yes to the revision by it; a connection is held to the team's rules, channel by channel.
 * @throws AppError NotFound; NotAllowed for a viewer, or (`policy_denied`) by a rule; InvalidInput for a time that has passed or does not exist
 *   (`time_passed`, `nonexistent_time`, ...) or a caption that breaks a rule (`caption_breaks_rule`);
 *   Conflict (`stale_revision`, `under_way`, `outcome_unknown`, `already_published`, `campaign_paused`, ...)
 */
export async function schedulePost(
  context: Context,
  caller: Caller,
  input: ScheduleInput,
): Promise<Scheduled> {
  assertMayWrite(caller);
  return context.db.$transaction(async (tx) => {
    const post = await lockPost(tx, caller, input.postId);
    assertRevision(post, input.expectedRev);
    const time = readPostTime(input.at, input.timeZone ?? post.timeZone);
    const chosen = chooseDeliveries(post, input.onlyChannelIds);
    const toPlace = chosen.filter((delivery) => !isPlaced(caller, post, delivery, time.at));
    if (toPlace.length > 0) {
      assertNotPassed(time, post.now);
      for (const delivery of toPlace) assertMayBePlaced(post, delivery);
      if (caller.kind === 'person' && post.decision !== 'approved') {
        await recordDecision(tx, caller, post, { decision: 'approved' });
      }
      const placed = await judgePlacement(context, tx, caller, post, toPlace, { tool: TOOL, dueAt: time.at });
      const { lateLimitSeconds } = context.config.publishing;
      const tool = caller.kind === 'person' ? null : TOOL;
      await placeDeliveries(tx, caller, placed, { tool, rev: post.rev, time, lateLimitSeconds });
      for (const { delivery, state, rule } of placed) Object.assign(delivery, { state, policyRule: rule });
      await notifyDue(tx);
    }
    const deliveries = chosen.map(({ id, channelId, state }) => ({ deliveryId: id, channelId, state }));
    const states = deliveries.map((delivery) => delivery.state);
    return {
      state: mostUrgent(states),
      at: time.at,
      timeZone: time.timeZone,
      localTime: formatLocalTime(time.at, time.timeZone),
      approvalUrl: states.includes('awaiting_approval') ? approvalUrl(context, post.id) : null,
      approvalReason: await explainWaiting(context, caller, post, chosen),
      deliveries,
      warnings: toWarnings(time, chosen, await findNeighbours(tx, caller.teamId, post, chosen, time.at)),
    };
  });
}

/** The same call came before: it is on the calendar as asked, or has gone out since. */
function isPlaced(caller: Caller, post: LockedPost, delivery: LockedDelivery, at: Date): boolean {
  const isAsAsked = delivery.rev === post.rev && delivery.dueAt?.getTime() === at.getTime();
  const isWaiting = delivery.state === 'scheduled' || delivery.state === 'awaiting_approval';
  return isAsAsked && (UNDER_WAY_STATES.has(delivery.state) || (isWaiting && isUnder(caller, delivery)));
}

const TOOL = 'schedule_post';
const GRACE_MS = 60_000;

function assertNotPassed(time: PostTime, now: Date): void {
  if (time.at.getTime() >= now.getTime() - GRACE_MS) return;
  throw invalidInput({
    code: 'time_passed',
    field: 'at',
    message: `This time has passed: it is ${formatLocalTime(now, time.timeZone)} now. Give a time that is still to come.`,
  });
}

function toWarnings(
  time: PostTime,
  chosen: readonly LockedDelivery[],
  neighbours: readonly Neighbour[],
): ScheduleWarning[] {
  const warnings: ScheduleWarning[] = neighbours.map(({ postId, channelId, isDuplicate }) =>
    isDuplicate
      ? {
          code: 'duplicate',
          message: `Post ${postId} says the very same on channel ${channelId} within 24 hours.`,
        }
      : { code: 'clash', message: `Post ${postId} goes out on channel ${channelId} within 5 minutes of it.` },
  );
  if (time.isAmbiguous) {
    const message =
      'Clocks go back, so this time occurs twice; the first was taken. Give an offset for the second.';
    warnings.push({ code: 'ambiguous_time', message });
  }
  for (const { channelId } of chosen.filter(({ channelStatus }) => channelStatus !== 'ok')) {
    const message = `Channel ${channelId} must be linked again in the dashboard before the post can go out.`;
    warnings.push({ code: 'channel_needs_reconnect', message });
  }
  return warnings;
}
