import type { Tool } from '../server/mcp/define-tool.ts';
import { cancelScheduleTool } from './cancel-schedule.ts';
import { createCampaignTool } from './create-campaign.ts';
import { createPostTool } from './create-post.ts';
import { getCampaignTool } from './get-campaign.ts';
import { getCampaignMetricsTool } from './get-campaign-metrics.ts';
import { getChannelMetricsTool } from './get-channel-metrics.ts';
import { getPostMetricsTool } from './get-post-metrics.ts';
import { getPostTool } from './get-post.ts';
import { listActivityTool } from './list-activity.ts';
import { listCampaignsTool } from './list-campaigns.ts';
import { listChannelsTool } from './list-channels.ts';
import { listPostsTool } from './list-posts.ts';
import { previewPostTool } from './preview-post.ts';
import { publishPostTool } from './publish-post.ts';
import { requestApprovalTool } from './request-approval.ts';
import { schedulePostTool } from './schedule-post.ts';
import { updateCampaignTool } from './update-campaign.ts';

/** Every tool, in the order in which tools/list shows them. */
export const tools: readonly Tool[] = [
  listCampaignsTool,
  getCampaignTool,
  createCampaignTool,
  updateCampaignTool,
  listChannelsTool,
  createPostTool,
  listPostsTool,
  getPostTool,
  previewPostTool,
  schedulePostTool,
  cancelScheduleTool,
  requestApprovalTool,
  publishPostTool,
  getPostMetricsTool,
  getCampaignMetricsTool,
  getChannelMetricsTool,
  listActivityTool,
];
