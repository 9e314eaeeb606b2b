import type { Caller } from '../caller.ts';
import type { Transaction } from '../database/client.ts';
import { conflict, notFound } from '../errors.ts';
import { discardedConflict } from '../posts/discarded-conflict.ts';
import { findRevisionPictures, type PostPicture } from '../posts/post-pictures.ts';
import type { DeliveryState } from './delivery-state.ts';

/** A post whose deliveries nobody else can move while the transaction lasts. */
export interface LockedPost {
  id: string;
  rev: number;
  /** In the trash since; only for who asked for posts in the trash too. */
  discardedAt: Date | null;
  /** The text as it was written for all channels. */
  text: string;
  contentHash: Uint8Array<ArrayBuffer>;
  /** Those of the current revision, in order. */
  pictures: PostPicture[];
  campaignStatus: string;
  /** The team's IANA zone. */
  timeZone: string;
  /** The stamp of the team's policy rules. */
  policyVersion: number;
  /** The last decision about exactly this content of this revision. */
  decision: 'approved' | 'rejected' | null;
  /** PostgreSQL's clock. */
  now: Date;
  deliveries: LockedDelivery[];
}

export interface LockedDelivery {
  id: string;
  channelId: string;
  network: string;
  imitates: string | null;
  ownLimits: unknown;
  channelStatus: string;
  isChannelDisconnected: boolean;
  state: DeliveryState;
  problemCode: string | null;
  rev: number;
  dueAt: Date | null;
  /** The zone and wall time that it was scheduled in. */
  timeZone: string | null;
  wallTime: string | null;
  scheduledByConnectionId: string | null;
  scheduledByPersonId: string | null;
  /** A person said yes to the revision since it is due at this time, or chose the time. */
  isTimeApproved: boolean;
  /** The policy rule that had the last word when it was placed. */
  policyRule: string | null;
  url: string | null;
  /** Some part of it is live already. */
  isPartlyPublished: boolean;
  /** A send of its revision may have reached the network without an answer. */
  isMaybeSent: boolean;
  /** The caption of the post's current revision. */
  parts: string[];
}

/**
 * Locks the post, then its deliveries by id: the order in which everything that moves several of them locks.
 * What it returns is read after the locks are held, so no decision made meanwhile is missed.
 * @throws AppError NotFound; Conflict (`post_discarded`) for a post in the trash
 */
export async function lockPost(
  tx: Transaction,
  caller: Caller,
  postId: string,
  { isTrashIncluded = false }: { isTrashIncluded?: boolean } = {},
): Promise<LockedPost> {
  const locked = await tx.$executeRaw`
    select from post where team_id = ${caller.teamId} and id = ${postId} for update`;
  if (locked === 0) {
    throw notFound({
      code: 'not_found',
      field: 'post_id',
      message: `There is no post ${postId} in this team.`,
    });
  }
  await tx.$executeRaw`select from delivery where post_id = ${postId} order by id for update`;
  const [post] = await tx.$queryRaw<Omit<LockedPost, 'deliveries' | 'pictures'>[]>`
    select p.id, p.rev, p.discarded_at as "discardedAt", r.text, r.content_hash as "contentHash", c.status as "campaignStatus", t.time_zone as "timeZone",
      t.policy_version as "policyVersion",
      clock_timestamp() as now,
      (select a.decision from approval a
       where a.post_id = p.id and a.rev = p.rev and a.content_hash = r.content_hash
       order by a.created_at desc, a.id desc limit 1) as decision
    from post p
    join post_revision r on r.post_id = p.id and r.rev = p.rev
    join campaign c on c.id = p.campaign_id
    join team t on t.id = p.team_id
    where p.id = ${postId}`;
  if (post!.discardedAt && !isTrashIncluded) throw discardedConflict(post!.discardedAt);
  const deliveries = await tx.$queryRaw<LockedDelivery[]>`
    select d.id, d.channel_id as "channelId", ch.network, ch.imitates, ch.own_limits as "ownLimits", ch.status as "channelStatus",
      ch.disconnected_at is not null as "isChannelDisconnected", d.state, d.problem_code as "problemCode", d.rev, d.due_at as "dueAt", d.time_zone as "timeZone",
      d.local_time as "wallTime",
      d.scheduled_by_connection_id as "scheduledByConnectionId", d.scheduled_by_person_id as "scheduledByPersonId",
      d.policy_rule as "policyRule", d.remote_url as url, cap.parts,
      exists (select from delivery_part part where part.delivery_id = d.id and part.remote_id is not null)
        as "isPartlyPublished",
      d.send_started_at is not null as "isMaybeSent",
      d.scheduled_by_person_id is not null and d.state <> 'awaiting_approval' or exists (
        select from approval a where a.post_id = d.post_id and a.rev = d.rev and a.content_hash = r.content_hash
          and a.decision = 'approved' and a.created_at >= d.scheduled_at) as "isTimeApproved"
    from delivery d
    join post p on p.id = d.post_id
    join post_revision r on r.post_id = d.post_id and r.rev = d.rev
    join channel ch on ch.id = d.channel_id
    join caption cap on cap.post_id = p.id and cap.rev = p.rev and cap.channel_id = d.channel_id
    where d.post_id = ${postId}
    order by d.id`;
  const pictures = await findRevisionPictures(tx, { postId, rev: post!.rev });
  return { ...post!, deliveries, pictures };
}

/** @throws AppError Conflict (`stale_revision`) with the current revision as `actual` */
export function assertRevision(post: LockedPost, expectedRev: number, field = 'expected_rev'): void {
  if (post.rev === expectedRev) return;
  throw conflict({
    code: 'stale_revision',
    field,
    actual: post.rev,
    message: `The post is at revision ${post.rev}, not ${expectedRev}. Read it again and decide on what it says now.`,
  });
}

/** @throws AppError Conflict (`stale_revision`) unless the post says exactly what the person was shown */
export function assertContent(post: LockedPost, shownContentHash: string): void {
  if (Buffer.from(post.contentHash).toString('hex') === shownContentHash) return;
  throw conflict({
    code: 'stale_revision',
    field: 'content_hash',
    message: 'The post does not say what was shown. Look at it again, then decide.',
  });
}

/** Whether the delivery goes out under this very caller. */
export function isUnder(caller: Caller, delivery: LockedDelivery): boolean {
  return caller.kind === 'connection'
    ? delivery.scheduledByConnectionId === caller.connectionId
    : delivery.scheduledByPersonId === caller.personId;
}
