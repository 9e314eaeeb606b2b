import { z } from 'zod';

import { publishPost } from '../server/deliveries/publish-post.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { channelId, channelIds, expectedRev, postId, state } from '../server/mcp/params.ts';

const input = z.strictObject({
  post_id: postId,
  expected_rev: expectedRev,
  only_channel_ids: channelIds.optional(),
});

const output = z.strictObject({
  deliveries: z.array(z.strictObject({ channel_id: channelId, state, url: z.string().nullable() })),
  approval_url: z.string().nullable(),
  rule_id: z.string().nullable(),
  because: z.string().nullable(),
  poll_after_s: z.int(),
});

export const publishPostTool = defineTool({
  name: 'publish_post',
  title: 'Publish a post now',
  description:
    'Sends this revision of a post now, in the background, at most once per channel. Use it only when the person asked for now, else schedule_post. Call get_post after poll_after_s seconds for the links.',
  scope: 'posts:publish',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  input,
  output,
  async run({ ctx, caller, input: wish }) {
    const started = await publishPost(ctx, caller, {
      postId: wish.post_id,
      expectedRev: wish.expected_rev,
      onlyChannelIds: wish.only_channel_ids,
    });
    return {
      deliveries: started.deliveries.map(({ channelId: channel_id, ...delivery }) => ({
        channel_id,
        ...delivery,
      })),
      approval_url: started.approvalUrl,
      rule_id: started.approvalReason?.ruleId ?? null,
      because: started.approvalReason?.words ?? null,
      poll_after_s: started.pollAfterSeconds,
    };
  },
});
