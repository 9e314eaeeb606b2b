import { afterAll, beforeAll, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { claimDelivery } from '../../server/deliveries/claim-delivery.ts';
import type { Network } from '../../server/networks/network.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { createUnderWay } from '../../workers/under-way.ts';
import { openTestContext } from '../support/test-context.ts';
import { createClassNetwork } from './class-network.ts';
import { createPublishingTeam, readDelivery, scheduleTestDelivery, type PublishingTeam } from './fixtures.ts';
import { watchPlayground } from './watched-network.ts';

let context: Context;
let team: PublishingTeam;

beforeAll(async () => {
  // One connection: what is asked for first is done first.
  context = await openTestContext({ DATABASE_CONNECTIONS: '1' });
  team = await createPublishingTeam(context);
});
afterAll(() => context[Symbol.asyncDispose]());

const schedule = () => scheduleTestDelivery(context, team);
const endLease = (id: string) => context.db.$executeRaw`
  update delivery set lease_until = clock_timestamp() - interval '1 second' where id = ${id}`;
const arrive = (id: string) =>
  context.db.$executeRaw`update delivery set not_before = clock_timestamp() where id = ${id}`;

async function expectToGoOut(id: string): Promise<void> {
  await arrive(id);
  await publishDelivery(context, id);
  expect(await readDelivery(context, id)).toMatchObject({ state: 'published', crashCount: 0 });
}

test('who has prepared a post after the lease says so, and is not counted as dead', async () => {
  const { id } = await schedule();
  const watched = watchPlayground(context, 'prepare');
  const publishing = publishDelivery(watched.context, id);
  await watched.isReached;
  await endLease(id);
  watched.goOn();
  await publishing;
  expect(await readDelivery(context, id)).toMatchObject({
    ...{ state: 'scheduled', problemCode: 'lease_short', leaseUntil: null, crashCount: 0, attempts: [] },
  });
  await expectToGoOut(id);
});

test('who reaches the guard after the lease does so too', async () => {
  const { id } = await schedule();
  const payloadOf: Network['payloadOf'] = ({ text }) => {
    void endLease(id).catch(() => undefined);
    return text;
  };
  const net = createClassNetwork(context, 'exact', { payloadOf });
  await publishDelivery(net.context, id);
  expect(net.sends).toEqual([]);
  expect(await readDelivery(context, id)).toMatchObject({
    ...{ state: 'scheduled', leaseUntil: null, crashCount: 0, attempts: [] },
  });
  await expectToGoOut(id);
});

test('who fails over a post lets go of it', async () => {
  const { id } = await schedule();
  const payloadOf: Network['payloadOf'] = () => {
    throw new Error('broken');
  };
  const net = createClassNetwork(context, 'exact', { payloadOf });
  await expect(publishDelivery(net.context, id)).rejects.toThrow('broken');
  expect(await readDelivery(context, id)).toMatchObject({
    state: 'scheduled',
    leaseUntil: null,
    crashCount: 0,
  });
  await expectToGoOut(id);
});

test('who fails over a look lets go of it, and it is unclear still', async () => {
  const { id } = await schedule();
  const net = createClassNetwork(context, 'exact');
  net.faults = ['taken_unanswered'];
  await publishDelivery(net.context, id);
  await arrive(id);
  const networks = new Map(context.networks);
  // Gone while it is being looked for.
  networks.get = () => {
    throw new Error('broken');
  };
  await expect(publishDelivery({ ...context, networks }, id)).rejects.toThrow('broken');
  expect(await readDelivery(context, id)).toMatchObject({
    state: 'unknown',
    leaseUntil: null,
    crashCount: 0,
  });
  await arrive(id);
  await publishDelivery(net.context, id);
  expect(await readDelivery(context, id)).toMatchObject({ state: 'published' });
});

test('a process does not take over from itself, however slow it is', async () => {
  const { id } = await schedule();
  const underWay = createUnderWay(context.config.publishing.leaseSeconds);
  const watched = watchPlayground(context, 'prepare');
  const publishing = publishDelivery(watched.context, id, { underWay });
  await watched.isReached;
  await endLease(id);
  await publishDelivery(context, id, { underWay });
  expect(await readDelivery(context, id)).toMatchObject({ state: 'claimed', fence: 1, crashCount: 0 });
  watched.goOn();
  await publishing;
  await arrive(id);
  await publishDelivery(context, id, { underWay });
  expect(await readDelivery(context, id)).toMatchObject({ state: 'published', fence: 2 });
});

test('work that never ends is waited for three leases and no longer', () => {
  const patient = createUnderWay(30);
  expect([patient.begin('one'), patient.begin('two'), patient.begin('one')]).toEqual([true, true, false]);
  patient.end('one');
  expect(patient.begin('one')).toBe(true);
  const impatient = createUnderWay(0);
  expect([impatient.begin('one'), impatient.begin('one')]).toEqual([true, true]);
});

test('another process counts it as one death, and who comes back late changes nothing', async () => {
  const { id } = await schedule();
  const watched = watchPlayground(context, 'prepare');
  const publishing = publishDelivery(watched.context, id);
  await watched.isReached;
  await endLease(id);
  expect(await claimDelivery(context, id)).toMatchObject({ state: 'claimed', fence: 2 });
  watched.goOn();
  await publishing;
  expect(await readDelivery(context, id)).toMatchObject({ state: 'claimed', fence: 2, crashCount: 1 });
  await endLease(id);
  expect(await claimDelivery(context, id, { isAlone: true })).toMatchObject({ fence: 3 });
  expect(await readDelivery(context, id)).toMatchObject({ crashCount: 2 });
});
