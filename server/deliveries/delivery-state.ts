import { Prisma } from '../../prisma/generated/client.ts';

/** Every state of a delivery, the most urgent first: a post's state is that of its most urgent delivery. */
export const DELIVERY_STATES = [
  'needs_attention',
  'unknown',
  'held',
  'failed',
  'missed',
  'awaiting_approval',
  'sending',
  'prepared',
  'claimed',
  'scheduled',
  'draft',
  'published',
  'taken_down',
  'cancelled',
] as const;

export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** States from which a person or client may schedule (again): nothing has gone out, and no worker holds the row. */
export const SCHEDULABLE_STATES: ReadonlySet<string> = new Set<DeliveryState>([
  'draft',
  'cancelled',
  'awaiting_approval',
  'scheduled',
  'held',
  'missed',
  'failed',
]);

/** What has gone out there cannot go out again. */
export const OVER_STATES: ReadonlySet<string> = new Set<DeliveryState>(['published', 'taken_down']);

/** States in which a worker holds the row, or the network has the post or may have it. */
export const UNDER_WAY_STATES: ReadonlySet<string> = new Set<DeliveryState>([
  'claimed',
  'prepared',
  'sending',
  'unknown',
  'needs_attention',
  'published',
]);

/** A worker has it. */
export const IN_HANDS_STATES: ReadonlySet<DeliveryState> = new Set(['claimed', 'prepared', 'sending']);

/** The network may have it, and nobody knows. */
export const UNCLEAR_STATES: ReadonlySet<DeliveryState> = new Set(['needs_attention', 'unknown']);

/** It does not go on by itself; mostly the network does not have it. */
export const STOPPED_STATES: ReadonlySet<DeliveryState> = new Set(['held', 'failed', 'missed']);

/** A person can say what became of it, or send it again. */
export const SETTLEABLE_STATES: ReadonlySet<DeliveryState> = new Set([...UNCLEAR_STATES, ...STOPPED_STATES]);

/** Something waits for a person. */
export const NEEDS_YOU_STATES: readonly DeliveryState[] = ['awaiting_approval', ...SETTLEABLE_STATES];

/** It has a time, or a worker has it. */
export const GOING_OUT_STATES: readonly DeliveryState[] = ['scheduled', ...IN_HANDS_STATES];

/** Held or missed for want of a person's yes that nobody has refused yet. */
export const ASKING_PROBLEMS = [
  'approval_missing',
  'connection_suspect',
  'policy_needs_person',
  'not_approved_in_time',
] as const;

/** A yes still helps. */
const DECIDABLE_PROBLEMS: ReadonlySet<string> = new Set([...ASKING_PROBLEMS, 'approval_rejected']);

/** Whether a person's yes or no would move the delivery. */
export function waitsForDecision(delivery: { state: string; problemCode: string | null }): boolean {
  const { state, problemCode } = delivery;
  if (state === 'awaiting_approval') return true;
  return (state === 'held' || state === 'missed') && DECIDABLE_PROBLEMS.has(problemCode ?? '');
}

/** The state of a post with deliveries in these states; a post without any is a draft. */
export function mostUrgent(states: readonly DeliveryState[]): DeliveryState {
  return DELIVERY_STATES.find((state) => states.includes(state)) ?? 'draft';
}

/** Over the deliveries `d` of one post: the post's state. */
export const POST_STATE_SQL = Prisma.sql`coalesce(
  (array_agg(d.state order by array_position(${[...DELIVERY_STATES]}::text[], d.state)))[1], 'draft')`;
