import { z } from 'zod';

import { defineTool } from '../server/mcp/define-tool.ts';
import {
  campaignId,
  captionOverrides,
  captionText,
  channelIds,
  checkedCaption,
  clientRef,
  mediaIds,
  postId,
} from '../server/mcp/params.ts';
import { toCaption, toOverrides } from '../server/mcp/to-caption.ts';
import { createPost } from '../server/posts/create-post.ts';

const input = z.strictObject({
  campaign_id: campaignId,
  channel_ids: channelIds,
  text: captionText.describe('For every channel without an override'),
  overrides: captionOverrides.optional().describe('Another text for one channel, or the parts of a thread'),
  media_ids: mediaIds.optional(),
  client_ref: clientRef.optional(),
});

const output = z.strictObject({
  post_id: postId,
  rev: z.int(),
  captions: z.array(checkedCaption),
  duplicate_of: postId.nullable(),
  url: z.string(),
});

export const createPostTool = defineTool({
  name: 'create_post',
  title: 'Draft a post',
  description:
    'Drafts a post for one or more channels of a campaign; nothing is published. A caption that breaks a rule of its network is saved and reported. Next: preview_post, then schedule_post.',
  scope: 'captions:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: draft }) {
    const created = await createPost(ctx, caller, {
      campaignId: draft.campaign_id,
      channelIds: draft.channel_ids,
      text: draft.text,
      overrides: toOverrides(draft.overrides),
      mediaIds: draft.media_ids,
      clientRef: draft.client_ref,
    });
    return {
      post_id: created.postId,
      rev: created.rev,
      captions: created.captions.map(toCaption),
      duplicate_of: created.duplicateOf,
      url: created.url,
    };
  },
});
