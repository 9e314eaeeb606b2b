import { expect, test } from 'vitest';

import { printTarget } from '../bench/figures.ts';
import { openTestContext } from '../support/test-context.ts';
import { countViolations, delays, describeViolations, inSeconds } from './campaign-figures.ts';
import { runCampaign } from './campaign.ts';
import { faultCount } from './fault-counts.ts';
import { WORKERS } from './worker-pool.ts';

const SEED = 8;
const EVERY_MS = 5_000;
const ROLLING_MS = faultCount({ full: 120_000, short: 12_000 });

test(
  'R8: a deployment every five seconds loses and doubles nothing',
  async () => {
    await using context = await openTestContext();
    const result = await runCampaign({
      seed: SEED,
      context,
      until: { tookMs: ROLLING_MS },
      plan: { faultShare: 0.05 },
      chaos: { replaceEveryMs: EVERY_MS / WORKERS },
      patienceMs: ROLLING_MS + 60_000,
    });
    const { lost, duplicates, all } = countViolations(result);
    const late = delays(result);
    const isMet = all === 0 && result.unexpectedExits.length === 0;
    printTarget(
      'R8',
      `${result.counts['replaced']} workers replaced in ${ROLLING_MS / 1000} s: ${lost} lost, ${duplicates} duplicates of ${result.deliveries.length}, visible p99 ${inSeconds(late, 0.99)} s after due (seed ${SEED})`,
      'every 5 s for 2 min, 0, 0',
      isMet,
    );
    expect(describeViolations(result)).toEqual([]);
    expect(result.unexpectedExits).toEqual([]);
  },
  ROLLING_MS + 300_000,
);
