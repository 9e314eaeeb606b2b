import { z } from 'zod';

import { requestApproval } from '../server/deliveries/request-approval.ts';
import { defineTool } from '../server/mcp/define-tool.ts';
import { expectedRev, line, postId, toRfc3339 } from '../server/mcp/params.ts';

const input = z.strictObject({
  post_id: postId,
  expected_rev: expectedRev,
  note: line(500).optional().describe('For the person who decides'),
  reviewer_email: line(254).optional().describe('A member; default: all who may approve'),
});

const output = z.strictObject({
  state: z.enum(['awaiting_approval', 'approved', 'rejected']),
  approval_url: z.string().nullable(),
  expires_at: z.string().nullable(),
});

export const requestApprovalTool = defineTool({
  name: 'request_approval',
  title: 'Ask a person to approve a post',
  description:
    'Asks a person to approve exactly this revision before it has a time; any edit voids it. schedule_post asks by itself where it must. Give the person the approval_url: only they can say yes.',
  scope: 'schedule:write',
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  input,
  output,
  async run({ ctx, caller, input: wish }) {
    const requested = await requestApproval(ctx, caller, {
      postId: wish.post_id,
      expectedRev: wish.expected_rev,
      note: wish.note,
      reviewerEmail: wish.reviewer_email,
    });
    return {
      state: requested.state,
      approval_url: requested.approvalUrl,
      expires_at: requested.expiresAt && toRfc3339(requested.expiresAt),
    };
  },
});
