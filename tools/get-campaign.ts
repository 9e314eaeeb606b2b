import { z } from 'zod';

import { fromDate } from '../server/campaigns/campaign-dates.ts';
import { getCampaign } from '../server/campaigns/get-campaign.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { campaignId, campaignStatus, state, toRfc3339 } from '../server/mcp/params.ts';

const input = z.strictObject({ campaign_id: campaignId });

const output = z.strictObject({
  campaign: z.strictObject({
    id: z.string(),
    name: z.string(),
    goal: z.string(),
    audience: z.string().nullable(),
    key_messages: z.array(z.string()),
    channels: z.array(z.strictObject({ channel_id: z.string(), network: z.string(), status: z.string() })),
    starts_on: z.string().nullable(),
    ends_on: z.string().nullable(),
    status: campaignStatus,
    url: z.string(),
  }),
  rev: z.int(),
  counts: z.partialRecord(state, z.int()),
  upcoming: z.array(
    z.strictObject({
      post_id: z.string(),
      state: z.string(),
      at: z.string(),
      local_time: z.string(),
      excerpt: z.string(),
    }),
  ),
  problems: z.array(
    z.strictObject({
      code: z.string(),
      message: z.string(),
      post_id: z.string().nullable(),
      channel_id: z.string().nullable(),
      next_step: z.string(),
    }),
  ),
  time_zone: z.string(),
});

export const getCampaignTool = defineTool({
  name: 'get_campaign',
  title: 'Look at a campaign',
  description:
    'The brief, channels, posts counted by state, the next 5 posts, and what needs a person with its next step. Use it before you write captions or report on a campaign.',
  scope: 'campaigns:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { campaign_id } }) {
    const campaign = await getCampaign(ctx, caller, campaign_id);
    const { id, name, goal, audience, keyMessages, startsOn, endsOn, status, url } = campaign;
    return {
      campaign: {
        id,
        name,
        goal,
        audience,
        key_messages: keyMessages,
        channels: campaign.channels.map((channel) => ({
          channel_id: channel.id,
          network: channel.network,
          status: channel.status,
        })),
        starts_on: fromDate(startsOn),
        ends_on: fromDate(endsOn),
        status,
        url,
      },
      rev: campaign.rev,
      counts: campaign.counts,
      upcoming: campaign.upcoming.map((post) => ({
        post_id: post.postId,
        state: post.state,
        at: toRfc3339(post.at),
        local_time: post.localTime,
        excerpt: post.excerpt,
      })),
      problems: campaign.problems.map(({ code, message, postId, channelId, nextStep }) => ({
        code,
        message,
        post_id: postId,
        channel_id: channelId,
        next_step: nextStep,
      })),
      time_zone: campaign.timeZone,
    };
  },
});
