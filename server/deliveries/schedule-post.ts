import { assertMayWrite, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { conflict, invalidInput } from '../errors.ts';
import { formatLocalTime } from '../posts/local-time.ts';
import type { PostTime } from '../posts/post-time.ts';
import { approvalUrl } from '../posts/post-urls.ts';
import { assertMayBePlaced, chooseDeliveries } from './choose-deliveries.ts';
import { mostUrgent, OVER_STATES, UNDER_WAY_STATES, type DeliveryState } from './delivery-state.ts';
import { explainWaiting, type WaitingReason } from './explain-waiting.ts';
import { chooseTime, type WishedTime } from './choose-time.ts';
import { findNeighbours } from './find-neighbours.ts';
import { judgePlacement } from './judge-placement.ts';
import {
  assertContent,
  assertRevision,
  isUnder,
  lockPost,
  type LockedDelivery,
  type LockedPost,
} from './lock-post.ts';
import { notifyDue } from './notify-due.ts';
import { placeDeliveries } from './place-deliveries.ts';
import { assertPicturesReady, preparePictures } from './prepare-pictures.ts';
import { recordDecision } from './record-decision.ts';
import { toWarnings, type ScheduleWarning } from './schedule-warnings.ts';

export interface ScheduleInput extends WishedTime {
  postId: string;
  /** The revision that the caller has seen; another one is refused. */
  expectedRev: number;
  /** The post's channels to schedule; all of them when absent. */
  onlyChannelIds?: string[] | undefined;
  /** Hex of the content hash that a person was shown with the form (`getPost().contentHash`); another one is refused. */
  shownContentHash?: string | undefined;
  /** Another time and nothing else: where giving it would be a yes to something new, it is refused. */
  isMoveOnly?: boolean | undefined;
}

export interface ScheduledDelivery {
  deliveryId: string;
  channelId: string;
  state: DeliveryState;
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
 *   (`time_passed`, `nonexistent_time`, `no_time`, ...) or a caption that breaks a rule (`caption_breaks_rule`);
 *   Conflict (`stale_revision`, `needs_look` for a mere move, `under_way`, `outcome_unknown`, `already_published`, `campaign_paused`, `no_free_slot`, ...); Unavailable (`pictures_not_ready`)
 */
export async function schedulePost(
  context: Context,
  caller: Caller,
  input: ScheduleInput,
): Promise<Scheduled> {
  assertMayWrite(caller);
  const { postId, expectedRev: rev, onlyChannelIds } = input;
  await preparePictures(context, caller, { postId, rev, onlyChannelIds });
  return context.db.$transaction(async (tx) => {
    const post = await lockPost(tx, caller, input.postId);
    assertRevision(post, input.expectedRev);
    if (input.shownContentHash !== undefined) assertContent(post, input.shownContentHash);
    const chosen = chooseDeliveries(post, input.onlyChannelIds);
    const isThere = (delivery: LockedDelivery, at: Date) => isPlaced(caller, post, delivery, at);
    const time = await chooseTime(context, tx, caller, post, chosen, input, isThere);
    const toPlace = chosen.filter((delivery) => !isThere(delivery, time.at));
    if (toPlace.length > 0) {
      assertNotPassed(time, post.now);
      if (input.isMoveOnly) assertGoesOutAnyway(post, chosen, toPlace);
      for (const delivery of toPlace) assertMayBePlaced(post, delivery);
      await assertPicturesReady(tx, toPlace, post.rev);
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

/** A yes that is recorded counts for the whole revision: none is, unless all of it goes out by this or has gone out. */
function assertGoesOutAnyway(
  post: LockedPost,
  chosen: readonly LockedDelivery[],
  toPlace: readonly LockedDelivery[],
): void {
  const isWhole = post.deliveries.every((one) => chosen.includes(one) || OVER_STATES.has(one.state));
  const isCovered = post.decision === 'approved' || isWhole;
  if (isCovered && toPlace.every(({ state }) => state === 'scheduled')) return;
  throw conflict({
    code: 'needs_look',
    message:
      'It is not moved like this, because it does not go out as it stands: to give it a time is to say yes to it. Look at it, and move it on its own page.',
  });
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
