import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { setKillSwitch } from '../../server/deliveries/set-kill-switch.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import {
  createPublishingTeam,
  createTestChannel,
  readDelivery,
  scheduleTestDelivery,
} from '../publishing/fixtures.ts';
import { watchPlayground } from '../publishing/watched-network.ts';
import { openTestContext } from '../support/test-context.ts';
import { createRandom, faultCount, faultSeed, RACES_TIMEOUT_MS } from './fault-counts.ts';

const SEED = faultSeed(4_242);
const LANES = 5;
const RACES = faultCount({ full: 2_000, short: 150 });

let context: Context;
beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context[Symbol.asyncDispose]());

test(
  'nothing that a person scheduled is sent after its channel was stopped, however close the two are',
  { timeout: RACES_TIMEOUT_MS },
  async () => {
    const counts = { sent: 0, held: 0, sentAfter: 0 };
    const lane = async (laneNo: number) => {
      const random = createRandom(SEED + laneNo);
      const team = await createPublishingTeam(context);
      for (let race = laneNo; race < RACES; race += LANES) {
        const channelId = await createTestChannel(context, team);
        const { id } = await scheduleTestDelivery(context, team, { channelId });
        // Both start where the post is prepared and its guard comes next.
        const watched = watchPlayground(context, 'prepare');
        const publishing = publishDelivery(watched.context, id);
        await watched.isReached;
        const stop = async () => {
          for (let trip = Math.floor(random() * 4); trip > 0; trip -= 1)
            await context.db.$executeRaw`select 1`;
          const what = { kind: 'channel', target: channelId, reason: 'A race' } as const;
          return setKillSwitch(context, team.caller, what);
        };
        watched.goOn();
        const [, switchId] = await Promise.all([publishing, stop()]);
        const { createdAt } = await context.db.killSwitch.findUniqueOrThrow({ where: { id: switchId } });
        const { state, attempts } = await readDelivery(context, id);
        expect(['published', 'held']).toContain(state);
        counts[state === 'held' ? 'held' : 'sent'] += 1;
        counts.sentAfter += attempts.filter(({ startedAt }) => startedAt > createdAt).length;
      }
    };
    await Promise.all(Array.from({ length: LANES }, (_, laneNo) => lane(laneNo)));
    process.stdout.write(
      `${RACES} races of a stop and a send (seed ${SEED}): ${counts.held} held, ${counts.sent} sent first, ${counts.sentAfter} sent after it\n`,
    );
    expect(counts.sentAfter).toBe(0);
    expect(counts.held).toBeGreaterThan(0);
    expect(counts.sent).toBeGreaterThan(0);
  },
);
