import { z } from 'zod';

import { defineTool } from '../server/mcp/define-tool.ts';
import { channelId, postId, toRfc3339 } from '../server/mcp/params.ts';
import { toNumbersText } from '../server/mcp/to-numbers-text.ts';
import { getPostMetrics } from '../server/metrics/get-post-metrics.ts';
import { METRICS } from '../server/metrics/numbers.ts';

const input = z.strictObject({ post_id: postId });

const count = z.number().nullable();
const time = z.string().nullable();

const output = z.strictObject({
  captured_at: time,
  local_time: time,
  time_zone: z.string(),
  channels: z.array(
    z.strictObject({
      channel_id: channelId,
      network: z.string(),
      status: z.enum(['measured', 'waiting', 'not_published', 'gone', 'not_told']),
      captured_at: time,
      views: count,
      likes: count,
      comments: count,
      shares: count,
      clicks: count,
      engagement: count,
      per_1000_views: count,
      unsupported: z.array(z.enum(METRICS)),
    }),
  ),
  note: z.string().nullable(),
});

export const getPostMetricsTool = defineTool({
  name: 'get_post_metrics',
  title: 'Numbers of a post',
  description:
    'The latest numbers of one post per channel, and when they were looked up. Null and unsupported mean that the network does not tell, never 0; engagement is likes, comments and shares.',
  scope: 'analytics:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { post_id } }) {
    const metrics = await getPostMetrics(ctx, caller, { postId: post_id });
    return {
      captured_at: metrics.capturedAt && toRfc3339(metrics.capturedAt),
      local_time: metrics.localTime,
      time_zone: metrics.timeZone,
      channels: metrics.channels.map(
        ({ channelId: id, handle: _handle, capturedAt, perThousandViews, ...channel }) => ({
          channel_id: id,
          ...channel,
          captured_at: capturedAt && toRfc3339(capturedAt),
          per_1000_views: perThousandViews,
        }),
      ),
      note: metrics.note,
    };
  },
  toText: ({ channels, local_time, note }) =>
    note ??
    [
      `As of ${local_time}:`,
      ...channels.map((channel) => `${channel.network} ${channel.channel_id}: ${toNumbersText(channel)}`),
    ].join('\n'),
});
