import { expect, test } from 'vitest';

import { printTarget } from '../bench/figures.ts';
import { countViolations, describeViolations } from './campaign-figures.ts';
import { LONGEST_REST_MS, runCampaign } from './campaign.ts';
import { openDurableGround } from './durable-ground.ts';
import { faultCount, faultSeed, isFullRun } from './fault-counts.ts';

const SEED = faultSeed(5);
const RESTARTS = faultCount({ full: 20, short: 2 });
const EVERY_MS = 5_000;
const PATIENCE_MS = RESTARTS * 40_000;
const LONGEST_PAUSE_MS = 10_000;

test(
  'R5: PostgreSQL may crash again and again, and nothing is lost or doubled',
  async () => {
    await using ground = await openDurableGround();
    const restarts: { downAtMs: number; upAtMs: number }[] = [];
    const run = async () => {
      const downAtMs = Date.now();
      await ground.restart();
      restarts.push({ downAtMs, upAtMs: Date.now() });
    };
    const result = await runCampaign({
      seed: SEED,
      context: ground.context,
      until: { others: { restarts: RESTARTS } },
      plan: { deathShare: 0.05, faultShare: 0.05 },
      chaos: { others: [{ name: 'restarts', everyMs: EVERY_MS, times: RESTARTS, run }] },
      patienceMs: PATIENCE_MS,
    });
    const pauses = restarts.map(({ upAtMs }) => {
      const next = result.edges.find(({ atMs, from }) => from !== null && atMs > upAtMs);
      return (next?.atMs ?? Infinity) - upAtMs;
    });
    const longestMs = Math.max(...pauses);
    const { lost, duplicates, all } = countViolations(result);
    const isMet = all === 0 && longestMs <= LONGEST_PAUSE_MS;
    printTarget(
      'R5',
      `${restarts.length} immediate restarts: ${lost} lost, ${duplicates} duplicates of ${result.deliveries.length}, at work again after ${(longestMs / 1000).toFixed(1)} s at most (${result.kills} kills beside, seed ${SEED})`,
      '20 restarts, 0, 0, <= 10 s',
      isMet,
    );
    expect(describeViolations(result)).toEqual([]);
    expect(result.unexpectedExits).toEqual([]);
    expect(restarts).toHaveLength(RESTARTS);
    expect(longestMs).toBeLessThanOrEqual(isFullRun() ? LONGEST_PAUSE_MS : Infinity);
  },
  PATIENCE_MS + LONGEST_REST_MS + 60_000,
);
