import { z } from 'zod';

import { deleteMedia } from '../server/media/delete-media.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { mediaId, mediaState, postId } from '../server/mcp/params.ts';

const input = z.strictObject({ media_id: mediaId });

const output = z.strictObject({
  media_id: mediaId,
  state: mediaState,
  blocked_by: z.array(postId).optional(),
});

export const deleteMediaTool = defineTool({
  name: 'delete_media',
  title: 'Delete a picture',
  description:
    'Deletes a picture from the library for good. Not done while posts that are scheduled, held or going out use it: blocked_by names them, and cancel_schedule frees it.',
  scope: 'media:write',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { media_id } }) {
    const { state, blockedBy } = await deleteMedia(ctx, caller, { mediaId: media_id });
    return { media_id, state, ...(blockedBy.length > 0 && { blocked_by: blockedBy }) };
  },
});
