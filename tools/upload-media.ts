import { z } from 'zod';

import { uploadMedia } from '../server/media/upload-media.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { altText, campaignId, line, mediaId, mediaState, tags, toRfc3339 } from '../server/mcp/params.ts';

const input = z.strictObject({
  url: z
    .url({ protocol: /^https?$/ })
    .max(2000)
    .optional()
    .describe('Public https address of a picture'),
  card: z
    .strictObject({
      title: line(200),
      subtitle: line(300).optional(),
      theme: z.enum(['light', 'dark']).optional(),
      size: z.enum(['landscape', 'square', 'portrait', 'story']).optional(),
    })
    .optional()
    .describe('A picture of these words'),
  filename: line(200).optional(),
  alt_text: altText.optional(),
  tags: tags.optional(),
  campaign_id: campaignId.optional(),
});

const output = z.strictObject({
  media_id: mediaId,
  state: mediaState,
  upload_url: z.string().optional(),
  expires_at: z.string().optional(),
  problem: z.string().optional(),
});

export const uploadMediaTool = defineTool({
  name: 'upload_media',
  title: 'Add a picture',
  description:
    'Adds a picture to the library: from a public url, as a card drawn from words, or, with neither, by a one-time upload_url for a local file (curl -T FILE URL; name each file). Next: media_ids of create_post.',
  scope: 'media:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: false, openWorldHint: true },
  input,
  output,
  async run({ ctx, caller, input: { alt_text, campaign_id, ...picture } }) {
    const added = await uploadMedia(ctx, caller, { ...picture, altText: alt_text, campaignId: campaign_id });
    if ('link' in added) {
      const { mediaId: media_id, uploadUrl, expiresAt } = added.link;
      return {
        media_id,
        state: 'awaiting_upload' as const,
        upload_url: uploadUrl,
        expires_at: toRfc3339(expiresAt),
      };
    }
    const { media } = added;
    const { id, state, altText: kept } = media;
    const isTaken =
      (!alt_text?.trim() || alt_text.trim() === kept) &&
      (campaign_id === undefined || campaign_id === media.campaignId) &&
      (picture.tags ?? []).every((tag) => media.tags.includes(tag));
    const problem = !kept ? MISSING_ALT : isTaken ? undefined : NOT_TAKEN;
    return { media_id: id, state, ...(problem && { problem }) };
  },
});

const NOT_TAKEN = 'It was in the library already; its description stays: change it with update_media.';
const MISSING_ALT = 'It has no alt text: describe it with update_media.';
