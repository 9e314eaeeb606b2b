import { z } from 'zod';

import { RESOLVE_ACTIONS, resolveDelivery } from '../server/deliveries/resolve-delivery.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { channelId, line, postId, state } from '../server/mcp/params.ts';

const input = z.strictObject({
  post_id: postId,
  channel_id: channelId,
  action: z.enum(RESOLVE_ACTIONS),
  permalink: line(500).optional().describe('For record_as_posted: its address on the network'),
});

const output = z.strictObject({
  delivery: z.strictObject({
    channel_id: z.string(),
    state,
    url: z.string().nullable(),
    problem: z.string().nullable(),
    evidence: z.array(z.string()),
  }),
  approval_url: z.string().nullable(),
  poll_after_s: z.int(),
});

export const resolveDeliveryTool = defineTool({
  name: 'resolve_delivery',
  title: 'Settle a stopped delivery',
  description:
    'For a channel where a post failed, was missed or held, or is unclear: check asks the network, retry sends again where it cannot post twice, record_as_posted and give_up settle it. If poll_after_s is not 0, call get_post then.',
  scope: 'posts:publish',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: true },
  input,
  output,
  async run({ ctx, caller, input: { post_id, channel_id, action, permalink } }) {
    const settled = await resolveDelivery(ctx, caller, {
      postId: post_id,
      channelId: channel_id,
      action,
      permalink,
    });
    const { state: is, url, problem, evidence } = settled;
    return {
      delivery: { channel_id, state: is, url, problem: problem && problem.message, evidence },
      approval_url: settled.approvalUrl,
      poll_after_s: settled.pollAfterSeconds,
    };
  },
});
