import type { DeliveryState } from '../../server/deliveries/delivery-state.ts';

type Edges = Readonly<Record<DeliveryState, readonly DeliveryState[]>>;

/** What workers may do: claim, prepare, guard, settle, read back, and what is too late. Staying in a state is always legal. */
export const WORKER_EDGES: Edges = {
  draft: [],
  awaiting_approval: [],
  scheduled: ['claimed', 'missed', 'held', 'needs_attention'],
  claimed: ['prepared', 'scheduled', 'failed', 'held', 'missed', 'needs_attention'],
  prepared: ['sending', 'claimed', 'scheduled', 'failed', 'held', 'missed', 'needs_attention'],
  // Back to prepared: the next part of a thread.
  sending: ['published', 'prepared', 'scheduled', 'unknown', 'failed', 'held', 'needs_attention'],
  unknown: ['published', 'scheduled', 'needs_attention'],
  needs_attention: [],
  held: ['missed', 'scheduled', 'awaiting_approval'],
  failed: [],
  missed: [],
  published: [],
  taken_down: [],
  cancelled: [],
};

/** What people and their clients may do: schedule, edit, approve, reject, cancel, stop, release, settle, take down. */
export const PERSON_EDGES: Edges = {
  draft: ['scheduled', 'awaiting_approval', 'held'],
  awaiting_approval: ['scheduled', 'draft', 'held', 'cancelled', 'failed', 'unknown'],
  scheduled: ['awaiting_approval', 'draft', 'held', 'missed', 'cancelled', 'failed'],
  // Stopped while a worker prepares it: its fence rises.
  claimed: ['held', 'scheduled', 'awaiting_approval'],
  prepared: ['held', 'scheduled', 'awaiting_approval'],
  sending: [],
  unknown: ['published', 'failed', 'scheduled', 'awaiting_approval'],
  needs_attention: [
    ...(['unknown', 'published', 'failed', 'scheduled', 'awaiting_approval', 'taken_down'] as const),
    // What workers died over before they sent it.
    ...(['cancelled', 'draft'] as const),
  ],
  held: [
    ...([
      'scheduled',
      'awaiting_approval',
      'missed',
      'draft',
      'published',
      'cancelled',
      'taken_down',
    ] as const),
    ...(['unknown', 'failed'] as const),
  ],
  failed: ['unknown', 'published', 'scheduled', 'awaiting_approval', 'cancelled', 'taken_down'],
  missed: [
    'scheduled',
    'awaiting_approval',
    'held',
    'published',
    'cancelled',
    'taken_down',
    'unknown',
    'failed',
  ],
  published: ['taken_down'],
  taken_down: [],
  cancelled: ['scheduled', 'awaiting_approval', 'taken_down', 'unknown'],
};
