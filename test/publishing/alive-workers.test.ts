import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { sealCredentials } from '../../server/channels/credentials.ts';
import type { Context } from '../../server/context.ts';
import { claimDelivery } from '../../server/deliveries/claim-delivery.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
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

describe('new credentials that do not come while the lease lasts', () => {
  let own: Context;
  let ownTeam: PublishingTeam;
  const answer = Promise.withResolvers<{ credentials: string }>();

  beforeAll(async () => {
    own = await openTestContext({ PUBLISH_LEASE_SECONDS: '3' });
    ownTeam = await createPublishingTeam(own);
    const { team: ofTeam, playgroundChannelId: id } = ownTeam;
    const credentials = sealCredentials(own, { teamId: ofTeam.id, channelId: id }, 'old');
    await own.db.channel.update({ where: { id }, data: { credentials } });
  });
  afterAll(async () => {
    answer.resolve({ credentials: 'new' });
    await own[Symbol.asyncDispose]();
  });

  const refresh = () => answer.promise;
  const endTokenIn = (seconds: number) => own.db.$executeRaw`
    update channel set token_expires_at = clock_timestamp() + make_interval(secs => ${seconds})
    where id = ${ownTeam.playgroundChannelId}`;

  test('keep nothing from going out that those of before suffice for', async () => {
    const { id } = await scheduleTestDelivery(own, ownTeam);
    await endTokenIn(50);
    const net = createClassNetwork(own, 'exact', { refresh });
    await publishDelivery(net.context, id);
    expect(await readDelivery(own, id)).toMatchObject({ state: 'published', fence: 1 });
  });

  test('leave no doubt about a post that the network had refused for the old ones', async () => {
    const { id } = await scheduleTestDelivery(own, ownTeam);
    await endTokenIn(3600);
    const net = createClassNetwork(own, 'exact', { refresh });
    net.faults = [new NetworkError('auth_expired', 'http_401', 'The token has ended.')];
    await publishDelivery(net.context, id);
    const attempts = [expect.objectContaining({ kind: 'send', outcome: 'auth_expired' })];
    expect(await readDelivery(own, id)).toMatchObject({
      ...{ state: 'scheduled', problemCode: 'lease_short', leaseUntil: null, crashCount: 0, attempts },
    });
    await own.db.delivery.update({ where: { id }, data: { state: 'cancelled' } });
  });

  test('leave the post to the next try', async () => {
    const { id } = await scheduleTestDelivery(own, ownTeam);
    await endTokenIn(-1);
    const net = createClassNetwork(own, 'exact', { refresh });
    await publishDelivery(net.context, id);
    expect(net.sends).toEqual([]);
    expect(await readDelivery(own, id)).toMatchObject({
      ...{ state: 'scheduled', problemCode: 'lease_short', leaseUntil: null, crashCount: 0, attempts: [] },
    });
  });
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
  const end = patient.begin('one');
  expect(patient.begin('two')).not.toBeNull();
  expect(patient.begin('one')).toBeNull();
  end!();
  expect(patient.begin('one')).not.toBeNull();
  const impatient = createUnderWay(0);
  expect([impatient.begin('one'), impatient.begin('one')]).not.toContain(null);
});

test('who was taken over from and ends late does not end the work of whoever took over', () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  try {
    const underWay = createUnderWay(30);
    const endFirst = underWay.begin('one')!;
    vi.advanceTimersByTime(90_000);
    const endSecond = underWay.begin('one')!;
    endFirst();
    expect(underWay.begin('one')).toBeNull();
    endSecond();
    expect(underWay.begin('one')).not.toBeNull();
  } finally {
    vi.useRealTimers();
  }
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
