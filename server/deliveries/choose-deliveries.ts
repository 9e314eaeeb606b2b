import { conflict, invalidInput, notFound } from '../errors.ts';
import { checkCaption } from '../posts/check-caption.ts';
import type { PostPicture } from '../posts/post-pictures.ts';
import { SCHEDULABLE_STATES, type DeliveryState } from './delivery-state.ts';
import type { LockedDelivery, LockedPost } from './lock-post.ts';

/**
 * The deliveries that the caller means: all, or those on the channels named.
 * @throws AppError NotFound for a channel that the post does not go to
 */
export function chooseDeliveries(post: LockedPost, onlyChannelIds: string[] | undefined): LockedDelivery[] {
  if (!onlyChannelIds) return post.deliveries;
  const stray = onlyChannelIds.find((id) => !post.deliveries.some(({ channelId }) => channelId === id));
  if (stray !== undefined) {
    throw notFound({
      code: 'not_found',
      field: 'only_channel_ids',
      message: `The post does not go to a channel ${stray}. Name channels that it has.`,
    });
  }
  return post.deliveries.filter(({ channelId }) => onlyChannelIds.includes(channelId));
}

/** @throws AppError Conflict naming the state, when something went out or a worker holds it; or the rule that is broken */
export function assertMayBePlaced(post: LockedPost, delivery: LockedDelivery): void {
  assertStateAllowsIt(post, delivery);
  assertMayGoOut(post, delivery);
  assertCaptionKeepsRules(delivery, post.pictures);
}

/** @throws AppError Conflict (`campaign_paused`, `campaign_archived`, `channel_disconnected`) */
export function assertMayGoOut(post: LockedPost, delivery: LockedDelivery): void {
  if (post.campaignStatus !== 'active') throw campaignStopped(post.campaignStatus);
  if (delivery.isChannelDisconnected) {
    throw conflict({
      code: 'channel_disconnected',
      message: `Channel ${delivery.channelId} is no longer linked. Schedule the post on its other channels.`,
    });
  }
}

/** @throws AppError InvalidInput (`caption_breaks_rule`) with the first rule that is broken */
export function assertCaptionKeepsRules(delivery: LockedDelivery, pictures: readonly PostPicture[]): void {
  const problem = checkCaption(delivery, delivery.parts, pictures).problems.find(
    ({ severity }) => severity === 'error',
  );
  if (!problem) return;
  throw invalidInput({
    code: 'caption_breaks_rule',
    ruleId: problem.ruleId,
    limit: problem.limit,
    actual: problem.actual,
    message: `The caption for channel ${delivery.channelId} cannot be published. ${problem.fix}`,
  });
}

export function campaignStopped(status: string) {
  return conflict({
    code: `campaign_${status}`,
    message: `The campaign is ${status}, so nothing of it goes out. Make it active again first.`,
    nextStep: 'If the person wants it, call update_campaign with status active, then call again.',
  });
}

const REFUSALS: Partial<Record<DeliveryState, { code: string; because: string }>> = {
  claimed: { code: 'under_way', because: 'is going out at this moment' },
  prepared: { code: 'under_way', because: 'is going out at this moment' },
  sending: { code: 'under_way', because: 'is going out at this moment' },
  unknown: { code: 'outcome_unknown', because: 'was sent and is being looked for on the network' },
  needs_attention: {
    code: 'outcome_unknown',
    because: 'was sent with an unclear outcome that a person must settle',
  },
  published: { code: 'already_published', because: 'is published already' },
  taken_down: { code: 'already_published', because: 'was published and taken down' },
};

/** Also what needs a person though nothing of it went out: workers died over it before they sent it. */
export function isSchedulable({ state, isMaybeSent, isPartlyPublished }: LockedDelivery): boolean {
  return SCHEDULABLE_STATES.has(state) || (state === 'needs_attention' && !isMaybeSent && !isPartlyPublished);
}

function assertStateAllowsIt(post: LockedPost, delivery: LockedDelivery): void {
  const { state, channelId } = delivery;
  if (!isSchedulable(delivery)) {
    const { code, because } = REFUSALS[state]!;
    const others = post.deliveries.filter(isSchedulable);
    const hint = others.length > 0 ? ' Name its other channels in only_channel_ids.' : '';
    throw conflict({
      code,
      message: `The post on channel ${channelId} ${because}, so it cannot be scheduled again.${hint}`,
    });
  }
  if (delivery.isMaybeSent || delivery.problemCode === 'given_up') {
    throw conflict({
      code: 'outcome_unknown',
      message: `The network of channel ${channelId} may have this post, and nobody knows.`,
      nextStep:
        'Call resolve_delivery with action check; if it stays unclear, the person decides on the page of the post.',
    });
  }
  if (delivery.isPartlyPublished && delivery.rev !== post.rev) {
    throw conflict({
      code: 'partly_published',
      message: `A part of revision ${delivery.rev} is live on channel ${channelId}; another revision cannot continue it.`,
    });
  }
}
