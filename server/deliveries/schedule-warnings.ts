import { formatLocalTime } from '../posts/local-time.ts';
import type { ChosenTime } from './choose-time.ts';
import type { Neighbour } from './find-neighbours.ts';
import type { LockedDelivery } from './lock-post.ts';

/** What whoever schedules should know; nothing of it stops the post. */
export interface ScheduleWarning {
  code: 'clash' | 'duplicate' | 'ambiguous_time' | 'slot_not_shared' | 'channel_needs_reconnect';
  message: string;
}

export function toWarnings(
  time: ChosenTime,
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
  const { secondAt, onlySlotOfChannelId } = time;
  if (secondAt) {
    const [first, second] = [time.at, secondAt].map(
      (at) => `${toSeconds(at)} (${formatLocalTime(at, time.timeZone)})`,
    );
    const message = `Clocks go back, so this time occurs twice: the first was taken, ${first}. The second is ${second}.`;
    warnings.push({ code: 'ambiguous_time', message });
  }
  if (onlySlotOfChannelId && chosen.length > 1) {
    const message = `No free slot within 60 days suits all channels, so the next one of channel ${onlySlotOfChannelId} was taken.`;
    warnings.push({ code: 'slot_not_shared', message });
  }
  for (const { channelId } of chosen.filter(({ channelStatus }) => channelStatus !== 'ok')) {
    const message = `Channel ${channelId} must be linked again in the dashboard before the post can go out.`;
    warnings.push({ code: 'channel_needs_reconnect', message });
  }
  return warnings;
}

function toSeconds(at: Date): string {
  return `${at.toISOString().slice(0, 19)}Z`;
}
