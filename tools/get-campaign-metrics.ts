import { z } from 'zod';

import { defineTool } from '../server/mcp/define-tool.ts';
import { campaignId, moment, postId, toRfc3339 } from '../server/mcp/params.ts';
import { sumsToText, toSums } from '../server/mcp/to-sums.ts';
import { getCampaignMetrics } from '../server/metrics/get-campaign-metrics.ts';

const input = z.strictObject({
  campaign_id: campaignId,
  from: moment.optional().describe('Published from then on'),
  to: moment.optional(),
  group_by: z.enum(['channel', 'week']).optional().describe('Default channel'),
});

const count = z.number().nullable();
const sum = z.strictObject({ value: count, of_posts: z.int(), without: z.array(z.string()) });
const numbers = { views: sum, likes: sum, comments: sum, shares: sum, clicks: sum };
const time = z.string().nullable();

const output = z.strictObject({
  totals: z.strictObject({ posts: z.int(), measured_posts: z.int(), engagement: count, ...numbers }),
  series: z.array(
    z.strictObject({
      key: z.string(),
      label: z.string(),
      posts: z.int(),
      engagement: count,
      views: count,
      likes: count,
      comments: count,
      shares: count,
      clicks: count,
    }),
  ),
  top_posts: z.array(
    z.strictObject({
      post_id: postId,
      excerpt: z.string(),
      networks: z.array(z.string()),
      local_time: z.string(),
      engagement: z.number(),
      views: count,
      per_1000_views: count,
    }),
  ),
  captured_at: time,
  local_time: time,
  time_zone: z.string(),
  note: z.string().nullable(),
});

export const getCampaignMetricsTool = defineTool({
  name: 'get_campaign_metrics',
  title: 'Numbers of a campaign',
  description:
    'Totals, a series by channel or week, and the 3 posts with the most engagement (likes, comments, shares). A total says over how many posts it is and which networks do not tell it.',
  scope: 'analytics:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { campaign_id, group_by, ...window } }) {
    const metrics = await getCampaignMetrics(ctx, caller, {
      campaignId: campaign_id,
      groupBy: group_by,
      ...window,
    });
    return {
      totals: toSums(metrics.totals),
      series: metrics.series.map(({ key, label, posts, engagement, ...group }) => ({
        key,
        label,
        posts,
        engagement,
        views: group.views.value,
        likes: group.likes.value,
        comments: group.comments.value,
        shares: group.shares.value,
        clicks: group.clicks.value,
      })),
      top_posts: metrics.topPosts.map(
        ({ postId: id, publishedAt: _, localTime, perThousandViews, ...post }) => ({
          post_id: id,
          ...post,
          local_time: localTime,
          per_1000_views: perThousandViews,
        }),
      ),
      captured_at: metrics.capturedAt && toRfc3339(metrics.capturedAt),
      local_time: metrics.localTime,
      time_zone: metrics.timeZone,
      note: metrics.note,
    };
  },
  toText: ({ totals, series, top_posts, local_time, note }) =>
    [
      ...(note ? [note] : []),
      ...(local_time ? [`As of ${local_time}: ${sumsToText(totals)}`] : []),
      ...series.map(({ key, label, posts, engagement }) =>
        [...new Set([key, label]), `${posts} posts`, `engagement ${engagement ?? 'not known'}`].join(' | '),
      ),
      ...top_posts.map(({ post_id, engagement, excerpt }, index) =>
        [`top ${index + 1}`, post_id, `engagement ${engagement}`, JSON.stringify(excerpt)].join(' | '),
      ),
    ].join('\n'),
});
