import { z } from 'zod';

import { createCampaign } from '../server/campaigns/create-campaign.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { campaignId, channelIds, clientRef, line } from '../server/mcp/params.ts';

const input = z.strictObject({
  name: line(120),
  goal: line(2000).describe('What the campaign is to achieve'),
  audience: line(2000).optional(),
  key_messages: z.array(line(500)).max(20).optional(),
  channel_ids: channelIds.optional(),
  starts_on: z.iso.date().optional(),
  ends_on: z.iso.date().optional(),
  client_ref: clientRef.optional(),
});

const output = z.strictObject({
  campaign_id: campaignId,
  rev: z.int(),
  url: z.string(),
});

export const createCampaignTool = defineTool({
  name: 'create_campaign',
  title: 'Create a campaign',
  description:
    'Creates a campaign with a brief that later captions follow. Use list_campaigns first to see whether it exists. Then draft its posts with create_post.',
  scope: 'campaigns:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: brief }) {
    const created = await createCampaign(ctx, caller, {
      name: brief.name,
      goal: brief.goal,
      audience: brief.audience,
      keyMessages: brief.key_messages,
      channelIds: brief.channel_ids,
      startsOn: brief.starts_on,
      endsOn: brief.ends_on,
      clientRef: brief.client_ref,
    });
    return { campaign_id: created.campaignId, rev: created.rev, url: created.url };
  },
});
