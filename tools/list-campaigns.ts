import { z } from 'zod';

import { listCampaigns } from '../server/campaigns/list-campaigns.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import {
  campaignId,
  campaignStatus,
  cursor,
  limit,
  line,
  nextCursor,
  state,
  toRfc3339,
} from '../server/mcp/params.ts';
import { toLines } from '../server/mcp/to-lines.ts';

const input = z.strictObject({
  status: campaignStatus.optional().describe('Default: all but archived'),
  query: line(100).optional().describe('Part of the name'),
  limit: limit.optional(),
  cursor: cursor.optional(),
});

const output = z.strictObject({
  items: z.array(
    z.strictObject({
      id: campaignId,
      name: z.string(),
      status: campaignStatus,
      post_counts: z.partialRecord(state, z.int()),
      next_post_at: z.string().nullable(),
      next_local_time: z.string().nullable(),
    }),
  ),
  time_zone: z.string(),
  next_cursor: nextCursor,
});

export const listCampaignsTool = defineTool({
  name: 'list_campaigns',
  title: 'List campaigns',
  description:
    'Campaigns by name or status, the newest first, with their posts counted by state. Use it for a campaign_id; for the posts themselves call list_posts.',
  scope: 'campaigns:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: filter }) {
    const page = await listCampaigns(ctx, caller, filter);
    return {
      items: page.items.map(({ postCounts, nextPostAt, nextLocalTime, ...campaign }) => ({
        ...campaign,
        post_counts: postCounts,
        next_post_at: nextPostAt && toRfc3339(nextPostAt),
        next_local_time: nextLocalTime,
      })),
      time_zone: page.timeZone,
      next_cursor: page.nextCursor,
    };
  },
  toText: (page) =>
    toLines(page, ({ id, status: is, post_counts, next_local_time, name }) => [
      id,
      is,
      Object.entries(post_counts)
        .map(([key, count]) => `${count} ${key}`)
        .join(', ') || 'no posts',
      next_local_time && `next ${next_local_time}`,
      JSON.stringify(name),
    ]),
});
