import { readMoment } from '../posts/post-time.ts';
import { readPostsPerDay } from './check-rule.ts';
import { dueDayOf } from './due-day.ts';
import type { PublishingPolicy } from './publishing-policy.ts';

export interface PublishingPolicyInput {
  channelIds: readonly string[];
  /** A whole number, or empty for no cap. */
  postsPerDay: string;
  /** YYYY-MM-DD in the team's zone, or empty for no end. */
  lastDay: string;
}

/** @throws AppError InvalidInput naming the field (`posts_per_day`, `last_day`) */
export function checkPublishingPolicy(
  { channelIds, postsPerDay, lastDay }: PublishingPolicyInput,
  timeZone: string,
): PublishingPolicy {
  const day = lastDay.trim();
  return {
    channelIds,
    postsPerDay: postsPerDay.trim() === '' ? null : readPostsPerDay(postsPerDay),
    until: day === '' ? null : dueDayOf(readMoment(day, timeZone, 'last_day'), timeZone).to,
  };
}
