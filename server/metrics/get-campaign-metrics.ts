import { Prisma } from '../../prisma/generated/client.ts';
import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { notFound } from '../errors.ts';
import { formatLocalTime } from '../posts/local-time.ts';
import { readMoment } from '../posts/post-time.ts';
import { findTopPosts, type TopPost } from './find-top-posts.ts';
import { FIRST_LOOK_MINUTES } from './look-times.ts';
import { sumNumbers, type NumberGroup } from './sum-numbers.ts';

const MAX_GROUPS = 12;

export interface CampaignMetricsInput {
  campaignId: string;
  /** RFC 3339 or a date in the team's zone: published from then on. */
  from?: string | undefined;
  /** Up to, not including. */
  to?: string | undefined;
  groupBy?: 'channel' | 'week' | undefined;
}

export interface CampaignMetrics {
  totals: NumberGroup;
  /** channel: the 12 with the most engagement. week: the last 12 in which something was published, by their Monday. */
  series: (NumberGroup & { key: string; label: string })[];
  topPosts: TopPost[];
  /** The oldest of the latest looks: every number is at least as new. */
  capturedAt: Date | null;
  localTime: string | null;
  /** The team's IANA zone: of weeks and of dates. */
  timeZone: string;
  /** What to know about the numbers: why there are none, or what is left out. */
  note: string | null;
}

/**
 * The latest numbers of what a campaign published, summed and compared.
 * @throws AppError NotFound; InvalidInput for a time that cannot be read
 */
export async function getCampaignMetrics(
  context: Pick<Context, 'db'>,
  caller: Caller,
  { campaignId, from, to, groupBy = 'channel' }: CampaignMetricsInput,
): Promise<CampaignMetrics> {
  const { timeZone } = await findCampaignZone(context, caller, campaignId);
  const where = Prisma.join(
    [
      Prisma.sql`p.team_id = ${caller.teamId} and p.campaign_id = ${campaignId}`,
      ...(from === undefined ? [] : [Prisma.sql`d.published_at >= ${readMoment(from, timeZone, 'from')}`]),
      ...(to === undefined ? [] : [Prisma.sql`d.published_at < ${readMoment(to, timeZone, 'to')}`]),
    ],
    ' and ',
  );
  const { totals, groups } = await sumNumbers(context, { where, groupBy, timeZone });
  const topPosts = totals.measuredPosts > 0 ? await findTopPosts(context, { where, timeZone }) : [];
  const labels =
    groupBy === 'channel' ? await findLabels(context, caller, groups) : new Map<string, string>();
  const { capturedAt } = totals;
  return {
    totals,
    series: chooseGroups(groups, groupBy).map((group) => {
      const key = group.key!;
      return { ...group, key, label: labels.get(key) ?? key };
    }),
    topPosts,
    capturedAt,
    localTime: capturedAt && formatLocalTime(capturedAt, timeZone),
    timeZone,
    note: noteOn(totals, groups.length, groupBy, from !== undefined || to !== undefined),
  };
}

async function findCampaignZone(
  context: Pick<Context, 'db'>,
  { teamId }: Caller,
  campaignId: string,
): Promise<{ timeZone: string }> {
  const [team] = await context.db.$queryRaw<{ timeZone: string }[]>`
    select t.time_zone as "timeZone" from campaign c join team t on t.id = c.team_id
    where c.team_id = ${teamId} and c.id = ${campaignId}`;
  if (team) return team;
  const message = `There is no campaign ${campaignId} in this team.`;
  throw notFound({ code: 'not_found', field: 'campaign_id', message });
}

function chooseGroups(groups: NumberGroup[], groupBy: 'channel' | 'week'): NumberGroup[] {
  if (groupBy === 'week') return groups.slice(-MAX_GROUPS);
  const byEngagement = groups.toSorted(
    (a, b) => (b.engagement ?? -1) - (a.engagement ?? -1) || b.posts - a.posts,
  );
  return byEngagement.slice(0, MAX_GROUPS);
}

async function findLabels(
  context: Pick<Context, 'db'>,
  { teamId }: Caller,
  groups: readonly NumberGroup[],
): Promise<Map<string, string>> {
  const channels = await context.db.channel.findMany({
    where: { teamId, id: { in: groups.map(({ key }) => key!) } },
    select: { id: true, network: true, handle: true },
  });
  return new Map(channels.map(({ id, network, handle }) => [id, `${network} ${handle}`]));
}

function noteOn(
  totals: NumberGroup,
  groupCount: number,
  groupBy: 'channel' | 'week',
  isWindow: boolean,
): string | null {
  if (totals.posts === 0) {
    return isWindow
      ? 'This campaign published nothing in this window.'
      : 'This campaign has published nothing yet.';
  }
  if (totals.measuredPosts === 0) {
    return `No numbers yet. The first come about ${FIRST_LOOK_MINUTES} minutes after publishing.`;
  }
  if (groupCount <= MAX_GROUPS) return null;
  return groupBy === 'week'
    ? `The series has the last ${MAX_GROUPS} of ${groupCount} weeks; give to for earlier ones.`
    : `The series has the ${MAX_GROUPS} of ${groupCount} channels with the most engagement.`;
}
