import type { DeliveryDetails, PostDetails } from '../posts/get-post.ts';
import { toRfc3339 } from './params.ts';

/** A post as get_post tells it. */
export function toPost(post: PostDetails, { includeAttempts }: { includeAttempts: boolean }) {
  return {
    post: { id: post.id, campaign_id: post.campaignId, state: post.state, text: post.text, url: post.url },
    rev: post.rev,
    media: post.pictures.map(({ mediaId, altText }) => ({ media_id: mediaId, alt_text: altText })),
    approval: toApproval(post),
    approval_url: post.approvalUrl,
    schedule: toSchedule(post.deliveries),
    time_zone: post.timeZone,
    deliveries: post.deliveries.map((delivery) => ({
      ...toDelivery(delivery),
      ...(includeAttempts && { attempts: delivery.attempts.map(toAttempt) }),
    })),
  };
}

/** The last word about this revision: a person's, or that one was asked for. */
function toApproval({ approval, approvalRequest: request }: PostDetails) {
  if (request && (request.state === 'open' || (!approval && request.state === 'expired'))) {
    const { personName, clientName } = request.requestedBy;
    return {
      decision: request.state === 'open' ? ('requested' as const) : ('request_expired' as const),
      by: clientName ? `${clientName} for ${personName}` : personName,
      note: request.note,
      at: toRfc3339(request.createdAt),
      expires_at: toRfc3339(request.expiresAt),
    };
  }
  if (!approval) return null;
  const { decision, personName, note, at } = approval;
  return { decision, by: personName, note, at: toRfc3339(at), expires_at: null };
}

const ON_CALENDAR: ReadonlySet<string> = new Set(['scheduled', 'awaiting_approval', 'held']);

/** The next time at which some of it is to go out. */
function toSchedule(deliveries: readonly DeliveryDetails[]) {
  const [next] = deliveries
    .filter(({ state, dueAt }) => dueAt !== null && ON_CALENDAR.has(state))
    .toSorted((one, other) => one.dueAt!.getTime() - other.dueAt!.getTime());
  return next ? { at: toRfc3339(next.dueAt!), local_time: next.localTime!, time_zone: next.timeZone! } : null;
}

function toDelivery(delivery: DeliveryDetails) {
  return {
    channel_id: delivery.channelId,
    network: delivery.network,
    state: delivery.state,
    parts: delivery.parts,
    at: delivery.dueAt && toRfc3339(delivery.dueAt),
    local_time: delivery.localTime,
    published_at: delivery.publishedAt && toRfc3339(delivery.publishedAt),
    url: delivery.url,
    problem: delivery.problem,
  };
}

function toAttempt({ kind, partNo, startedAt, finishedAt, outcome }: DeliveryDetails['attempts'][number]) {
  return {
    kind,
    part_no: partNo,
    started_at: toRfc3339(startedAt),
    finished_at: finishedAt && toRfc3339(finishedAt),
    outcome,
  };
}
