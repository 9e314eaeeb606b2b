import type { Context } from '../../server/context.ts';
import { DELIVERY_STATES } from '../../server/deliveries/delivery-state.ts';
import { writeCursor } from '../../server/paging.ts';
import { STEADY_CHANNEL } from './seed-growth.ts';

/** A call of a tool; ids are of the team, taken from all over its history, another one each time. */
export interface GrowthCall {
  tool: string;
  /** What the figure is called. */
  name: string;
  input(sample: Sample, at: number): Record<string, unknown>;
}

export interface Sample {
  campaignIds: string[];
  postIds: string[];
  publishedPostIds: string[];
  channelIds: string[];
  /** Gets as many posts a day in every team. */
  steadyChannelId: string;
  mediaIds: string[];
  /** Days as dates, counted from today: 0, -1, ... */
  day(offset: number): string;
}

const pick = (ids: string[], at: number) => ids[at % ids.length]!;
/** A page from the middle of the list of posts; the time in it is not read. */
const cursorAt = (id: string) => writeCursor('posts-newest', { key: '2026-01-01 00:00:00+00', id });
const call = (tool: string, name: string, input: GrowthCall['input']): GrowthCall => ({ tool, name, input });

/**
 * Every list and get tool with the filters that people and clients use. Where a small team has but few such rows a page is as
 * short as it can fill: compared is what it costs to find them, not to show more of them.
 */
