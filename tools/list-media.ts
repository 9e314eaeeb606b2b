import { z } from 'zod';

import { listMedia } from '../server/media/list-media.ts';
import { createFitFinder } from '../server/media/find-fits.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { cursor, limit, line, mediaId, mediaItem, nextCursor } from '../server/mcp/params.ts';
import { describeMediaItem, toMediaItem, toMediaLine } from '../server/mcp/to-media.ts';

const input = z.strictObject({
  ids: z.array(mediaId).min(1).max(50).optional().describe('These, with state, fit per network and details'),
  query: line(100).optional().describe('In filename, alt text or tags'),
  type: z.enum(['jpeg', 'png', 'webp', 'gif']).optional(),
  missing_alt: z.boolean().optional(),
  limit: limit.optional(),
  cursor: cursor.optional(),
});

const output = z.strictObject({ items: z.array(mediaItem), next_cursor: nextCursor });

export const listMediaTool = defineTool({
  name: 'list_media',
  title: 'List pictures',
  description:
    'Pictures of the library, newest first, or those of the ids given with state, tags and how each network of the team takes them. Call it before media_ids of create_post, and after an upload.',
  scope: 'media:read',
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { missing_alt, ...filter } }) {
    const page = await listMedia(ctx, caller, { ...filter, isMissingAlt: missing_alt });
    if (!filter.ids) return { items: page.items.map(toMediaLine), next_cursor: page.nextCursor };
    const fitOf = await createFitFinder(ctx, caller);
    return {
      items: page.items.map((media) => toMediaItem(media, fitOf(media))),
      next_cursor: page.nextCursor,
    };
  },
  toText({ items, next_cursor }) {
    const tail = next_cursor ? [`next_cursor: ${next_cursor}`] : [];
    return [`${items.length} pictures`, ...items.map(describeMediaItem), ...tail].join('\n');
  },
});
