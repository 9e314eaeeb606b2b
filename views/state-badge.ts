import { html } from './html.ts';

/** Every state of a delivery, with the words a person reads and the tone in which it is shown. */
export const STATE_LABELS = {
  draft: { label: 'Draft', tone: 'quiet' },
  awaiting_approval: { label: 'Needs approval', tone: 'warning' },
  scheduled: { label: 'Scheduled', tone: 'note' },
  claimed: { label: 'Going out', tone: 'note' },
  prepared: { label: 'Going out', tone: 'note' },
  sending: { label: 'Sending', tone: 'note' },
  published: { label: 'Published', tone: 'good' },
  unknown: { label: 'Outcome unclear', tone: 'warning' },
  needs_attention: { label: 'Needs you', tone: 'problem' },
  held: { label: 'Held', tone: 'warning' },
  failed: { label: 'Failed', tone: 'problem' },
  cancelled: { label: 'Cancelled', tone: 'quiet' },
  missed: { label: 'Missed', tone: 'problem' },
  taken_down: { label: 'Taken down', tone: 'quiet' },
} as const;

export type DeliveryState = keyof typeof STATE_LABELS;

export function StateBadge({ state }: { state: string }) {
  const known = find(state);
  return html`<span class="badge" data-tone=${known.tone} data-state=${state}>${known.label}</span>`;
}

const SETTLEABLE_STATES: ReadonlySet<string> = new Set<DeliveryState>([
  'needs_attention',
  'unknown',
  'held',
  'failed',
  'missed',
]);

/** States on a channel that a person can settle. */
export function maySettle(state: string): boolean {
  return SETTLEABLE_STATES.has(state);
}

export function toneOf(state: string): string {
  return find(state).tone;
}

export function labelOf(state: string): string {
  return find(state).label;
}

function find(state: string): { label: string; tone: string } {
  return STATE_LABELS[state as DeliveryState] ?? { label: state, tone: 'quiet' };
}