export const GROWTH_CALLS: readonly GrowthCall[] = [
  call('list_campaigns', 'all', () => ({ limit: 5 })),
  call('list_campaigns', 'status paused', () => ({ status: 'paused', limit: 1 })),
  call('list_campaigns', 'query', () => ({ query: 'campaign 7', limit: 1 })),
  call('list_campaigns', 'query without a match', () => ({ query: 'nothing is called this' })),
  call('list_campaigns', 'status archived', () => ({ status: 'archived', limit: 1 })),
  call('get_campaign', 'one', ({ campaignIds }, at) => ({ campaign_id: pick(campaignIds, at) })),
  call('list_channels', 'all', () => ({})),
  call('list_channels', 'network', () => ({ network: 'bluesky' })),
  call('list_posts', 'all', () => ({})),
  call('list_posts', 'a page of long ago', ({ postIds }, at) => ({ cursor: cursorAt(pick(postIds, at)) })),
  ...DELIVERY_STATES.map((state) => call('list_posts', `state ${state}`, () => ({ state: [state] }))),
  call('list_posts', 'states that need a person', () => ({
    state: ['needs_attention', 'unknown', 'failed', 'held', 'awaiting_approval'],
  })),
  call('list_posts', 'campaign', ({ campaignIds }, at) => ({ campaign_id: pick(campaignIds, at) })),
  call('list_posts', 'campaign, state failed', ({ campaignIds }, at) => ({
    campaign_id: pick(campaignIds, at),
    state: ['failed'],
  })),
  call('list_posts', 'channel', ({ channelIds }, at) => ({ channel_id: pick(channelIds, at) })),
  call('list_posts', 'channel, state failed', ({ channelIds }, at) => ({
    channel_id: pick(channelIds, at),
    state: ['failed'],
    limit: 1,
  })),
  call('list_posts', 'channel, state unknown', ({ channelIds }, at) => ({
    channel_id: pick(channelIds, at),
    state: ['unknown'],
  })),
  call('list_posts', 'channel, states that need a person', ({ channelIds }, at) => ({
    channel_id: pick(channelIds, at),
    state: ['needs_attention', 'unknown', 'failed', 'held', 'awaiting_approval'],
    limit: 1,
  })),
  call('list_posts', 'from yesterday to tomorrow', ({ day }) => ({ from: day(-1), to: day(1) })),
  call('list_posts', 'last week', ({ day }) => ({ from: day(-7), to: day(0) })),
  call('list_posts', 'from today', ({ day }) => ({ from: day(0) })),
  call('list_posts', 'last week, state failed', ({ day }) => ({
    from: day(-7),
    to: day(0),
    state: ['failed'],
  })),
  call('list_posts', 'last week, channel', ({ day, channelIds }, at) => ({
    from: day(-7),
    to: day(0),
    channel_id: pick(channelIds, at),
  })),
  call('list_posts', 'last week, campaign', ({ day, campaignIds }, at) => ({
    from: day(-7),
    to: day(0),
    campaign_id: pick(campaignIds, at),
  })),
  call('find_slots', 'queue', () => ({ basis: 'queue' })),
  call('find_slots', 'queue, a channel', ({ channelIds }, at) => ({
    basis: 'queue',
    channel_ids: [pick(channelIds, at)],
  })),
  call('find_slots', 'best times', () => ({ basis: 'best_times' })),
  call('get_post', 'one', ({ postIds }, at) => ({ post_id: pick(postIds, at) })),
  call('get_post', 'with attempts', ({ postIds }, at) => ({
    post_id: pick(postIds, at),
    include: ['attempts'],
  })),
  call('preview_post', 'one', ({ postIds }, at) => ({ post_id: pick(postIds, at) })),
  call('get_post_metrics', 'one', ({ publishedPostIds }, at) => ({ post_id: pick(publishedPostIds, at) })),
  call('get_campaign_metrics', 'by channel', ({ campaignIds }, at) => ({
    campaign_id: pick(campaignIds, at),
  })),
  call('get_campaign_metrics', 'by week', ({ campaignIds }, at) => ({
    campaign_id: pick(campaignIds, at),
    group_by: 'week',
  })),
  call('get_campaign_metrics', 'last week', ({ campaignIds, day }, at) => ({
    campaign_id: pick(campaignIds, at),
    from: day(-7),
    to: day(0),
  })),
  call('get_channel_metrics', '30 days', ({ steadyChannelId }) => ({ channel_id: steadyChannelId })),
  call('get_channel_metrics', 'last week', ({ steadyChannelId, day }) => ({
    channel_id: steadyChannelId,
    from: day(-7),
    to: day(0),
  })),
  call('list_activity', 'since yesterday', ({ day }) => ({ from: day(-1) })),
  call('list_activity', 'post', ({ postIds }, at) => ({ post_id: pick(postIds, at) })),
  call('list_activity', 'tool', () => ({ tool: 'create_post' })),
  call('list_activity', 'tool that was never called', () => ({ tool: 'take_down_post' })),
  call('list_activity', 'client', () => ({ client: 'Bench' })),
  call('list_media', 'all', () => ({})),
  call('list_media', 'query that all match', () => ({ query: 'chart' })),
  call('list_media', 'query', () => ({ query: 'week 1' })),
  call('list_media', 'query without a match', () => ({ query: 'nothing is called this' })),
  call('list_media', 'ids', ({ mediaIds }, at) => ({ ids: [pick(mediaIds, at), pick(mediaIds, at + 1)] })),
  call('list_media', 'missing alt', () => ({ missing_alt: true, limit: 1 })),
  call('list_media', 'type jpeg', () => ({ type: 'jpeg' })),
  call('list_media', 'type of which there is none', () => ({ type: 'gif' })),
];

const SAMPLES = 20;

export async function takeSample({ db }: Context, teamId: string): Promise<Sample> {
  const [ids] = await db.$queryRaw<Omit<Sample, 'day'>[]>`
    select
      array(select id from campaign where team_id = ${teamId} order by md5(id) limit ${SAMPLES}) as "campaignIds",
      array(select id from post where team_id = ${teamId} order by md5(id) limit ${SAMPLES}) as "postIds",
      array(select post_id from delivery where team_id = ${teamId} and state = 'published' and published_at >
        clock_timestamp() - interval '20 days' order by md5(id) limit ${SAMPLES}) as "publishedPostIds",
      array(select id from channel where team_id = ${teamId} and handle <> ${STEADY_CHANNEL} order by md5(id)) as "channelIds",
      (select id from channel where team_id = ${teamId} and handle = ${STEADY_CHANNEL}) as "steadyChannelId",
      array(select id from media where team_id = ${teamId} order by md5(id) limit ${SAMPLES}) as "mediaIds"`;
  return {
    ...ids!,
    day: (offset) => new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10),
  };
}
