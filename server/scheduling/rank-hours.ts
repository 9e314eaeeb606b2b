import { Temporal } from 'temporal-polyfill';

/** A post that went out on a channel, and what people did with it there. */
export interface PastResult {
  postId: string;
  channelId: string;
  at: Date;
  engagement: number;
}

/** An hour of the week, and how posts did that went out in it. */
export interface RankedHour {
  /** 1 is Monday, 7 Sunday (ISO 8601). */
  weekday: number;
  /** 0 to 23, wall time. */
  hour: number;
  postCount: number;
  medianEngagement: number;
}

/** Fewer say nothing about an hour. */
export const MIN_POSTS_AN_HOUR = 3;

/**
 * Hours of the week by how posts did in them, best first; hours with fewer than 3 posts are left out. A channel with many
 * followers must not decide for the others, so hours are compared by what is usual on each post's own channel.
 */
export function rankHours(results: readonly PastResult[], timeZone: string): RankedHour[] {
  const byChannel = Map.groupBy(results, ({ channelId }) => channelId);
  const usual = new Map(
    [...byChannel].map(([id, own]) => [id, medianOf(own.map(({ engagement }) => engagement))]),
  );
  const byHour = Map.groupBy(results, ({ at }) => hourOf(at, timeZone));
  return [...byHour]
    .map(([key, own]) => ({
      weekday: Math.floor(key / 24) + 1,
      hour: key % 24,
      postCount: countPosts(own),
      medianEngagement: medianOf(own.map(({ engagement }) => engagement)),
      // One more on both sides: a channel on which nothing ever happens has a usual of 0.
      score: medianOf(own.map(({ channelId, engagement }) => (engagement + 1) / (usual.get(channelId)! + 1))),
    }))
    .filter(({ postCount }) => postCount >= MIN_POSTS_AN_HOUR)
    .toSorted(
      (a, b) => b.score - a.score || b.postCount - a.postCount || a.weekday - b.weekday || a.hour - b.hour,
    )
    .map(({ score: _score, ...hour }) => hour);
}

/** A post that went out on several channels is one. */
export function countPosts(results: readonly PastResult[]): number {
  return new Set(results.map(({ postId }) => postId)).size;
}

/** The middle one, or the mean of the two in the middle; 0 of none. */
export function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? 0) + upper) / 2;
}

/** 0 is Monday, midnight to one; 167 the last hour of Sunday. */
function hourOf(at: Date, timeZone: string): number {
  const { dayOfWeek, hour } = Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(
    timeZone,
  );
  return (dayOfWeek - 1) * 24 + hour;
}
