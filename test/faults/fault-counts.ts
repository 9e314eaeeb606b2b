import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** True in `npm run test:faults`: the counts of the targets instead of a short form of each. */
    hasFullFaultCounts?: boolean;
  }
}

/** Part of the full counts, for a run in between: FAULT_SHARE=0.1 npm run test:faults. */
const SHARE = Number(process.env['FAULT_SHARE'] ?? 1);

/** How often a campaign tries: the target's count in `npm run test:faults`, the short form within `npm test`. */
export function faultCount({ full, short }: { full: number; short: number }): number {
  return isFullRun() ? Math.max(Math.round(full * SHARE), short) : short;
}

/** How long something may take, in milliseconds. */
export function faultTime({ full, short }: { full: number; short: number }): number {
  return isFullRun() ? full : short;
}

/** The seed of a campaign's choices, unless FAULT_SEED names another. */
export function faultSeed(own: number): number {
  return Number(process.env['FAULT_SEED'] ?? own);
}

/** For a test that ends by itself: it takes as long as the machine, with what else runs there, makes it. */
export const RACES_TIMEOUT_MS = faultTime({ full: 3_600_000, short: 300_000 });

/** Only then goals of time are held to: a short form runs beside other tests, which take its time, and just prints them. */
export function isFullRun(): boolean {
  return inject('hasFullFaultCounts') === true;
}

/** Reproduces a run's choices; printed with its figures. SplitMix32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 0x1_0000_0000;
  };
}

/** Runs `work` for every number below `count`, at most `lanes` at a time. */
export async function runInLanes(
  count: number,
  lanes: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) {
      const index = next;
      next += 1;
      await work(index);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
