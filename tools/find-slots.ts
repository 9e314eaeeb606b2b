import { z } from 'zod';

import { defineTool } from '../server/mcp/define-tool.ts';
import { channelIds, toRfc3339 } from '../server/mcp/params.ts';
import { findSlots } from '../server/scheduling/find-slots.ts';

const input = z.strictObject({
  channel_ids: channelIds.optional(),
  basis: z.enum(['queue', 'best_times']),
  from: z.string().min(1).max(40).optional().describe('RFC 3339 or a date; default: now'),
  count: z.int().min(1).max(20).optional().describe('Default 5'),
});

const output = z.strictObject({
  slots: z.array(z.strictObject({ at: z.string(), local_time: z.string(), reason: z.string() })),
  time_zone: z.string(),
});

export const findSlotsTool = defineTool({
  name: 'find_slots',
  title: 'Find times to post',
  description:
    'When posts could go out: the next free slots of the queue, or the hours that did best so far, with the figures behind them. Pass the time chosen to schedule_post, or take the first queue slot with its next_slot.',
  scope: 'schedule:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: wish }) {
    const { slots, timeZone } = await findSlots(ctx, caller, {
      channelIds: wish.channel_ids,
      basis: wish.basis,
      from: wish.from,
      count: wish.count ?? 5,
    });
    return {
      slots: slots.map(({ at, localTime, reason }) => ({ at: toRfc3339(at), local_time: localTime, reason })),
      time_zone: timeZone,
    };
  },
});
