import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { formatLocalTime } from '../posts/local-time.ts';
import { readMoment } from '../posts/post-time.ts';
import { ENGAGEMENT_SQL, LATEST_LOOK_SQL } from './latest-look.ts';
import { bucketIndexOf, toDayBuckets, toLastDays, type DayBuckets } from './metric-days.ts';

const MAX_POINTS = 30;
const DEFAULT_DAYS = 30;

export interface ChannelMetricsInput {
  channelId: string;
  /** RFC 3339 or a date in the team's zone; the 30 days that end with `to` unless given. */
  from?: string | undefined;
  /** Up to, not including; now unless given. */
  to?: string | undefined;
}

/** A day, or several where the window is longer than 30 days. */
export interface ChannelPoint {
  /** Its first day in the team's zone: 2026-12-01. */
  day: string;
  /** The last count in it; null where nobody looked or the network does not tell. */
  followers: number | null;
  /** Published in it. */
  posts: number;
  /** Likes, comments and shares of these posts up to now; null where none of them is known. */
  engagement: number | null;
  views: number | null;
}

export interface ChannelSeries {
  network: string;
  handle: string;
  series: ChannelPoint[];
  daysPerPoint: number;
  /** From the first count of followers in the window to the last, one decimal; null without two counts, or from 0. */
  followersChangePct: number | null;
  /** The last look at the followers in the window. */
  capturedAt: Date | null;
  localTime: string | null;
  /** The team's IANA zone: of the days. */
  timeZone: string;
  note: string | null;
}

/**
 * A channel's followers and the engagement with what was published on it, by day.
 * @throws AppError NotFound; InvalidInput for a time that cannot be read
 */
export async function getChannelMetrics(
  context: Pick<Context, 'db' | 'networks'>,
  caller: Caller,
  input: ChannelMetricsInput,
): Promise<ChannelSeries> {
  const channel = await findChannel(context, caller, input.channelId);
  const { timeZone, network, handle } = channel;
  const to = input.to === undefined ? channel.now : readMoment(input.to, timeZone, 'to');
  const from =
    input.from === undefined
      ? toLastDays(new Date(to.getTime() - 1), timeZone, DEFAULT_DAYS).from
      : readMoment(input.from, timeZone, 'from');
  // Nothing was counted before the channel was linked.
  const buckets = toDayBuckets(
    new Date(Math.max(from.getTime(), channel.since.getTime())),
    to,
    timeZone,
    MAX_POINTS,
  );
  const looks = await findLooks(context, input.channelId, buckets);
  const days = await findDays(context, input.channelId, buckets, timeZone);
  const capturedAt = looks.at(-1)?.capturedAt ?? null;
  const isTold = context.networks.get(network)?.measureChannel !== undefined;
  return {
    network,
    handle,
    series: toSeries(buckets, looks, days),
    daysPerPoint: buckets.daysPerPoint,
    followersChangePct: changePct(looks.flatMap(({ followers }) => followers ?? [])),
    capturedAt,
    localTime: capturedAt && formatLocalTime(capturedAt, timeZone),
    timeZone,
    note: noteOn(looks, days, isTold),
  };
}

interface ChannelRow {
  network: string;
  handle: string;
  timeZone: string;
  since: Date;
  now: Date;
}

async function findChannel(
  context: Pick<Context, 'db'>,
  { teamId }: Caller,
  channelId: string,
): Promise<ChannelRow> {
  const [row] = await context.db.$queryRaw<ChannelRow[]>`
    select c.network, c.handle, t.time_zone as "timeZone", clock_timestamp() as now,
      least(c.created_at, (select coalesce(d.published_at, d.due_at) from delivery d
        where d.channel_id = c.id and d.state in ('published', 'taken_down')
          and coalesce(d.published_at, d.due_at) < c.created_at
        order by coalesce(d.published_at, d.due_at) limit 1)) as since
    from channel c join team t on t.id = c.team_id
    where c.team_id = ${teamId} and c.id = ${channelId}`;
  if (row) return row;
  const message = `There is no channel ${channelId} in this team.`;
  throw notFound({ code: 'not_found', field: 'channel_id', message });
}

interface Look {
  day: string;
  followers: number | null;
  capturedAt: Date;
}

async function findLooks(
  context: Pick<Context, 'db'>,
  channelId: string,
  { starts, from, to }: DayBuckets,
): Promise<Look[]> {
  return context.db.$queryRaw<Look[]>`
    select day::text, followers, captured_at as "capturedAt" from channel_snapshot
    where channel_id = ${channelId} and day >= ${starts[0]}::date and captured_at >= ${from} and captured_at < ${to}
    order by day`;
}

type Day = Omit<ChannelPoint, 'followers'>;

async function findDays(
  context: Pick<Context, 'db'>,
  channelId: string,
  { from, to }: DayBuckets,
  timeZone: string,
): Promise<Day[]> {
  return context.db.$queryRaw<Day[]>`
    select (d.published_at at time zone ${timeZone})::date::text as day, count(*)::int as posts,
      sum(${ENGAGEMENT_SQL})::float8 as engagement, sum(s.views)::float8 as views
    from delivery d
    ${LATEST_LOOK_SQL}
    where d.channel_id = ${channelId} and d.state in ('published', 'taken_down')
      and coalesce(d.published_at, d.due_at) >= ${from} and coalesce(d.published_at, d.due_at) < ${to}
    group by 1`;
}

function toSeries(buckets: DayBuckets, looks: readonly Look[], days: readonly Day[]): ChannelPoint[] {
  const series: ChannelPoint[] = buckets.starts.map((day) => ({
    day,
    followers: null,
    posts: 0,
    engagement: null,
    views: null,
  }));
  for (const { day, followers } of looks) {
    const point = series[bucketIndexOf(buckets, day)];
    if (point && followers !== null) point.followers = followers;
  }
  for (const { day, posts, engagement, views } of days) {
    const point = series[bucketIndexOf(buckets, day)];
    if (!point) continue;
    point.posts += posts;
    point.engagement = addKnown(point.engagement, engagement);
    point.views = addKnown(point.views, views);
  }
  return series;
}

function addKnown(one: number | null, other: number | null): number | null {
  return one === null ? other : one + (other ?? 0);
}

function changePct(counts: readonly number[]): number | null {
  const [first] = counts;
  const last = counts.at(-1);
  if (counts.length < 2 || !first || last === undefined) return null;
  return Math.round(((last - first) / first) * 1000) / 10;
}

function noteOn(looks: readonly Look[], days: readonly Day[], isTold: boolean): string | null {
  if (looks.length > 0 || days.length > 0) return null;
  if (!isTold)
    return 'Nothing was published on this channel in this window, and its network tells no followers.';
  return 'Nothing was published on this channel in this window, and its followers were not counted in it. They are counted once a day.';
}
