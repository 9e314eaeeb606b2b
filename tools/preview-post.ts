import { z } from 'zod';

import { defineTool } from '../server/mcp/define-tool.ts';
import { channelId, postId, problem } from '../server/mcp/params.ts';
import { toProblem } from '../server/mcp/to-problem.ts';
import { previewPost } from '../server/posts/preview-post.ts';

const input = z.strictObject({ post_id: postId });

const output = z.strictObject({
  ready: z.boolean(),
  rev: z.int(),
  channels: z.array(
    z.strictObject({
      channel_id: channelId,
      network: z.string(),
      parts: z.array(z.string()),
      count: z.int(),
      limit: z.int(),
      problems: z.array(problem),
    }),
  ),
});

export const previewPostTool = defineTool({
  name: 'preview_post',
  title: 'Preview a post',
  description:
    'A dry run: the exact text per channel, its length as the network counts it, and every rule that would fail. Use it before schedule_post.',
  scope: 'captions:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { post_id } }) {
    const preview = await previewPost(ctx, caller, { postId: post_id });
    return {
      ready: preview.isReady,
      rev: preview.rev,
      channels: preview.channels.map(({ channelId: channel_id, problems, ...channel }) => ({
        channel_id,
        ...channel,
        problems: problems.map(toProblem),
      })),
    };
  },
});
