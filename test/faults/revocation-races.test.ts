import { afterAll, beforeAll, expect, test } from 'vitest';

import { printTarget } from '../bench/figures.ts';
import { registerClient, type OAuthClient } from '../support/oauth-client.ts';
import { createRandom, faultCount, faultSeed, RACES_TIMEOUT_MS } from './fault-counts.ts';
import { startPairedApp, type PairedApp } from './paired-app.ts';
import { openRevocationLane, REVOCATIONS } from './revocation-lane.ts';

const SEED = faultSeed(7_021_121);
const LANES = 5;
const RACES = faultCount({ full: 10_000, short: 200 });

let app: PairedApp;
let client: OAuthClient;
beforeAll(async () => {
  app = await startPairedApp();
  client = await registerClient(app.origin);
});
afterAll(() => app[Symbol.asyncDispose]());

test(
  'R7: nothing is sent after a revocation, whichever of five kinds it is and however close the two are',
  { timeout: RACES_TIMEOUT_MS },
  async () => {
    const problems: string[] = [];
    const counts = new Map(REVOCATIONS.map((kind) => [kind, { sent: 0, stopped: 0 }]));
    await Promise.all(
      Array.from({ length: LANES }, async (_, lane) => {
        const random = createRandom(SEED + lane);
        const races = await openRevocationLane(app.context, client);
        for (let race = lane; race < RACES; race += LANES) {
          // Every lane takes every kind, at another time than the lane beside it.
          const kind = REVOCATIONS[(Math.floor(race / LANES) + lane) % REVOCATIONS.length]!;
          const result = await races.race(kind, random);
          counts.get(kind)![result.sends > 0 ? 'sent' : 'stopped'] += 1;
          problems.push(...result.problems.map((problem) => `${kind}: ${problem}`));
        }
      }),
    );
    for (const [kind, { sent, stopped }] of counts) {
      process.stdout.write(`R7 ${kind}: ${sent} sends were first, ${stopped} were stopped\n`);
    }
    const figure = `${problems.length} sends after a revocation or revocations that failed, of ${RACES} races (seed ${SEED})`;
    printTarget('R7', figure, '0 of 10,000', problems.length === 0);
    expect(problems).toEqual([]);
  },
);
