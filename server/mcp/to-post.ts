import type { DeliveryDetails, PostDetails } from '../posts/get-post.ts';
import { toRfc3339 } from './params.ts';

/** A post as get_post tells it. */
export function toPost(post: PostDetails, { includeAttempts }: { includeAttempts: boolean }) {
  const { approval } = post;
  return {
    post: { id: post.id, campaign_id: post.campaignId, state: post.state, text: post.text, url: post.url },
    rev: post.rev,
    approval: approval && {
      decision: approval.decision,
      by: approval.personName,
      note: approval.note,
      at: toRfc3339(approval.at),
    },
    approval_url: post.approvalUrl,
    time_zone: post.timeZone,
    deliveries: post.deliveries.map((delivery) => ({
      ...toDelivery(delivery),
      ...(includeAttempts && { attempts: delivery.attempts.map(toAttempt) }),
    })),
  };
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
