import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { openTestContext } from '../support/test-context.ts';
import {
  createConnection,
  createPublishingTeam,
  readDelivery,
  scheduleTestDelivery,
  type PublishingTeam,
} from './fixtures.ts';

let context: Context;
let team: PublishingTeam;

beforeAll(async () => {
  // One connection, so that it can be asked what it prepared.
  context = await openTestContext({ DATABASE_CONNECTIONS: '1' });
  team = await createPublishingTeam(context);
});
afterAll(() => context[Symbol.asyncDispose]());

interface Prepared {
  statement: string;
  plans: number;
}

const readPrepared = () =>
  context.db.$queryRaw<Prepared[]>`
    select statement, (generic_plans + custom_plans)::int as plans from pg_prepared_statements`;

async function publish(input: Parameters<typeof scheduleTestDelivery>[2] = {}): Promise<void> {
  const { id } = await scheduleTestDelivery(context, team, input);
  await publishDelivery(context, id);
  expect(await readDelivery(context, id)).toMatchObject({ state: 'published' });
}

test('the large statements on the way of a post are prepared once by a connection, however many posts, parts and callers', async () => {
  await publish();
  const once = await readPrepared();
  expect(once).toHaveLength(7);
  const connectionId = await createConnection(context, team);
  for (let post = 0; post < 5; post += 1) {
    await publish({ connectionId });
    await publish({ parts: ['One', 'Two'] });
  }
  const many = await readPrepared();
  expect(many.map(({ statement }) => statement).toSorted()).toEqual(
    once.map(({ statement }) => statement).toSorted(),
  );
  expect(Math.min(...many.map(({ plans }) => plans))).toBeGreaterThan(10);
});

test('statements whose text changes with their values leave nothing behind in the connection', async () => {
  const before = await readPrepared();
  for (let count = 1; count < 5; count += 1) {
    await context.db.delivery.findMany({ where: { id: { in: Array.from({ length: count }, String) } } });
    await context.db.$queryRaw`select ${count}::int`;
  }
  expect(await readPrepared()).toHaveLength(before.length);
});

test('a kept plan sees what changed since: a post that a person stopped stays', async () => {
  const { id } = await scheduleTestDelivery(context, team);
  await context.db.campaign.update({ where: { id: team.campaignId }, data: { status: 'paused' } });
  await publishDelivery(context, id);
  expect(await readDelivery(context, id)).toMatchObject({ state: 'held', problemCode: 'campaign_paused' });
});
