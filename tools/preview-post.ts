import { z } from 'zod';

import { defineTool } from '../server/mcp/define-tool.ts';
import { channelId, mediaId, postId, problem } from '../server/mcp/params.ts';
import { toProblem } from '../server/mcp/to-problem.ts';
import type { FittedPicture } from '../server/posts/fit-pictures.ts';
import { previewPost } from '../server/posts/preview-post.ts';

const input = z.strictObject({ post_id: postId });

/** What of the picture stays, as shares of its width and height. */
const cropBox = z.strictObject({ left: z.number(), top: z.number(), width: z.number(), height: z.number() });

const output = z.strictObject({
  ready: z.boolean(),
  rev: z.int(),
  channels: z.array(
    z.strictObject({
      channel_id: channelId,
      network: z.string(),
      parts: z.array(z.string()),
      count: z.int(),
      limit: z.int(),
      media: z.array(
        z.strictObject({
          media_id: mediaId,
          fit: z.enum(['ok', 'will_convert', 'no']),
          width: z.int(),
          height: z.int(),
          mime_type: z.string(),
          crop: cropBox.nullable(),
          alt_text: z.string().nullable(),
        }),
      ),
      suggested_parts: z.array(z.string()).optional(),
      problems: z.array(problem),
    }),
  ),
});

export const previewPostTool = defineTool({
  name: 'preview_post',
  title: 'Preview a post',
  description:
    'A dry run: the exact text and pictures as each channel gets and counts them, and every rule that fails or warns. Use it before schedule_post; correct what it names with update_post.',
  scope: 'captions:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { post_id } }) {
    const preview = await previewPost(ctx, caller, { postId: post_id });
    return {
      ready: preview.isReady,
      rev: preview.rev,
      channels: preview.channels.map((channel) => ({
        channel_id: channel.channelId,
        network: channel.network,
        parts: channel.parts,
        count: channel.count,
        limit: channel.limit,
        media: channel.pictures.map(toFitted),
        ...(channel.suggestedParts && { suggested_parts: [...channel.suggestedParts] }),
        problems: channel.problems.map(toProblem),
      })),
    };
  },
});

function toFitted({
  mediaId: media_id,
  mimeType: mime_type,
  altText: alt_text,
  crop,
  ...picture
}: FittedPicture) {
  return { media_id, mime_type, alt_text, ...picture, crop: crop && toShares(crop) };
}

/** A thousandth of a picture is finer than anybody looks. */
function toShares(crop: NonNullable<FittedPicture['crop']>) {
  const round = (share: number) => Math.round(share * 1000) / 1000;
  return {
    left: round(crop.left),
    top: round(crop.top),
    width: round(crop.width),
    height: round(crop.height),
  };
}
