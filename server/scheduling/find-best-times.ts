import type { Transaction } from '../database/client.ts';
import { ENGAGEMENT_SQL, LATEST_LOOK_SQL } from '../metrics/latest-look.ts';
import { findFree, type SlotSearch } from './find-free-slots.ts';
import {
  countPosts,
  medianOf,
  MIN_POSTS_AN_HOUR,
  rankHours,
  type PastResult,
  type RankedHour,
} from './rank-hours.ts';
import { slotTimes } from './slot-times.ts';

export interface BestTimes {
  /** What did best first; empty when there is too little to go by. */
  slots: { at: Date; reason: string }[];
  /** What is missing then; null otherwise. */
  shortage: string | null;
}

/** With fewer it is chance. */
const MIN_POSTS = 10;
const WEEKS = 4;

/**
 * The hours of the week in which posts on these channels did best, at their next free times, with the figures behind each.
 */
export async function findBestTimes(
  db: Pick<Transaction, '$queryRaw'>,
  search: SlotSearch,
): Promise<BestTimes> {
  const results = await findPastResults(db, search);
  const total = countPosts(results);
  if (total < MIN_POSTS) {
    return short(`best times need ${MIN_POSTS} posts with numbers, and there are ${total}`);
  }
  const hours = rankHours(results, search.timeZone);
  if (hours.length === 0) {
    return short(`best times need an hour of the week with ${MIN_POSTS_AN_HOUR} posts with numbers`);
  }
  const usual = medianOf(results.map(({ engagement }) => engagement));
  const weeks: { hour: RankedHour; times: Date[] }[] = [];
  for (let at = 0; at < hours.length && weeks.length < search.count; at += search.count) {
    weeks.push(...(await findFreeTimes(db, search, hours.slice(at, at + search.count))));
  }
  // Every hour's next time, best first, then the times after those.
  const slots = Array.from({ length: WEEKS }, (_, week) => week)
    .flatMap((week) => weeks.flatMap(({ hour, times }) => (times[week] ? [{ hour, at: times[week] }] : [])))
    .slice(0, search.count)
    .map(({ hour, at }) => ({ at, reason: reasonOf(hour, usual, total) }));
  return { slots, shortage: null };
}

function short(shortage: string): BestTimes {
  return { slots: [], shortage };
}

/** The newest of the last year; a day old, because younger posts are still being seen. */
async function findPastResults(
  db: Pick<Transaction, '$queryRaw'>,
  { teamId, channelIds }: SlotSearch,
): Promise<PastResult[]> {
  return db.$queryRaw<PastResult[]>`
    select d.post_id as "postId", d.channel_id as "channelId", d.published_at as at, ${ENGAGEMENT_SQL} as engagement
    from delivery d ${LATEST_LOOK_SQL}
    where d.team_id = ${teamId} and d.channel_id = any(${[...channelIds]}) and d.state = 'published'
      and coalesce(d.published_at, d.due_at) between now() - interval '365 days' and now() - interval '1 day'
      and num_nonnulls(s.likes, s.comments, s.shares) > 0
    order by coalesce(d.published_at, d.due_at) desc
    limit 1000`;
}

/** Of each hour the times at which all channels are free; hours without one are left out. */
async function findFreeTimes(
  db: Pick<Transaction, '$queryRaw'>,
  search: SlotSearch,
  hours: readonly RankedHour[],
): Promise<{ hour: RankedHour; times: Date[] }[]> {
  const { channelIds, timeZone, from } = search;
  const wanted = hours.map((hour) => {
    const localTime = `${String(hour.hour).padStart(2, '0')}:00`;
    return {
      hour,
      times: [...slotTimes([{ weekday: hour.weekday, localTime }], timeZone, { from, days: WEEKS * 7 })],
    };
  });
  const candidates = wanted.flatMap(({ times }) =>
    times.flatMap((at) => channelIds.map((channelId) => ({ channelId, at }))),
  );
  const channelsByTime = Map.groupBy(await findFree(db, search, candidates), ({ at }) => at.getTime());
  const isFree = (at: Date) => channelsByTime.get(at.getTime())?.length === channelIds.length;
  return wanted
    .map(({ hour, times }) => ({ hour, times: times.filter(isFree) }))
    .filter(({ times }) => times.length > 0);
}

const WEEKDAYS = ['Mondays', 'Tuesdays', 'Wednesdays', 'Thursdays', 'Fridays', 'Saturdays', 'Sundays'];

function reasonOf(
  { weekday, hour, postCount, medianEngagement }: RankedHour,
  usual: number,
  total: number,
): string {
  return `${WEEKDAYS[weekday - 1]} from ${hour}:00 to ${hour + 1}:00: median engagement ${medianEngagement} over ${postCount} posts (${usual} over all ${total})`;
}
