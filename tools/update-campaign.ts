import { z } from 'zod';

import { updateCampaign } from '../server/campaigns/update-campaign.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { campaignId, campaignStatus, channelId, expectedRev, line } from '../server/mcp/params.ts';

const input = z.strictObject({
  campaign_id: campaignId,
  expected_rev: expectedRev,
  changes: z
    .strictObject({
      name: line(120),
      goal: line(2000),
      audience: line(2000).nullable(),
      key_messages: z.array(line(500)).max(20),
      channel_ids: z.array(channelId).max(20),
      starts_on: z.iso.date().nullable(),
      ends_on: z.iso.date().nullable(),
      status: campaignStatus,
    })
    .partial()
    .describe('Only what is to change; null empties'),
});

const output = z.strictObject({ rev: z.int(), held_posts: z.int(), url: z.string() });

export const updateCampaignTool = defineTool({
  name: 'update_campaign',
  title: 'Change a campaign',
  description:
    'Changes brief, channels, dates or status of a campaign. paused holds its scheduled posts until it is active again; archived also hides it. Posts that exist keep their channels: change those with update_post.',
  scope: 'campaigns:write',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { campaign_id, expected_rev, changes } }) {
    const { rev, heldPosts, url } = await updateCampaign(ctx, caller, {
      campaignId: campaign_id,
      expectedRev: expected_rev,
      changes: {
        name: changes.name,
        goal: changes.goal,
        audience: changes.audience,
        keyMessages: changes.key_messages,
        channelIds: changes.channel_ids,
        startsOn: changes.starts_on,
        endsOn: changes.ends_on,
        status: changes.status,
      },
    });
    return { rev, held_posts: heldPosts, url };
  },
});
