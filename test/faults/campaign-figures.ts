import { quantile } from '../bench/figures.ts';
import type { CampaignResult } from './campaign.ts';
import type { EndedDelivery, Invariant } from './checker.ts';
import { PERSONALITIES } from './personalities.ts';

const UNCLEAR = new Set(['ambiguous', 'duplicate', 'interrupted']);
const UNSETTLED_BY_ITSELF = PERSONALITIES.filter(({ guarantee }) => guarantee === 'none').map(({ id }) => id);

export interface Settled {
  unclear: number;
  byItself: number;
  /** What was tried for the others, in words. */
  byPerson: string[];
  /** Networks that are left out of the two, and why no machine can settle it there: they cannot be asked. */
  leftOut: string[];
}

/** What came of the deliveries of which, at some time, nobody knew whether the network had them. */
export function countSettled(deliveries: readonly EndedDelivery[]): Settled {
  const unclear = deliveries.filter(
    ({ network, attempts }) =>
      !UNSETTLED_BY_ITSELF.includes(network) &&
      attempts.some(({ kind, outcome }) => kind === 'send' && UNCLEAR.has(outcome ?? '')),
  );
  const left = unclear.filter(({ state }) => state === 'needs_attention');
  const byPerson = left.map(({ network, problemCode, attempts }) => {
    const tries = attempts.map(({ kind, outcome }) => `${kind} ${outcome}`);
    return `${network}: ${tries.join(', ')}: ${problemCode}`;
  });
  const byItself = unclear.length - left.length;
  return { unclear: unclear.length, byItself, byPerson, leftOut: UNSETTLED_BY_ITSELF };
}

/** From the death of its worker until a delivery is in other hands, or is known to be unclear; milliseconds. */
export function recoveryTimes({ deaths, edges }: Pick<CampaignResult, 'deaths' | 'edges'>): number[] {
  const history = Map.groupBy(edges, ({ deliveryId }) => deliveryId);
  return deaths.flatMap(({ deliveryId, atMs }) => {
    const next = history.get(deliveryId)?.find((edge) => edge.atMs > atMs);
    return next ? [next.atMs - atMs] : [];
  });
}

/** From when it was due until it was visible, whole; milliseconds. */
export function delays({ deliveries, posts }: Pick<CampaignResult, 'deliveries' | 'posts'>): number[] {
  const visible = Map.groupBy(posts, ({ deliveryId }) => deliveryId);
  return deliveries.flatMap(({ id, dueAtMs }) => {
    const first = visible.get(id)?.[0];
    return first ? [first.visibleAtMs - dueAtMs] : [];
  });
}

export function inSeconds(valuesMs: readonly number[], share: number): string {
  return (quantile(valuesMs, share) / 1000).toFixed(1);
}

export function countViolations({ violations }: Pick<CampaignResult, 'violations'>) {
  const of = (invariant: Invariant) => violations.filter((each) => each.invariant === invariant).length;
  return {
    lost: of('I1'),
    duplicates: of('I2'),
    mistold: of('I3'),
    early: of('I7'),
    all: violations.length,
  };
}

/** For whoever looks into a failed run: the first of what was found. */
export function describeViolations({ violations }: Pick<CampaignResult, 'violations'>): string[] {
  return violations.slice(0, 10).map(({ invariant, says }) => `${invariant} ${says}`);
}

/** How many ended in which way, the usual end left out. */
export function describeEnds(deliveries: readonly EndedDelivery[]): string {
  const others = deliveries.filter(({ state }) => state !== 'published');
  const kinds = Map.groupBy(others, ({ network, problemCode }) => `${problemCode} on ${network}`);
  return [...kinds].map(([kind, all]) => `${all.length} ${kind}`).join(', ') || 'all published';
}
