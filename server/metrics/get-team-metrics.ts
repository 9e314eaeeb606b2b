import { Prisma } from '../../prisma/generated/client.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { findTopPosts, type TopPost } from './find-top-posts.ts';
import { toDaysBefore, toLastDays, type DayBuckets } from './metric-days.ts';
import { sumNumbers, type NumberGroup } from './sum-numbers.ts';

const TOP_POSTS = 10;
const MOST_FOLLOWED = 12;

/** The days of a team up to today, in its zone. */
export interface TeamWindow extends DayBuckets {
  timeZone: string;
}

export interface MetricsFilter {
  channelId?: string | undefined;
  campaignId?: string | undefined;
}

export interface ShownChannel {
  id: string;
  network: string;
  handle: string;
  imitates: string | null;
}

export interface FollowerCounts extends ShownChannel {
  /** Of each day of the window; null where nobody counted or the network does not tell. */
  counts: (number | null)[];
}

export interface TeamMetrics {
  totals: NumberGroup;
  /** The same of as many days before. */
  before: NumberGroup;
  /** Of each day of the window; null where nothing was published. */
  byDay: (NumberGroup | null)[];
  byChannel: (NumberGroup & { channel: ShownChannel })[];
  byNetwork: (NumberGroup & { key: string })[];
  topPosts: (TopPost & { url: string | null })[];
  followers: FollowerCounts[];
}

/** The last so many days of the caller's team; today is the last of them. */
export async function findTeamWindow(
  context: Pick<Context, 'db'>,
  { teamId }: Pick<Caller, 'teamId'>,
  days: number,
): Promise<TeamWindow> {
  const [team] = await context.db.$queryRaw<[{ timeZone: string; now: Date }]>`
    select time_zone as "timeZone", clock_timestamp() as now from team where id = ${teamId}`;
  return { ...toLastDays(team.now, team.timeZone, days), timeZone: team.timeZone };
}

/** What a team published in a window, by day, channel and network, with the numbers as they are now. */
export async function getTeamMetrics(
  context: Pick<Context, 'db'>,
  caller: Caller,
  window: TeamWindow,
  filter: MetricsFilter,
): Promise<TeamMetrics> {
  const { timeZone } = window;
  const where = publishedIn(caller, window, filter);
  const whereBefore = publishedIn(caller, toDaysBefore(window, timeZone), filter);
  const [days, channels, networks, before, topPosts, followers] = await Promise.all([
    sumNumbers(context, { where, groupBy: 'day', timeZone }),
    sumNumbers(context, { where, groupBy: 'channel', timeZone }),
    sumNumbers(context, { where, groupBy: 'network', timeZone }),
    sumNumbers(context, { where: whereBefore, groupBy: 'network', timeZone }),
    findTopPosts(context, { where, timeZone, limit: TOP_POSTS }),
    findFollowers(context, caller, window, filter),
  ]);
  const named = await findChannels(
    context,
    caller,
    channels.groups.map(({ key }) => key!),
  );
  const urls = await findUrls(
    context,
    topPosts.map(({ postId }) => postId),
    where,
  );
  const byDay = new Map(days.groups.map((group) => [group.key, group]));
  return {
    totals: days.totals,
    before: before.totals,
    byDay: window.starts.map((day) => byDay.get(day) ?? null),
    byChannel: byEngagement(channels.groups).map((group) => ({ ...group, channel: named.get(group.key!)! })),
    byNetwork: byEngagement(networks.groups).map((group) => ({ ...group, key: group.key! })),
    topPosts: topPosts.map((post) => ({ ...post, url: urls.get(post.postId) ?? null })),
    followers,
  };
}

/** Conditions on delivery `d` and post `p`, the team's among them. */
export function publishedIn(
  { teamId }: Pick<Caller, 'teamId'>,
  { from, to }: Pick<DayBuckets, 'from' | 'to'>,
  { channelId, campaignId }: MetricsFilter,
): Prisma.Sql {
  return Prisma.join(
    [
      Prisma.sql`d.team_id = ${teamId} and p.team_id = ${teamId} and d.published_at is not null`,
      // As the calendar's index has it.
      Prisma.sql`coalesce(d.published_at, d.due_at) >= ${from} and coalesce(d.published_at, d.due_at) < ${to}`,
      ...(channelId === undefined ? [] : [Prisma.sql`d.channel_id = ${channelId}`]),
      ...(campaignId === undefined ? [] : [Prisma.sql`p.campaign_id = ${campaignId}`]),
    ],
    ' and ',
  );
}

function byEngagement(groups: NumberGroup[]): NumberGroup[] {
  return groups.toSorted((a, b) => (b.engagement ?? -1) - (a.engagement ?? -1) || b.posts - a.posts);
}

async function findChannels(
  context: Pick<Context, 'db'>,
  { teamId }: Caller,
  ids: string[],
): Promise<Map<string, ShownChannel>> {
  const select = { id: true, network: true, handle: true, imitates: true };
  const channels = await context.db.channel.findMany({ where: { teamId, id: { in: ids } }, select });
  return new Map(channels.map((channel) => [channel.id, channel]));
}

/** Where each post can be read; of several places the first. */
async function findUrls(
  context: Pick<Context, 'db'>,
  postIds: string[],
  where: Prisma.Sql,
): Promise<Map<string, string>> {
  const rows = await context.db.$queryRaw<{ postId: string; url: string }[]>`
    select d.post_id as "postId", min(d.remote_url) as url
    from delivery d join post p on p.id = d.post_id
    where d.post_id = any(${postIds}) and d.state = 'published' and d.remote_url is not null and ${where}
    group by d.post_id`;
  return new Map(rows.map(({ postId, url }) => [postId, url]));
}

async function findFollowers(
  context: Pick<Context, 'db'>,
  { teamId }: Caller,
  { starts }: DayBuckets,
  { channelId }: MetricsFilter,
): Promise<FollowerCounts[]> {
  const rows = await context.db.$queryRaw<(ShownChannel & { counts: Record<string, number> })[]>`
    select c.id, c.network, c.handle, c.imitates, json_object_agg(s.day::text, s.followers) as counts
    from channel_snapshot s join channel c on c.id = s.channel_id and c.team_id = s.team_id
    where c.team_id = ${teamId} and c.disconnected_at is null and s.followers is not null
      and s.day >= ${starts[0]}::date and s.day <= ${starts.at(-1)}::date
      and (${channelId ?? null}::text is null or c.id = ${channelId ?? null})
    group by c.id
    order by max(s.followers) desc, c.id
    limit ${MOST_FOLLOWED}`;
  return rows.map(({ counts, ...channel }) => ({
    ...channel,
    counts: starts.map((day) => counts[day] ?? null),
  }));
}
