import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { CAMPAIGN_PROBLEMS } from '../deliveries/hold-campaign.ts';
import { requestedPostsSql } from '../deliveries/requested-posts-sql.ts';
import { approvalUrl, postUrl } from '../posts/post-urls.ts';
import { fromDate } from './campaign-dates.ts';
import { countHeldPosts } from './count-held-posts.ts';
import type { CampaignDetails } from './find-campaign.ts';

/** Something that does not go on by itself, and what makes it go on. */
export interface CampaignProblem {
  code: string;
  /** Our own words, safe to show. */
  message: string;
  postId: string | null;
  channelId: string | null;
  /** What a client does or tells the person, as a sentence. */
  nextStep: string;
}

/** What needs a person, the most urgent first: posts, then channels, then the brief. */
export async function findCampaignProblems(
  context: Context,
  caller: Caller,
  campaign: CampaignDetails,
  timeZone: string,
): Promise<CampaignProblem[]> {
  const [stopped, channels, brief] = [
    await findStoppedDeliveries(context, caller, campaign.id),
    channelProblems(context, campaign),
    briefProblems(campaign, timeZone),
  ];
  const held =
    campaign.status === 'active' ? 0 : await countHeldPosts(context.db, caller.teamId, campaign.id);
  return [
    ...(campaign.status === 'active' ? [] : [campaignStops(campaign.status, held)]),
    ...stopped.map((delivery) => toProblem(context, delivery)),
    ...moreProblems((stopped[0]?.total ?? 0) - stopped.length),
    ...channels,
    ...brief,
  ];
}

interface StoppedDelivery {
  postId: string;
  /** Null: the whole post waits for a yes that was asked for, and has no time. */
  channelId: string | null;
  state: 'needs_attention' | 'unknown' | 'held' | 'failed' | 'missed' | 'awaiting_approval';
  code: string | null;
  message: string | null;
  /** How many there are, those beyond the most that are shown too. */
  total: number;
}

const MOST_SHOWN = 15;
/** A person or client gave it up: it is settled, although nobody knows what the network has. */
export const SETTLED = 'given_up';
/** What is told of a delivery that has no words of its own. */
export const STOPPED_WORDS = {
  needs_attention: 'Nobody knows whether the network has this post.',
  unknown: 'The network gave no clear answer and is being asked about this post.',
  failed: 'The network refused this post.',
  held: 'This post is held.',
  missed: 'The time of this post has passed.',
  awaiting_approval: 'This post waits for a person.',
};

async function findStoppedDeliveries(
  { db }: Context,
  { teamId }: Caller,
  campaignId: string,
): Promise<StoppedDelivery[]> {
  const urgency = ['needs_attention', 'unknown', 'failed', 'held', 'missed', 'awaiting_approval'];
  return db.$queryRaw`
    with stopped as (
      select d.post_id, d.channel_id, d.state, d.problem_code, d.problem_message, d.due_at, d.id
      from delivery d join post p on p.team_id = d.team_id and p.id = d.post_id
      where p.team_id = ${teamId} and p.campaign_id = ${campaignId} and p.discarded_at is null
        and d.state = any(${urgency})
        and (d.state <> 'held' or d.problem_code <> all(${[...CAMPAIGN_PROBLEMS]}))
        and d.problem_code is distinct from ${SETTLED}
      union all
      select p.id, null, 'awaiting_approval', null, null, null, p.id
      from post p
      where p.team_id = ${teamId} and p.campaign_id = ${campaignId}
        and p.id in (${requestedPostsSql(teamId)})
    )
    select post_id as "postId", channel_id as "channelId", state, problem_code as code, problem_message as message,
      (count(*) over ())::int as total
    from stopped
    order by array_position(${urgency}::text[], state), due_at, id
    limit ${MOST_SHOWN}::int`;
}

function toProblem(context: Context, { postId, channelId, state, code, message }: StoppedDelivery) {
  const nextStep = {
    needs_attention: `Call resolve_delivery with action check. If it stays unclear, the person settles it at ${postUrl(context, postId)}.`,
    unknown: 'Call get_post in a minute.',
    failed:
      'Correct the post with update_post and schedule it again, or call resolve_delivery with action retry.',
    held: HELD_STEPS[code ?? ''] ?? `Ask the person to look at ${postUrl(context, postId)}.`,
    missed: 'Ask the person for a new time and call schedule_post.',
    awaiting_approval: `Ask the person to decide at ${approvalUrl(context, postId)}.`,
  };
  return {
    code: code ?? state,
    message: message ?? STOPPED_WORDS[state],
    postId,
    channelId,
    nextStep: nextStep[state],
  };
}

function moreProblems(count: number): CampaignProblem[] {
  if (count === 0) return [];
  return [
    {
      code: 'more_problems',
      message: `${count === 1 ? 'One more delivery needs' : `${count} more deliveries need`} a person.`,
      postId: null,
      channelId: null,
      nextStep: 'Call list_posts with this campaign_id and the state that you want to see all of.',
    },
  ];
}

const LINK_AGAIN = 'Ask the person to link the channel again in the dashboard.';
const HELD_STEPS: Readonly<Record<string, string>> = {
  channel_needs_reconnect: LINK_AGAIN,
  channel_disconnected: LINK_AGAIN,
  channel_blocked: LINK_AGAIN,
};

function campaignStops(status: string, heldPosts: number): CampaignProblem {
  return {
    code: `campaign_${status}`,
    message: `The campaign is ${status}; ${heldPosts === 1 ? 'one post is' : `${heldPosts} posts are`} held.`,
    postId: null,
    channelId: null,
    nextStep: 'If the person wants it to go on, call update_campaign with status active.',
  };
}

function channelProblems(context: Context, { channels }: CampaignDetails): CampaignProblem[] {
  if (channels.length === 0) {
    return [
      {
        code: 'no_channels',
        message: 'The campaign has no channels.',
        postId: null,
        channelId: null,
        nextStep: 'Call list_channels, ask the person which, and set channel_ids with update_campaign.',
      },
    ];
  }
  return channels
    .filter(({ status }) => status !== 'ok')
    .map(({ id, network, status }) => ({
      code: `channel_${status}`,
      message:
        status === 'disconnected'
          ? `A ${network} channel of the campaign was disconnected.`
          : `A ${network} channel of the campaign must be linked again.`,
      postId: null,
      channelId: id,
      nextStep: `Ask the person to link it again at ${context.publicUrl}/channels.`,
    }));
}

function briefProblems(campaign: CampaignDetails, timeZone: string): CampaignProblem[] {
  const problems: CampaignProblem[] = [];
  const add = (code: string, message: string, nextStep: string) =>
    problems.push({ code, message, postId: null, channelId: null, nextStep });
  const today = new Intl.DateTimeFormat('en-CA', { timeZone }).format(new Date());
  const endsOn = fromDate(campaign.endsOn);
  if (endsOn && endsOn < today && campaign.status === 'active') {
    const nextStep = 'Ask the person whether to move ends_on or to archive it, then call update_campaign.';
    add('end_passed', `The campaign was to end on ${endsOn}.`, nextStep);
  }
  const missing = [
    ...(campaign.audience ? [] : ['audience']),
    ...(campaign.keyMessages.length > 0 ? [] : ['key messages']),
  ];
  if (missing.length > 0) {
    const nextStep = 'Ask the person, then call update_campaign.';
    add('brief_incomplete', `The brief says nothing about: ${missing.join(', ')}.`, nextStep);
  }
  return problems;
}
