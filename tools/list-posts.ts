import { z } from 'zod';

import { defineTool } from '../server/mcp/define-tool.ts';
import {
  campaignId,
  channelId,
  cursor,
  limit,
  nextCursor,
  postId,
  state,
  toRfc3339,
} from '../server/mcp/params.ts';
import { toLines } from '../server/mcp/to-lines.ts';
import { listPosts } from '../server/posts/list-posts.ts';

const moment = z.string().min(1).max(40);

const input = z.strictObject({
  state: z.array(state).min(1).max(14).optional(),
  campaign_id: campaignId.optional(),
  channel_id: channelId.optional(),
  from: moment.optional().describe('RFC 3339 or a date; leaves drafts out'),
  to: moment.optional().describe('Up to, not including'),
  limit: limit.optional(),
  cursor: cursor.optional(),
});

const output = z.strictObject({
  items: z.array(
    z.strictObject({
      id: postId,
      state,
      when: z.string().nullable(),
      local_time: z.string().nullable(),
      channels: z.array(z.string()),
      excerpt: z.string(),
    }),
  ),
  time_zone: z.string(),
  next_cursor: nextCursor,
});

export const listPostsTool = defineTool({
  name: 'list_posts',
  title: 'List posts',
  description:
    'Posts by state, campaign, channel or time window, such as what waits for a person or what happened last night. The newest first, or by time when from or to is given; for one post call get_post.',
  scope: 'captions:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { state: states, campaign_id, channel_id, ...rest } }) {
    const page = await listPosts(ctx, caller, {
      ...rest,
      states,
      withRequested: true,
      campaignId: campaign_id,
      channelId: channel_id,
    });
    return {
      items: page.items.map((post) => ({
        id: post.id,
        state: post.state,
        when: post.when && toRfc3339(post.when),
        local_time: post.localTime,
        channels: [...new Set(post.channels.map(({ network }) => network))],
        excerpt: post.excerpt,
      })),
      time_zone: page.timeZone,
      next_cursor: page.nextCursor,
    };
  },
  toText: (page) =>
    toLines(page, ({ id, state: is, local_time, channels, excerpt }) => [
      id,
      is,
      local_time,
      channels.join(', '),
      JSON.stringify(excerpt),
    ]),
});
