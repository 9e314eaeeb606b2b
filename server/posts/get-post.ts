import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { mostUrgent, waitsForDecision, type DeliveryState } from '../deliveries/delivery-state.ts';
import { findRequest, type ApprovalRequestDetails } from '../deliveries/find-request.ts';
import { notFound } from '../errors.ts';
import { discardedConflict } from './discarded-conflict.ts';
import { formatLocalTime } from './local-time.ts';
import { findRevisionPictures, type PostPicture } from './post-pictures.ts';
import { approvalUrl, postUrl } from './post-urls.ts';

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
  /** In the order in which they are shown. */
  pictures: PostPicture[];
  createdAt: Date;
  /** Who drafted it: a person's name, and the client's when one did it for them. */
  createdBy: { personName: string; clientName: string | null };
  url: string;
  /** Where a person approves; null when nothing waits for approval. */
  approvalUrl: string | null;
  /** The last request of a client that somebody approves the current revision. */
  approvalRequest: ApprovalRequestDetails | null;
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
  /** The network whose rules a practice channel keeps. */
  imitates: string | null;
  ownLimits: unknown;
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
  /** A person's yes or no to the current revision would move it. */
  isWaitingForDecision: boolean;
  /** The policy rule that had the last word. */
  policyRule: string | null;
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

/**
 * A post with its captions, decisions and deliveries, those of the current revision.
 * @throws AppError NotFound; Conflict (`post_discarded`) for a post in the trash
 */
export async function getPost(
  context: Context,
  caller: Caller,
  input: { postId: string; includeAttempts?: boolean | undefined },
): Promise<PostDetails> {
  const post = await findPost(context, caller, input.postId, input.includeAttempts ?? false);
  if (post.discardedAt) throw discardedConflict(post.discardedAt);
  const { rev } = post;
  const [revision, pictures] = await Promise.all([
    findRevision(context, post.id, rev),
    findRevisionPictures(context.db, { postId: post.id, rev }),
  ]);
  const deliveries = post.deliveries.map((delivery) => toDelivery(delivery, rev, revision.captions));
  const { contentHash } = revision;
  const request = await findRequest(context.db, { teamId: caller.teamId, postId: post.id, rev, contentHash });
  const isWaiting =
    request?.state === 'open' || deliveries.some(({ isWaitingForDecision }) => isWaitingForDecision);
  const state = mostUrgent(deliveries.map((delivery) => delivery.state));
  return {
    id: post.id,
    campaignId: post.campaignId,
    campaignName: post.campaign.name,
    rev,
    state,
    text: revision.text,
    contentHash: Buffer.from(contentHash).toString('hex'),
    pictures,
    createdAt: post.createdAt,
    createdBy: { personName: post.person.name, clientName: post.connection?.clientName ?? null },
    url: postUrl(context, post.id),
    approvalUrl: isWaiting ? approvalUrl(context, post.id) : null,
    approvalRequest: request,
    approval: toApproval(revision.approvals[0]),
    timeZone: post.team.timeZone,
    deliveries,
  };
}

async function findPost(context: Context, caller: Caller, postId: string, includeAttempts: boolean) {
  const post = await context.db.post.findUnique({
    where: { teamId_id: { teamId: caller.teamId, id: postId } },
    include: {
      team: { select: { timeZone: true } },
      campaign: { select: { name: true } },
      person: { select: { name: true } },
      connection: { select: { clientName: true } },
      deliveries: {
        orderBy: { id: 'asc' },
        include: {
          channel: { select: { network: true, imitates: true, ownLimits: true, handle: true } },
          scheduledBy: { select: { clientName: true, person: { select: { name: true } } } },
          person: { select: { name: true } },
          attempts: includeAttempts
            ? { orderBy: [{ startedAt: 'asc' }, { fence: 'asc' }, { partNo: 'asc' }], take: 50 }
            : { take: 0 },
        },
      },
    },
  });
  if (post) return post;
  throw notFound({
    code: 'not_found',
    field: 'post_id',
    message: `There is no post ${postId} in this team.`,
  });
}

async function findRevision({ db }: Context, postId: string, rev: number) {
  return db.postRevision.findUniqueOrThrow({
    where: { postId_rev: { postId, rev } },
    include: {
      captions: true,
      approvals: {
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: 1,
        include: { person: { select: { name: true } } },
      },
    },
  });
}

type PostRow = Awaited<ReturnType<typeof findPost>>;
type RevisionRow = Awaited<ReturnType<typeof findRevision>>;
type DeliveryRow = PostRow['deliveries'][number];

function toApproval(approval: RevisionRow['approvals'][number] | undefined): PostDetails['approval'] {
  if (!approval) return null;
  return {
    decision: approval.decision === 'approved' ? 'approved' : 'rejected',
    personName: approval.person.name,
    note: approval.note,
    at: approval.createdAt,
  };
}

function toDelivery(delivery: DeliveryRow, rev: number, captions: RevisionRow['captions']): DeliveryDetails {
  const { dueAt, timeZone, scheduledBy, person } = delivery;
  return {
    id: delivery.id,
    channelId: delivery.channelId,
    ...delivery.channel,
    state: delivery.state as DeliveryState,
    rev: delivery.rev,
    parts: captions.find(({ channelId }) => channelId === delivery.channelId)?.parts ?? [],
    dueAt,
    localTime: dueAt && timeZone ? formatLocalTime(dueAt, timeZone) : null,
    timeZone,
    publishedAt: delivery.publishedAt,
    url: delivery.remoteUrl,
    problem: delivery.problemCode
      ? { code: delivery.problemCode, message: delivery.problemMessage ?? delivery.problemCode }
      : null,
    isWaitingForDecision: delivery.rev === rev && waitsForDecision(delivery),
    policyRule: delivery.policyRule,
    scheduledBy: scheduledBy
      ? { personName: scheduledBy.person.name, clientName: scheduledBy.clientName }
      : person && { personName: person.name, clientName: null },
    attempts: delivery.attempts.map(({ kind, partNo, startedAt, finishedAt, outcome }) => ({
      kind: kind === 'send' ? 'send' : 'read_back',
      partNo,
      startedAt,
      finishedAt,
      outcome,
    })),
  };
}
