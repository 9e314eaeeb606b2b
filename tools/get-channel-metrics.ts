import { z } from 'zod';

import { defineTool } from '../server/mcp/define-tool.ts';
import { channelId, moment, toRfc3339 } from '../server/mcp/params.ts';
import { getChannelMetrics } from '../server/metrics/get-channel-metrics.ts';

const input = z.strictObject({
  channel_id: channelId,
  from: moment.optional().describe('Default: 30 days back'),
  to: moment.optional(),
});

const count = z.number().nullable();
const time = z.string().nullable();

const output = z.strictObject({
  network: z.string(),
  handle: z.string(),
  series: z.array(
    z.strictObject({
      day: z.string(),
      followers: count,
      posts: z.int(),
      engagement: count,
      views: count,
    }),
  ),
  days_per_point: z.int(),
  change_pct: count,
  captured_at: time,
  local_time: time,
  time_zone: z.string(),
  note: z.string().nullable(),
});

export const getChannelMetricsTool = defineTool({
  name: 'get_channel_metrics',
  title: 'Numbers of a channel',
  description:
    'Followers by day, how they changed in percent, and the engagement with what was published each day. Null is not known, never 0; at most 30 points, so that longer windows have several days a point.',
  scope: 'analytics:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { channel_id, ...window } }) {
    const metrics = await getChannelMetrics(ctx, caller, { channelId: channel_id, ...window });
    return {
      network: metrics.network,
      handle: metrics.handle,
      series: metrics.series,
      days_per_point: metrics.daysPerPoint,
      change_pct: metrics.followersChangePct,
      captured_at: metrics.capturedAt && toRfc3339(metrics.capturedAt),
      local_time: metrics.localTime,
      time_zone: metrics.timeZone,
      note: metrics.note,
    };
  },
  toText: ({ network, series, change_pct, local_time, days_per_point, note }) =>
    [
      ...(note ? [note] : []),
      ...(local_time
        ? [
            `Followers on ${network} as of ${local_time}, change ${change_pct === null ? 'not known' : `${change_pct} %`}`,
          ]
        : []),
      ...(days_per_point > 1 ? [`${days_per_point} days a point`] : []),
      ...series
        .filter(({ followers, posts }) => followers !== null || posts > 0)
        .map(
          ({ day, followers, posts, engagement }) =>
            `${day} | ${followers ?? '?'} followers | ${posts} posts | engagement ${engagement ?? 'not known'}`,
        ),
    ].join('\n'),
});
