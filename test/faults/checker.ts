import { WORKER_EDGES } from '../publishing/legal-edges.ts';
import type { LoggedEdge } from './edge-log.ts';
import type { PersonalityServer, VisiblePost } from './personality-server.ts';

/** A delivery at the end of a campaign, as its rows tell. */
export interface EndedDelivery {
  id: string;
  network: string;
  state: string;
  problemCode: string | null;
  remoteId: string | null;
  dueAtMs: number;
  notAfterMs: number;
  revokedAtMs: number | null;
  parts: { partNo: number; remoteId: string | null }[];
  attempts: { kind: string; outcome: string | null; startedAtMs: number }[];
}

export interface CheckInput {
  deliveries: readonly EndedDelivery[];
  edges: readonly LoggedEdge[];
  oracle: Pick<PersonalityServer, 'posts' | 'sends'>;
}

export const INVARIANTS = {
  I1: 'what was due is visible once, or stopped with a reason',
  I2: 'nothing is visible twice',
  I3: 'published is visible, and what is visible is published or said to be unclear',
  I4: 'nothing is sent after its connection was revoked',
  I5: 'states change along the edges of the state machine only',
  I6: 'the fence rises with each claim and never falls',
  I7: 'nothing is sent before its time, nor after it is too late',
} as const;
export type Invariant = keyof typeof INVARIANTS;

export interface Violation {
  invariant: Invariant;
  deliveryId: string;
  says: string;
}

const STOPPED = new Set(['held', 'needs_attention', 'missed', 'failed', 'cancelled']);

/** The seven invariants of the whole, whatever happened on the way. */
export function checkInvariants({ deliveries, edges, oracle }: CheckInput): Violation[] {
  const visible = Map.groupBy(oracle.posts, ({ deliveryId }) => deliveryId);
  const sends = Map.groupBy(oracle.sends, ({ deliveryId }) => deliveryId);
  const history = Map.groupBy(edges, ({ deliveryId }) => deliveryId);
  const found: Violation[] = [];
  for (const delivery of deliveries) {
    const { id } = delivery;
    const posts = visible.get(id) ?? [];
    const path = history.get(id) ?? [];
    const arrivals = (sends.get(id) ?? []).map(({ arrivedAtMs }) => arrivedAtMs);
    const begun = delivery.attempts
      .filter(({ kind }) => kind === 'send')
      .map(({ startedAtMs }) => startedAtMs);
    const says: Record<Invariant, string[]> = {
      I1: findLost(delivery, posts),
      I2: findDoubled(posts),
      I3: findMistold(delivery, posts),
      I4: begun.some((at) => at > (delivery.revokedAtMs ?? Infinity)) ? ['sent after the revocation'] : [],
      I5: path.filter((edge) => !isLegal(edge)).map(({ from, to }) => `${from} to ${to}`),
      I6: findFenceFaults(path),
      I7: findMistimed(delivery, [...begun, ...arrivals], begun),
    };
    for (const [invariant, problems] of Object.entries(says) as [Invariant, string[]][]) {
      for (const problem of problems) {
        const story = path.map((edge) => tell(edge, delivery)).join(', ');
        const tries = delivery.attempts.map(({ kind, outcome }) => `${kind} ${outcome}`).join(', ');
        found.push({
          invariant,
          deliveryId: id,
          says: `${delivery.network}: ${problem}; ${delivery.state} ${delivery.problemCode}, ${posts.length} visible; ${story}; ${tries}`,
        });
      }
    }
  }
  return found;
}

function tell({ to, toFence, atMs }: LoggedEdge, { dueAtMs }: EndedDelivery): string {
  return `${to} ${toFence} at ${((atMs - dueAtMs) / 1000).toFixed(1)} s`;
}

/** Only workers act in a campaign. */
function isLegal({ from, to }: LoggedEdge): boolean {
  return from === null || from === to || WORKER_EDGES[from].includes(to);
}

function findLost({ state, problemCode, parts }: EndedDelivery, posts: readonly VisiblePost[]): string[] {
  const partNos = new Set(posts.map(({ partNo }) => partNo));
  if (STOPPED.has(state)) return problemCode ? [] : ['stopped without a reason'];
  const isWhole = parts.length > 0 && parts.every(({ partNo }) => partNos.has(partNo));
  return isWhole ? [] : ['lost'];
}

function findDoubled(posts: readonly VisiblePost[]): string[] {
  const perPart = Map.groupBy(posts, ({ partNo }) => partNo);
  return [...perPart].flatMap(([partNo, same]) =>
    same.length > 1 ? [`part ${partNo} is visible ${same.length} times`] : [],
  );
}

function findMistold(delivery: EndedDelivery, posts: readonly VisiblePost[]): string[] {
  const { state, parts, remoteId } = delivery;
  if (state === 'published') {
    const isTrue = parts.every((part) =>
      posts.some(({ id, partNo }) => partNo === part.partNo && id === part.remoteId),
    );
    const first = parts.find(({ partNo }) => partNo === 1);
    return isTrue && first?.remoteId === remoteId ? [] : ['published, and not what is visible'];
  }
  return posts.length > 0 && state !== 'needs_attention' ? [`shown as ${state} though live`] : [];
}

function findFenceFaults(path: readonly LoggedEdge[]): string[] {
  return path.flatMap(({ from, to, fromFence, toFence }) => {
    if (from === null || fromFence === null) return [];
    if (toFence < fromFence) return [`the fence fell from ${fromFence} to ${toFence}`];
    const isClaim = to === 'claimed' || (to === 'unknown' && from === 'unknown' && toFence !== fromFence);
    return isClaim && toFence <= fromFence ? [`claimed without a new fence at ${toFence}`] : [];
  });
}

function findMistimed(
  { dueAtMs, notAfterMs }: EndedDelivery,
  all: readonly number[],
  begun: readonly number[],
): string[] {
  const early = all.filter((at) => at < dueAtMs - 1).map((at) => `${dueAtMs - at} ms early`);
  const late = begun.filter((at) => at > notAfterMs + 1).map((at) => `${at - notAfterMs} ms too late`);
  return [...early, ...late];
}
