import { z } from 'zod';

import { defineTool } from '../server/mcp/define-tool.ts';
import { expectedRev, postId, toRfc3339 } from '../server/mcp/params.ts';
import { discardPost } from '../server/posts/discard-post.ts';

const input = z.strictObject({
  post_id: postId,
  expected_rev: expectedRev,
  restore: z.boolean().optional().describe('Take it out of the trash'),
});

const output = z.strictObject({ state: z.string(), restorable_until: z.string().nullable() });

export const discardPostTool = defineTool({
  name: 'discard_post',
  title: 'Put a post into the trash',
  description:
    'Puts an unpublished post into the trash for 30 days, off the schedule on every channel; with restore it comes back as a draft. What is published is removed with take_down_post.',
  scope: 'captions:write',
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: { post_id, expected_rev, restore } }) {
    const discarded = await discardPost(ctx, caller, { postId: post_id, expectedRev: expected_rev, restore });
    return {
      state: discarded.state,
      restorable_until: discarded.restorableUntil && toRfc3339(discarded.restorableUntil),
    };
  },
});
