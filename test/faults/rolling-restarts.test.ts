import { expect, test } from 'vitest';

import { printTarget } from '../bench/figures.ts';
import { openTestContext } from '../support/test-context.ts';
import { countViolations, delays, describeViolations, inSeconds } from './campaign-figures.ts';
import { LONGEST_REST_MS, runCampaign } from './campaign.ts';
import { faultCount, faultSeed } from './fault-counts.ts';
import { WORKERS } from './worker-pool.ts';

const SEED = faultSeed(8);
const EVERY_MS = 5_000;
const ROUNDS = faultCount({ full: 24, short: 2 });
const PATIENCE_MS = 4 * ROUNDS * EVERY_MS + 60_000;

test(
  'R8: a deployment every five seconds loses and doubles nothing',
  async () => {
    await using context = await openTestContext();
    const result = await runCampaign({
      seed: SEED,
      context,
      until: { others: { replaced: ROUNDS * WORKERS } },
      plan: { faultShare: 0.05 },
      chaos: { replaceEveryMs: EVERY_MS / WORKERS },
      patienceMs: PATIENCE_MS,
    });
    const { lost, duplicates, all } = countViolations(result);
    const late = delays(result);
    const isMet = all === 0 && result.unexpectedExits.length === 0;
    printTarget(
      'R8',
      `${result.counts['replaced']} workers replaced, each every ${EVERY_MS / 1000} s, in ${(result.tookMs / 1000).toFixed(0)} s: ${lost} lost, ${duplicates} duplicates of ${result.deliveries.length}, visible p99 ${inSeconds(late, 0.99)} s after due (seed ${SEED})`,
      'every 5 s for 2 min, 0, 0',
      isMet,
    );
    expect(describeViolations(result)).toEqual([]);
    expect(result.unexpectedExits).toEqual([]);
  },
  PATIENCE_MS + LONGEST_REST_MS + 60_000,
);
