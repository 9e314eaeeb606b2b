import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { invalidInput } from '../errors.ts';
import { canonicalTimeZone, readPostTime, toPostTime, type PostTime } from '../posts/post-time.ts';
import { findFreeSlots } from '../scheduling/find-free-slots.ts';
import { noFreeSlot } from '../scheduling/find-slots.ts';
import { isSlot } from '../scheduling/is-slot.ts';
import type { LockedDelivery, LockedPost } from './lock-post.ts';

export interface WishedTime {
  /** RFC 3339 with an offset, or a wall time without one, read in `timeZone`. This or `nextSlot`. */
  at?: string | undefined;
  /** The next free queue slot. */
  nextSlot?: boolean | undefined;
  /** IANA name; the team's zone when absent. */
  timeZone?: string | undefined;
}

export interface ChosenTime extends PostTime {
  /** It is a slot of this channel alone: none suits all. */
  onlySlotOfChannelId: string | null;
}

/**
 * When a post goes out. A post whose deliveries all stand at one slot stays there, so that the same wish again moves nothing.
 * Who asks for the next slot waits for whoever asks at the same time, so that no two posts get one slot.
 * @param isPlaced whether a delivery is on the calendar at this time already, as it is asked for
 * @throws AppError InvalidInput (as `readPostTime`, or `no_time` unless one of both is given); Conflict (`no_free_slot`)
 */
export async function chooseTime(
  context: Context,
  tx: Transaction,
  { teamId }: Pick<Caller, 'teamId'>,
  post: LockedPost,
  chosen: readonly LockedDelivery[],
  wish: WishedTime,
  isPlaced: (delivery: LockedDelivery, at: Date) => boolean,
): Promise<ChosenTime> {
  const timeZone = canonicalTimeZone(wish.timeZone ?? post.timeZone);
  if ((wish.at !== undefined) === (wish.nextSlot === true)) throw noTime();
  if (wish.at !== undefined) return { ...readPostTime(wish.at, timeZone), onlySlotOfChannelId: null };
  const channelIds = chosen.map(({ channelId }) => channelId);
  await lockSlots(tx, channelIds);
  const search = { teamId, channelIds, timeZone: post.timeZone };
  const placedAt = chosen[0]?.dueAt;
  if (
    placedAt &&
    chosen.every((delivery) => isPlaced(delivery, placedAt)) &&
    (await isSlot(tx, search, placedAt))
  ) {
    return { ...toPostTime(placedAt, timeZone), onlySlotOfChannelId: null };
  }
  const { slots, onlyOfChannelId } = await findFreeSlots(tx, {
    ...search,
    from: post.now,
    count: 1,
    exceptPostId: post.id,
  });
  if (!slots[0]) throw noFreeSlot(context, channelIds);
  return { ...toPostTime(slots[0], timeZone), onlySlotOfChannelId: onlyOfChannelId };
}

async function lockSlots(tx: Transaction, channelIds: readonly string[]): Promise<void> {
  for (const channelId of channelIds.toSorted()) {
    await tx.$executeRaw`select pg_advisory_xact_lock(hashtextextended(${`queue slots ${channelId}`}, 0))`;
  }
}

function noTime() {
  return invalidInput({
    code: 'no_time',
    field: 'at',
    message: 'Say when: give at, or next_slot true for the next free queue slot, and not both.',
  });
}
