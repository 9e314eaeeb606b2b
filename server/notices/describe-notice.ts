import { z } from 'zod';

import type { Context } from '../context.ts';
import type { ClaimedCall } from './claim-webhook-calls.ts';
import { NOTICE_KINDS, type NoticeKind } from './notice-kinds.ts';

const detailSchema = z.record(z.string(), z.unknown());

/** What a webhook is sent: the payload of Standard Webhooks. No captions and no secrets: those stand behind the link. */
export interface WebhookPayload {
  type: string;
  /** When it happened, ISO 8601. */
  timestamp: string;
  data: Record<string, unknown>;
}

export function describeNotice(
  { publicUrl }: Pick<Context, 'publicUrl'>,
  { kind, target, teamId, createdAt, detail }: Omit<ClaimedCall, 'sealedSecret'>,
): WebhookPayload {
  const isPost = kind.startsWith('post.');
  const isChannel = kind.startsWith('channel.');
  return {
    type: kind,
    timestamp: createdAt.toISOString(),
    data: {
      team_id: teamId,
      ...(isPost && { post_id: target }),
      ...(isChannel && { channel_id: target }),
      summary: NOTICE_KINDS[kind as NoticeKind] ?? kind,
      ...detailSchema.parse(detail),
      url: `${publicUrl}${pageOf(kind, target)}`,
    },
  };
}

/** Where a person does something about it. */
function pageOf(kind: string, target: string): string {
  if (kind === 'post.awaiting_approval') return `/posts/${target}/approve`;
  if (kind.startsWith('post.')) return `/posts/${target}`;
  if (kind.startsWith('publishing.')) return '/stops';
  return kind.startsWith('channel.') ? '/channels' : '/webhooks';
}
