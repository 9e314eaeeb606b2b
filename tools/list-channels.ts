import { z } from 'zod';

import { CAPTION_NETWORKS } from '../server/captions/caption-brief.ts';
import { listChannels } from '../server/channels/list-channels.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { describeLimits } from '../server/mcp/describe-limits.ts';
import { channelId, toRfc3339 } from '../server/mcp/params.ts';

const input = z.strictObject({
  network: z.enum(CAPTION_NETWORKS).optional().describe('Also what imitates it'),
});

const output = z.strictObject({
  items: z.array(
    z.strictObject({
      id: channelId,
      network: z.string(),
      imitates: z.string().nullable(),
      handle: z.string(),
      status: z.enum(['ok', 'needs_reconnect']),
      token_expires_at: z.string().nullable(),
      posts_left_today: z.int().nullable(),
      may: z.array(z.enum(['draft', 'schedule', 'publish'])),
      because: z.string().nullable(),
    }),
  ),
  may_not: z.string().nullable(),
});

export const listChannelsTool = defineTool({
  name: 'list_channels',
  title: 'List channels',
  description:
    'The linked social accounts of the team, their health, and what this connection may do on each unasked. One that imitates a network practises its rules on the Playground. Call it first: create_post and create_campaign take these ids.',
  scope: 'campaigns:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { network } }) {
    const channels = await listChannels(ctx, caller, { network });
    const table = await ctx.policies.tableOf(caller.teamId, caller.policyVersion);
    return {
      items: channels.map(({ linkEndsAt, postsLeftToday, ownLimits: _ownLimits, ...channel }) => ({
        ...channel,
        token_expires_at: linkEndsAt && toRfc3339(linkEndsAt),
        posts_left_today: postsLeftToday,
      })),
      may_not: describeLimits(ctx, caller, table),
    };
  },
  toText({ items, may_not }) {
    // The same reason for all is said once.
    const reasons = new Set(items.map(({ because }) => because));
    const [common] = items.length > 1 && reasons.size === 1 ? reasons : [];
    const lines = items.map((channel) =>
      [
        channel.id,
        channel.imitates ? `${channel.network}, rules of ${channel.imitates}` : channel.network,
        JSON.stringify(channel.handle),
        channel.status === 'ok' ? null : channel.status,
        channel.posts_left_today === null ? null : `${channel.posts_left_today} posts left today`,
        `may ${channel.may.join(', ') || 'only be looked at'}`,
        common ? null : channel.because,
      ]
        .filter(Boolean)
        .join(' | '),
    );
    return [
      `${lines.length} channels`,
      ...lines,
      ...(common ? [`On all: ${common}`] : []),
      ...(may_not ? [may_not] : []),
    ].join('\n');
  },
});
