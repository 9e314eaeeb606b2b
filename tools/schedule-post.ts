import { z } from 'zod';

import { schedulePost } from '../server/deliveries/schedule-post.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import {
  channelId,
  channelIds,
  expectedRev,
  postId,
  state,
  timeZone,
  toRfc3339,
} from '../server/mcp/params.ts';

const input = z.strictObject({
  post_id: postId,
  expected_rev: expectedRev,
  at: z.string().min(1).max(40).optional().describe('RFC 3339, or a wall time in time_zone'),
  next_slot: z.literal(true).optional().describe('Instead of at: the next free queue slot'),
  time_zone: timeZone.optional(),
  only_channel_ids: channelIds.optional(),
});

const output = z.strictObject({
  state,
  at: z.string(),
  local_time: z.string(),
  time_zone: z.string(),
  approval_url: z.string().nullable(),
  rule_id: z.string().nullable(),
  because: z.string().nullable(),
  deliveries: z.array(z.strictObject({ channel_id: channelId, state })),
  warnings: z.array(
    z.strictObject({
      code: z.enum(['clash', 'duplicate', 'ambiguous_time', 'slot_not_shared', 'channel_needs_reconnect']),
      message: z.string(),
    }),
  ),
});

export const schedulePostTool = defineTool({
  name: 'schedule_post',
  title: 'Schedule or move a post',
  description:
    'Puts this revision of a post on the calendar, or moves it. When the state is awaiting_approval, give the person the approval_url: only they can say yes. To send it at once use publish_post.',
  scope: 'schedule:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: true },
  input,
  output,
  async run({ ctx, caller, input: wish }) {
    const scheduled = await schedulePost(ctx, caller, {
      postId: wish.post_id,
      expectedRev: wish.expected_rev,
      at: wish.at,
      nextSlot: wish.next_slot,
      timeZone: wish.time_zone,
      onlyChannelIds: wish.only_channel_ids,
    });
    return {
      state: scheduled.state,
      at: toRfc3339(scheduled.at),
      local_time: scheduled.localTime,
      time_zone: scheduled.timeZone,
      approval_url: scheduled.approvalUrl,
      rule_id: scheduled.approvalReason?.ruleId ?? null,
      because: scheduled.approvalReason?.words ?? null,
      deliveries: scheduled.deliveries.map((delivery) => ({
        channel_id: delivery.channelId,
        state: delivery.state,
      })),
      warnings: scheduled.warnings,
    };
  },
});
