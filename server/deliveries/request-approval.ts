import { assertMayWrite, connectionIdOf, type Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import type { Transaction } from '../database/client.ts';
import { conflict } from '../errors.ts';
import { newId } from '../ids.ts';
import { approvalUrl } from '../posts/post-urls.ts';
import { findReviewer } from '../teams/find-reviewer.ts';
import { assertCaptionKeepsRules } from './choose-deliveries.ts';
import { SCHEDULABLE_STATES, waitsForDecision } from './delivery-state.ts';
import { findRequest, type ApprovalRequestDetails } from './find-request.ts';
import { assertRevision, lockPost, type LockedPost } from './lock-post.ts';

export interface RequestApprovalInput {
  postId: string;
  /** The revision that the caller has seen, and that is to be approved. */
  expectedRev: number;
  /** For the person who decides. */
  note?: string | undefined;
  /** Who is asked; anybody who may when absent. Whoever is asked, every owner and editor may answer. */
  reviewerEmail?: string | undefined;
}

export interface ApprovalRequested {
  /** awaiting_approval until a person answered, then the answer. */
  state: 'awaiting_approval' | 'approved' | 'rejected';
  /** Where a person answers; null when one has. */
  approvalUrl: string | null;
  expiresAt: Date | null;
}

/**
 * Asks a person for a yes to this exact revision, on the calendar or not. The same call again, whatever its note, finds the
 * request that is there or its answer, and changes nothing; when nobody answered in time it asks anew.
 * @throws AppError NotFound; NotAllowed for a viewer; InvalidInput (`invalid_reviewer`, `caption_breaks_rule`);
 *   Conflict (`stale_revision`, `nothing_to_approve` when all of it has gone out)
 */
export async function requestApproval(
  context: Context,
  caller: Caller,
  input: RequestApprovalInput,
): Promise<ApprovalRequested> {
  assertMayWrite(caller);
  return context.db.$transaction(async (tx) => {
    const post = await lockPost(tx, caller, input.postId);
    assertRevision(post, input.expectedRev);
    const isWaiting = post.deliveries.some(
      (delivery) => delivery.rev === post.rev && waitsForDecision(delivery),
    );
    if (post.decision && !isWaiting) return { state: post.decision, approvalUrl: null, expiresAt: null };
    const revision = { teamId: caller.teamId, postId: post.id, rev: post.rev, contentHash: post.contentHash };
    const known = await findRequest(tx, revision);
    if (known?.state === 'open') return toAnswer(context, post, known);
    assertMayBeApproved(post);
    await insertRequest(context, tx, caller, post, input);
    return toAnswer(context, post, (await findRequest(tx, revision))!);
  });
}

function toAnswer(
  context: Context,
  post: LockedPost,
  { expiresAt }: ApprovalRequestDetails,
): ApprovalRequested {
  return { state: 'awaiting_approval', approvalUrl: approvalUrl(context, post.id), expiresAt };
}

/** A yes must be of something that can go out as it is. */
function assertMayBeApproved(post: LockedPost): void {
  const open = post.deliveries.filter(
    ({ state, isChannelDisconnected }) => SCHEDULABLE_STATES.has(state) && !isChannelDisconnected,
  );
  if (open.length === 0) {
    throw conflict({
      code: 'nothing_to_approve',
      message: 'Nothing of this post can still go out, so there is nothing to approve.',
      nextStep: 'Call get_post for what became of it on each channel.',
    });
  }
  for (const delivery of open) assertCaptionKeepsRules(delivery, post.pictures);
}

async function insertRequest(
  { config }: Context,
  tx: Transaction,
  caller: Caller,
  post: LockedPost,
  { note, reviewerEmail }: RequestApprovalInput,
): Promise<void> {
  const reviewerId = reviewerEmail === undefined ? null : await findReviewer(tx, caller, reviewerEmail);
  await tx.$executeRaw`
    insert into approval_request (id, team_id, post_id, rev, content_hash, note, reviewer_id, requested_by_person_id,
      requested_by_connection_id, created_at, expires_at)
    select ${newId('approvalRequest')}, ${caller.teamId}, ${post.id}, ${post.rev}, ${post.contentHash}, ${note ?? null},
      ${reviewerId}, ${caller.personId}, ${connectionIdOf(caller)}, now, now + make_interval(days => ${config.approvalRequestDays}::int)
    from clock_timestamp() as now`;
}
