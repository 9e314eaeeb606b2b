import { conflict, type AppError } from '../errors.ts';
import type { LockedDelivery } from './lock-post.ts';

/** Why what a delivery says can no longer change: a code, and the rest of a sentence. */
export interface Obstacle {
  code: string;
  because: string;
  /** It may be over in a minute. */
  isPassing: boolean;
}

const GOING_OUT = { code: 'under_way', because: 'is going out at this moment', isPassing: true };
const UNCLEAR = {
  code: 'outcome_unknown',
  because: 'was sent with an outcome that is not clear yet',
  isPassing: false,
};
const PUBLISHED = { code: 'already_published', because: 'is published already', isPassing: false };

const BY_STATE: Readonly<Record<string, Obstacle>> = {
  claimed: GOING_OUT,
  prepared: GOING_OUT,
  sending: GOING_OUT,
  unknown: UNCLEAR,
  published: PUBLISHED,
  taken_down: { ...PUBLISHED, because: 'was published and taken down' },
};

/**
 * What keeps a delivery from saying something else, or from being dropped: a worker has it, the network has it or may have
 * it, or its time has come. Null when nothing of it went out and nothing is about to.
 */
export function findObstacle(delivery: LockedDelivery, now: Date): Obstacle | null {
  const byState = BY_STATE[delivery.state];
  if (byState) return byState;
  if (delivery.isPartlyPublished) return { ...PUBLISHED, because: 'is published in part' };
  if (delivery.isMaybeSent) return UNCLEAR;
  const isDue = delivery.state === 'scheduled' && delivery.dueAt! <= now;
  return isDue ? GOING_OUT : null;
}

/** @param consequence what cannot be done, after 'so it cannot be' */
export function obstacleConflict(
  { code, because, isPassing }: Obstacle,
  { channelId, consequence, nextStep }: { channelId: string; consequence: string; nextStep: string },
): AppError {
  return conflict({
    code,
    isRetriable: isPassing,
    message: `The post on channel ${channelId} ${because}, so it cannot be ${consequence}.`,
    nextStep,
  });
}
