import { z } from 'zod';

import { defineTool } from '../server/mcp/define-tool.ts';
import { campaignId, channelId, channelIds, clientRef, postId, problem, text } from '../server/mcp/params.ts';
import { toProblem } from '../server/mcp/to-problem.ts';
import { createPost } from '../server/posts/create-post.ts';

const caption = text(20_000);

const input = z.strictObject({
  campaign_id: campaignId,
  channel_ids: channelIds,
  text: caption.describe('For every channel without an override'),
  overrides: z
    .array(
      z
        .strictObject({
          channel_id: channelId,
          text: caption.optional(),
          parts: z.array(caption).min(1).max(50).optional(),
        })
        .refine(
          (override) => (override.text === undefined) !== (override.parts === undefined),
          'give text or parts',
        ),
    )
    .max(20)
    .optional()
    .describe('Another text for one channel, or the parts of a thread'),
  client_ref: clientRef.optional(),
});

const output = z.strictObject({
  post_id: postId,
  rev: z.int(),
  captions: z.array(
    z.strictObject({
      channel_id: channelId,
      ok: z.boolean(),
      count: z.int(),
      limit: z.int(),
      problems: z.array(problem),
    }),
  ),
  duplicate_of: postId.nullable(),
  url: z.string(),
});

export const createPostTool = defineTool({
  name: 'create_post',
  title: 'Draft a post',
  description:
    'Drafts a post for one or more channels of a campaign; nothing is published. A caption that breaks a rule of its network is saved and reported. Next: preview_post, then schedule_post.',
  scope: 'captions:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: draft }) {
    const created = await createPost(ctx, caller, {
      campaignId: draft.campaign_id,
      channelIds: draft.channel_ids,
      text: draft.text,
      overrides: draft.overrides?.map(({ channel_id, ...words }) => ({ channelId: channel_id, ...words })),
      clientRef: draft.client_ref,
    });
    return {
      post_id: created.postId,
      rev: created.rev,
      captions: created.captions.map(({ channelId: channel_id, count, limit, problems }) => ({
        channel_id,
        ok: problems.length === 0,
        count,
        limit,
        problems: problems.map(toProblem),
      })),
      duplicate_of: created.duplicateOf,
      url: created.url,
    };
  },
});
