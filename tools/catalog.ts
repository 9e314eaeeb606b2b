import type { Tool } from '../server/mcp/define-tool.ts';
import { cancelScheduleTool } from './cancel-schedule.ts';
import { createCampaignTool } from './create-campaign.ts';
import { createPostTool } from './create-post.ts';
import { deleteMediaTool } from './delete-media.ts';
import { discardPostTool } from './discard-post.ts';
import { findSlotsTool } from './find-slots.ts';
import { getCampaignTool } from './get-campaign.ts';
import { generateCaptionsTool } from './generate-captions.ts';
import { getCampaignMetricsTool } from './get-campaign-metrics.ts';
import { getChannelMetricsTool } from './get-channel-metrics.ts';
import { getPostMetricsTool } from './get-post-metrics.ts';
import { getPostTool } from './get-post.ts';
import { listActivityTool } from './list-activity.ts';
import { listCampaignsTool } from './list-campaigns.ts';
import { listChannelsTool } from './list-channels.ts';
import { listMediaTool } from './list-media.ts';
import { listPostsTool } from './list-posts.ts';
import { previewPostTool } from './preview-post.ts';
import { publishPostTool } from './publish-post.ts';
import { requestApprovalTool } from './request-approval.ts';
import { resolveDeliveryTool } from './resolve-delivery.ts';
import { schedulePostTool } from './schedule-post.ts';
import { takeDownPostTool } from './take-down-post.ts';
import { updateCampaignTool } from './update-campaign.ts';
import { updateMediaTool } from './update-media.ts';
import { updatePostTool } from './update-post.ts';
import { uploadMediaTool } from './upload-media.ts';

/** Every tool, in the order in which tools/list shows them. */
export const tools: readonly Tool[] = [
  listCampaignsTool,
  getCampaignTool,
  createCampaignTool,
  updateCampaignTool,
  listChannelsTool,
  generateCaptionsTool,
  createPostTool,
  listPostsTool,
  getPostTool,
  updatePostTool,
  previewPostTool,
  discardPostTool,
  findSlotsTool,
  schedulePostTool,
  cancelScheduleTool,
  requestApprovalTool,
  publishPostTool,
  resolveDeliveryTool,
  takeDownPostTool,
  getPostMetricsTool,
  getCampaignMetricsTool,
  getChannelMetricsTool,
  listActivityTool,
  uploadMediaTool,
  listMediaTool,
  updateMediaTool,
  deleteMediaTool,
];
