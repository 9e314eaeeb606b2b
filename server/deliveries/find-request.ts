import type { Transaction } from '../database/client.ts';

/** A client's request that a person approves one exact revision. */
export interface ApprovalRequestDetails {
  id: string;
  /** open: a yes or no would answer it; answered: a person decided since; expired: nobody did in time. */
  state: 'open' | 'answered' | 'expired';
  note: string | null;
  /** Who was asked; null: anybody who may. */
  reviewerName: string | null;
  requestedBy: { personName: string; clientName: string | null };
  createdAt: Date;
  expiresAt: Date;
}

/**
 * The last request for exactly this content of this revision, or null. One for an earlier revision is void, so it is not
 * found, and neither is one for a post that went out everywhere meanwhile. PostgreSQL's clock says whether it has expired.
 */
export async function findRequest(
  db: Pick<Transaction, '$queryRaw'>,
  { teamId, postId, rev, contentHash }: RequestedRevision,
): Promise<ApprovalRequestDetails | null> {
  const [row] = await db.$queryRaw<RequestRow[]>`
    select q.id, q.note, reviewer.name as "reviewerName", person.name as "personName", c.client_name as "clientName",
      q.created_at as "createdAt", q.expires_at as "expiresAt",
      case
        when exists (select from approval a where a.post_id = q.post_id and a.rev = q.rev
          and a.content_hash = q.content_hash and a.created_at >= q.created_at) then 'answered'
        when q.expires_at <= clock_timestamp() then 'expired'
        else 'open' end as state
    from approval_request q
    join person on person.id = q.requested_by_person_id
    left join person reviewer on reviewer.id = q.reviewer_id
    left join connection c on c.team_id = q.team_id and c.id = q.requested_by_connection_id
    where q.team_id = ${teamId} and q.post_id = ${postId} and q.rev = ${rev} and q.content_hash = ${contentHash}
      and exists (select from delivery d where d.post_id = q.post_id and d.state not in ('published', 'taken_down'))
    order by q.created_at desc, q.id desc
    limit 1`;
  if (!row) return null;
  const { personName, clientName, ...request } = row;
  return { ...request, requestedBy: { personName, clientName } };
}

export interface RequestedRevision {
  teamId: string;
  postId: string;
  rev: number;
  contentHash: Uint8Array;
}

interface RequestRow extends Omit<ApprovalRequestDetails, 'requestedBy'> {
  personName: string;
  clientName: string | null;
}
