import { z } from 'zod';

import { takeDownPost } from '../server/deliveries/take-down-post.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { channelIds, line, postId } from '../server/mcp/params.ts';

const input = z.strictObject({
  post_id: postId,
  only_channel_ids: channelIds.optional(),
  reason: line(300),
});

const output = z.strictObject({
  per_channel: z.array(
    z.strictObject({
      channel_id: z.string(),
      state: z.enum(['removed', 'unsupported', 'failed']),
      manual_url: z.string().nullable(),
      problem: z.string().nullable(),
    }),
  ),
});

export const takeDownPostTool = defineTool({
  name: 'take_down_post',
  title: 'Take a post down',
  description:
    'Deletes a published post from its networks for good. Use it only when the person asked for it. Where a network does not allow it, give the person manual_url; call again for what failed.',
  scope: 'posts:publish',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  input,
  output,
  async run({ ctx, caller, input: { post_id, only_channel_ids, reason } }) {
    const { perChannel } = await takeDownPost(ctx, caller, {
      postId: post_id,
      onlyChannelIds: only_channel_ids,
      reason,
    });
    return {
      per_channel: perChannel.map(({ channelId, manualUrl, ...channel }) => ({
        channel_id: channelId,
        ...channel,
        manual_url: manualUrl,
      })),
    };
  },
});
