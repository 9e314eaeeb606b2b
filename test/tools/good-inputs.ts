import type { World } from './world.ts';

type Input = Record<string, unknown>;
/** Several where ids exclude each other, or where one alone is looked up in another way; the first is the one that is called with everywhere. */
type GoodInput = (world: World) => Input | Input[];

/**
 * What each tool takes without complaint in a world of its own, the only thing about a tool that the tests over all tools
 * do not read from its schema. A new tool adds a line here; give every id that it takes, so that each is tried.
 */
export const GOOD_INPUTS: Readonly<Record<string, GoodInput>> = {
  list_campaigns: () => ({ status: 'active', limit: 5 }),
  create_campaign: ({ channelId }) => ({
    name: 'New',
    goal: 'Be seen',
    channel_ids: [channelId],
    client_ref: 'contract',
  }),
  get_campaign: ({ campaignId }) => ({ campaign_id: campaignId }),
  update_campaign: ({ campaignId, channelId }) => ({
    campaign_id: campaignId,
    expected_rev: 1,
    changes: { name: 'Another', channel_ids: [channelId], status: 'paused' },
  }),
  list_channels: () => ({}),
  generate_captions: ({ campaignId }) => ({
    campaign_id: campaignId,
    networks: ['linkedin', 'x'],
    source_text: 'A new oven, and bread from seven in the morning.',
  }),
  create_post: ({ campaignId, channelId, mediaId }) => {
    const input = {
      ...{ campaign_id: campaignId, channel_ids: [channelId], text: 'New' },
      ...{ media_ids: [mediaId], client_ref: 'contract' },
    };
    return [input, { ...input, overrides: [{ channel_id: channelId, text: 'Newer' }] }];
  },
  // Each way in which the list is looked up.
  list_posts: ({ campaignId, channelId }) => [
    { campaign_id: campaignId, channel_id: channelId },
    { campaign_id: campaignId },
    { channel_id: channelId },
    { channel_id: channelId, state: ['draft', 'published'] },
    { campaign_id: campaignId, channel_id: channelId, from: '2026-01-01' },
  ],
  get_post: ({ postId }) => ({ post_id: postId, include: ['attempts'] }),
  update_post: ({ postId, channelId, mediaId }) => ({
    post_id: postId,
    expected_rev: 1,
    changes: {
      text: 'Newer',
      overrides: [{ channel_id: channelId, text: 'Newer here' }],
      media_ids: [mediaId],
      channel_ids: [channelId],
    },
  }),
  preview_post: ({ postId }) => ({ post_id: postId }),
  find_slots: ({ channelId }) => {
    const input = { channel_ids: [channelId], from: '2036-12-01', count: 3 };
    return [
      { ...input, basis: 'queue' },
      { ...input, basis: 'best_times' },
    ];
  },
  discard_post: ({ postId }) => ({ post_id: postId, expected_rev: 1 }),
  schedule_post: ({ postId, channelId }) => ({
    post_id: postId,
    expected_rev: 1,
    at: '2036-12-01T09:00',
    only_channel_ids: [channelId],
  }),
  cancel_schedule: ({ postId }) => ({ post_id: postId }),
  request_approval: ({ postId }) => ({ post_id: postId, expected_rev: 1, note: 'Please look' }),
  publish_post: ({ postId, channelId }) => ({
    post_id: postId,
    expected_rev: 1,
    only_channel_ids: [channelId],
  }),
  resolve_delivery: ({ stuckPostId, channelId }) => ({
    post_id: stuckPostId,
    channel_id: channelId,
    action: 'give_up',
  }),
  take_down_post: ({ publishedPostId, channelId }) => ({
    post_id: publishedPostId,
    only_channel_ids: [channelId],
    reason: 'A wrong date',
  }),
  get_post_metrics: ({ postId }) => ({ post_id: postId }),
  get_campaign_metrics: ({ campaignId }) => ({
    campaign_id: campaignId,
    from: '2026-01-01',
    group_by: 'week',
  }),
  get_channel_metrics: ({ channelId }) => ({ channel_id: channelId, from: '2026-01-01', to: '2026-01-31' }),
  // Of a tool that takes no id: of others it tells which ids the client itself asked about.
  list_activity: ({ postId, connection }) => {
    const client = connection.caller.connectionId;
    return [
      { post_id: postId, client, from: '2026-01-01', limit: 5 },
      { post_id: postId },
      { client, tool: 'list_channels' },
    ];
  },
  upload_media: ({ campaignId }) => ({
    card: { title: 'Ship it', subtitle: 'Every Friday', theme: 'dark', size: 'square' },
    filename: 'card.png',
    tags: ['launch'],
    campaign_id: campaignId,
  }),
  list_media: ({ mediaId }) => ({ ids: [mediaId], missing_alt: false }),
  update_media: ({ mediaId }) => ({
    media_id: mediaId,
    alt_text: 'A hill',
    focal_point: { x: 0.2, y: 0.8 },
    tags: ['hill'],
  }),
  delete_media: ({ mediaId }) => ({ media_id: mediaId }),
};
