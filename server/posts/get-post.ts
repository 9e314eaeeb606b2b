import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { DeliveryState } from '../deliveries/delivery-state.ts';
import { unavailable } from '../errors.ts';

export interface PostDetails {
  id: string;
  campaignId: string;
  campaignName: string;
  rev: number;
  state: DeliveryState;
  /** The text as it was written for all channels. */
  text: string;
  /** Hex SHA-256 of everything that would be published: what an approval is of. */
  contentHash: string;
  createdAt: Date;
  /** Who drafted it: a person's name, and the client's when one did it for them. */
  createdBy: { personName: string; clientName: string | null };
  url: string;
  /** Where a person approves; null when nothing waits for approval. */
  approvalUrl: string | null;
  /** The last decision about the current revision. */
  approval: { decision: 'approved' | 'rejected'; personName: string; note: string | null; at: Date } | null;
  /** The team's IANA zone. */
  timeZone: string;
  deliveries: DeliveryDetails[];
}

export interface DeliveryDetails {
  id: string;
  channelId: string;
  network: string;
  handle: string;
  state: DeliveryState;
  rev: number;
  parts: string[];
  dueAt: Date | null;
  /** For people, in the zone it was scheduled in. */
  localTime: string | null;
  timeZone: string | null;
  publishedAt: Date | null;
  url: string | null;
  problem: { code: string; message: string } | null;
  /** The client and person under whom it goes out. */
  scheduledBy: { personName: string; clientName: string | null } | null;
  /** Only when asked for; oldest first. */
  attempts: AttemptDetails[];
}

export interface AttemptDetails {
  kind: 'send' | 'read_back';
  partNo: number;
  startedAt: Date;
  finishedAt: Date | null;
  outcome: string | null;
}

/** @throws AppError NotFound */
export async function getPost(
  _context: Context,
  _caller: Caller,
  _input: { postId: string; includeAttempts?: boolean | undefined },
): Promise<PostDetails> {
  throw unavailable({ code: 'unavailable', message: 'Posts are not ready.' });
}
