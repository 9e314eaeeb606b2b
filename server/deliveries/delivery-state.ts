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
  'cancelled',
  'published',
  'taken_down',
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

/** States in which a worker holds the row, or the network has the post or may have it. */
export const UNDER_WAY_STATES: ReadonlySet<string> = new Set<DeliveryState>([
  'claimed',
  'prepared',
  'sending',
  'unknown',
  'needs_attention',
  'published',
]);

export function isDeliveryState(value: string): value is DeliveryState {
  return (DELIVERY_STATES as readonly string[]).includes(value);
}

/** The state of the post `p` of the surrounding statement. */
export const POST_STATE_SQL = Prisma.sql`(
  select d.state from delivery d where d.post_id = p.id
  order by array_position(${[...DELIVERY_STATES]}::text[], d.state) limit 1)`;
