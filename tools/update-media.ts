import { z } from 'zod';

import { createFitFinder } from '../server/media/find-fits.ts';
import { updateMedia } from '../server/media/update-media.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { altText, fit, focalPoint, mediaId, mediaItem, tags } from '../server/mcp/params.ts';
import { toMediaItem } from '../server/mcp/to-media.ts';

const input = z.strictObject({
  media_id: mediaId,
  alt_text: altText.optional().describe('What a person who cannot see it should know'),
  focal_point: focalPoint.optional().describe('What cropping keeps; 0 to 1 from left and top'),
  tags: tags.optional().describe('Replaces all'),
});

const output = z.strictObject({ media: mediaItem.omit({ fit: true }), fit });

export const updateMediaTool = defineTool({
  name: 'update_media',
  title: 'Describe a picture',
  description:
    'Changes alt text, focal point or tags of a picture. Drafts that use it follow; what is scheduled or waits for approval keeps what it had. See the crops with preview_post.',
  scope: 'media:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { media_id, alt_text, focal_point, tags: all } }) {
    const changes = { mediaId: media_id, altText: alt_text, focalPoint: focal_point, tags: all };
    const media = await updateMedia(ctx, caller, changes);
    const { fit: fits = {}, ...item } = toMediaItem(media, (await createFitFinder(ctx, caller))(media));
    return { media: item, fit: fits };
  },
});
