import { z } from 'zod';

import { cancelSchedule } from '../server/deliveries/cancel-schedule.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { channelId, postId, state } from '../server/mcp/params.ts';

const input = z.strictObject({ post_id: postId });

const output = z.strictObject({ state, cancelled_channels: z.array(channelId) });

export const cancelScheduleTool = defineTool({
  name: 'cancel_schedule',
  title: 'Take a post off the schedule',
  description:
    'Takes a post off the schedule on every channel where it still waits; it stays a draft. To move it to another time use schedule_post. What went out stays out: see take_down_post.',
  scope: 'schedule:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { post_id } }) {
    const cancelled = await cancelSchedule(ctx, caller, { postId: post_id });
    return { state: cancelled.state, cancelled_channels: cancelled.cancelledChannelIds };
  },
});
