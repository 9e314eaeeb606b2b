import { z } from 'zod';

import { defineTool } from '../server/mcp/define-tool.ts';
import { campaignId, channelId, mediaId, postId, state } from '../server/mcp/params.ts';
import { toPost } from '../server/mcp/to-post.ts';
import { getPost } from '../server/posts/get-post.ts';

const input = z.strictObject({
  post_id: postId,
  include: z
    .array(z.enum(['attempts']))
    .max(1)
    .optional()
    .describe('attempts: every try to send it'),
});

const time = z.string().nullable();

const output = z.strictObject({
  post: z.strictObject({ id: postId, campaign_id: campaignId, state, text: z.string(), url: z.string() }),
  rev: z.int(),
  media: z.array(z.strictObject({ media_id: mediaId, alt_text: z.string().nullable() })),
  approval: z
    .strictObject({
      decision: z.enum(['approved', 'rejected', 'requested', 'request_expired']),
      by: z.string(),
      note: z.string().nullable(),
      at: z.string(),
      expires_at: time,
    })
    .nullable(),
  approval_url: z.string().nullable(),
  schedule: z.strictObject({ at: z.string(), local_time: z.string(), time_zone: z.string() }).nullable(),
  time_zone: z.string(),
  deliveries: z.array(
    z.strictObject({
      channel_id: channelId,
      network: z.string(),
      state,
      parts: z.array(z.string()),
      at: time,
      local_time: time,
      published_at: time,
      url: z.string().nullable(),
      problem: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
      attempts: z
        .array(
          z.strictObject({
            kind: z.enum(['send', 'read_back']),
            part_no: z.int(),
            started_at: z.string(),
            finished_at: time,
            outcome: z.string().nullable(),
          }),
        )
        .optional(),
    }),
  ),
});

export const getPostTool = defineTool({
  name: 'get_post',
  title: 'Read a post',
  description:
    'One post with its captions, pictures, decision or open request, and per channel the time, state, link or problem. Use it before schedule_post or update_post for the rev, and after publishing for what happened.',
  scope: 'captions:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { post_id, include } }) {
    const includeAttempts = include?.includes('attempts') ?? false;
    return toPost(await getPost(ctx, caller, { postId: post_id, includeAttempts }), { includeAttempts });
  },
});
