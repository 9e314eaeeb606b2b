import { z } from 'zod';

import { defineTool } from '../server/mcp/define-tool.ts';
import {
  captionOverrides,
  captionText,
  channelIds,
  checkedCaption,
  expectedRev,
  mediaIds,
  postId,
  state,
} from '../server/mcp/params.ts';
import { toCaption, toOverrides } from '../server/mcp/to-caption.ts';
import { updatePost } from '../server/posts/update-post.ts';

const changes = z
  .strictObject({
    text: captionText.describe('For every channel without words of its own').optional(),
    overrides: captionOverrides.optional(),
    media_ids: mediaIds.optional(),
    channel_ids: channelIds.optional(),
  })
  .refine((given) => Object.keys(given).length > 0, 'name what changes')
  .describe('What is left out stays');

const input = z.strictObject({ post_id: postId, expected_rev: expectedRev, changes });

const output = z.strictObject({
  rev: z.int(),
  approval_reset: z.boolean(),
  state,
  approval_url: z.string().nullable(),
  captions: z.array(checkedCaption),
});

export const updatePostTool = defineTool({
  name: 'update_post',
  title: 'Edit a post',
  description:
    'Changes text, pictures or channels of a post that has not gone out; what is scheduled keeps its time. Every edit is a new rev and needs a person again where a person had approved (approval_reset). Next: preview_post.',
  scope: 'captions:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { post_id, expected_rev, changes: wish } }) {
    const updated = await updatePost(ctx, caller, {
      postId: post_id,
      expectedRev: expected_rev,
      changes: {
        text: wish.text,
        overrides: toOverrides(wish.overrides),
        mediaIds: wish.media_ids,
        channelIds: wish.channel_ids,
      },
    });
    return {
      rev: updated.rev,
      approval_reset: updated.isApprovalReset,
      state: updated.state,
      approval_url: updated.approvalUrl,
      captions: updated.captions.map(toCaption),
    };
  },
});
