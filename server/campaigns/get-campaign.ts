import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { POST_STATE_SQL, type DeliveryState } from '../deliveries/delivery-state.ts';
import { findTimeZone } from '../posts/find-time-zone.ts';
import { formatLocalTime } from '../posts/local-time.ts';
import { campaignUrl } from './campaign-url.ts';
import { findCampaignProblems, type CampaignProblem } from './find-campaign-problems.ts';
import { findCampaign, type CampaignDetails } from './find-campaign.ts';

export interface CampaignOverview extends CampaignDetails {
  url: string;
  /** Posts by state; states without posts are left out. */
  counts: Partial<Record<DeliveryState, number>>;
  /** The next posts that go out, the soonest first. */
  upcoming: UpcomingPost[];
  /** What needs a person, the most urgent first. */
  problems: CampaignProblem[];
  /** The team's IANA zone. */
  timeZone: string;
}

export interface UpcomingPost {
  postId: string;
  state: DeliveryState;
  at: Date;
  /** `at` for people, in the team's zone. */
  localTime: string;
  /** The beginning of the text. */
  excerpt: string;
}

/** The brief, how its posts stand, what goes out next and what needs a person. @throws AppError NotFound */
export async function getCampaign(
  context: Context,
  caller: Caller,
  campaignId: string,
): Promise<CampaignOverview> {
  const campaign = await findCampaign(context, caller, campaignId);
  const timeZone = await findTimeZone(context, caller);
  const [counts, upcoming, problems] = await Promise.all([
    countPosts(context, caller, campaignId),
    findUpcoming(context, caller, campaignId),
    findCampaignProblems(context, caller, campaign, timeZone),
  ]);
  return {
    ...campaign,
    url: campaignUrl(context, campaignId),
    counts,
    upcoming: upcoming.map((post) => ({ ...post, localTime: formatLocalTime(post.at, timeZone) })),
    problems,
    timeZone,
  };
}

async function countPosts(
  { db }: Context,
  { teamId }: Caller,
  campaignId: string,
): Promise<CampaignOverview['counts']> {
  const rows = await db.$queryRaw<{ state: DeliveryState; posts: number }[]>`
    select s.state, count(*)::int as posts
    from post p
    cross join lateral (select ${POST_STATE_SQL} as state from delivery d where d.post_id = p.id) s
    where p.team_id = ${teamId} and p.campaign_id = ${campaignId} and p.discarded_at is null
    group by s.state`;
  return Object.fromEntries(rows.map(({ state, posts }) => [state, posts]));
}

const MOST_UPCOMING = 5;
const EXCERPT_LENGTH = 80;

async function findUpcoming(
  { db }: Context,
  { teamId }: Caller,
  campaignId: string,
): Promise<Omit<UpcomingPost, 'localTime'>[]> {
  return db.$queryRaw`
    select p.id as "postId", next.state, next.due_at as at, left(r.text, ${EXCERPT_LENGTH}::int) as excerpt
    from post p
    join post_revision r on r.post_id = p.id and r.rev = p.rev
    cross join lateral (
      select d.state, d.due_at from delivery d
      where d.post_id = p.id and d.state in ('awaiting_approval', 'scheduled', 'claimed', 'prepared', 'sending')
      order by d.due_at, d.id limit 1
    ) next
    where p.team_id = ${teamId} and p.campaign_id = ${campaignId} and p.discarded_at is null
    order by next.due_at, p.id
    limit ${MOST_UPCOMING}::int`;
}
