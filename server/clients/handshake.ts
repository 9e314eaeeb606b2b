import type { ClientHistory, ClientStep } from './client-history.ts';
import { findExamination } from './examination.ts';

/** done: it happened. failed: the client stands here and does not get on. waiting: not yet. */
export type StageState = 'done' | 'failed' | 'waiting';

/** One of the seven stages on a client's way in. */
export interface Stage {
  label: string;
  state: StageState;
  at: Date | null;
  /** Why it failed, or what is to be known. */
  detail: string | null;
}

interface StageRule {
  label: string;
  done: readonly ClientStep['kind'][];
  failed: readonly ClientStep['kind'][];
}

const STAGES: readonly StageRule[] = [
  { label: 'Found this server', done: ['metadata_read'], failed: ['wrong_path'] },
  {
    label: 'Introduced itself',
    done: ['registered', 'document_read'],
    failed: ['registration_refused', 'document_failed'],
  },
  { label: 'Asked a person', done: ['consent_shown'], failed: ['authorize_refused'] },
  { label: 'Was allowed', done: ['connection.created'], failed: ['consent_denied'] },
  { label: 'Got its key', done: ['token_issued'], failed: [] },
  { label: 'First call', done: ['first_call'], failed: ['bearer_missing', 'bearer_invalid'] },
  {
    label: 'Renewed its key',
    done: ['token_refreshed'],
    failed: ['bearer_expired', 'connection.refresh_replayed'],
  },
];
const GOT_KEY = 4;
const RENEWED = 6;

/**
 * The client's latest way in, stage by stage. A stage whose own step was not seen is done when a later one is: clients
 * remember where a server is and that they registered, and steps are forgotten after 30 days.
 */
export function readHandshake({ steps, connections }: ClientHistory): Stage[] {
  const first = connections.find(({ state }) => state === 'inForce') ?? connections[0];
  const isExamination = findExamination({ steps }) !== null;
  const refusedStage = hasItsKey(steps) ? RENEWED : GOT_KEY;
  const stages = STAGES.map((rule, index): Stage => {
    const done = steps.findLast(({ kind }) => rule.done.includes(kind));
    const failed = steps.findLast(
      ({ kind }) => rule.failed.includes(kind) || (kind === 'token_refused' && index === refusedStage),
    );
    if (failed && !isExamination && (!done || failed.at > done.at)) {
      return { label: rule.label, state: 'failed', at: failed.at, detail: failed.reason };
    }
    return { label: rule.label, state: done ? 'done' : 'waiting', at: done?.at ?? null, detail: null };
  });
  const [created, called] = [stages[3]!, stages[5]!];
  if (first && !created.at) Object.assign(created, { state: 'done', at: first.createdAt, detail: null });
  // A client calls without a token before it signs in: that is how it finds the way.
  if (first?.firstUsedAt) Object.assign(called, { state: 'done', at: first.firstUsedAt, detail: null });
  else if (called.state === 'failed' && !isAfter(called, stages[4]!)) {
    Object.assign(called, { state: 'waiting', at: null, detail: null });
  }
  return settleEarlier(stages);
}

/** A client that is refused after it got its key wanted to renew it. */
function hasItsKey(steps: readonly ClientStep[]): boolean {
  return (
    steps.findLast(({ kind }) => kind === 'connection.created' || kind === 'token_issued')?.kind ===
    'token_issued'
  );
}

function isAfter(stage: Stage, earlier: Stage): boolean {
  return earlier.state === 'done' && stage.at !== null && earlier.at !== null && stage.at > earlier.at;
}

/** Renewing is no condition of anything, and a failure that was overcome is none. */
function settleEarlier(stages: Stage[]): Stage[] {
  return stages.map((stage, index) => {
    const later = stages.slice(index + 1, 6).findLast(({ state }) => state === 'done');
    const isOvercome =
      later &&
      (stage.state === 'waiting' || (later.at !== null && stage.at !== null && later.at >= stage.at));
    return stage.state !== 'done' && isOvercome ? { ...stage, state: 'done', detail: null } : stage;
  });
}
