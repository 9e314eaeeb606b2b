import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { claimDelivery } from '../../server/deliveries/claim-delivery.ts';
import { expireLeases } from '../../server/deliveries/expire-leases.ts';
import { resolveDelivery } from '../../server/deliveries/resolve-delivery.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import type { GuaranteeClass, Network } from '../../server/networks/network.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { openTestContext } from '../support/test-context.ts';
import { createClassNetwork, type ClassNetwork } from './class-network.ts';
import {
  createPublishingTeam,
  createTestChannel,
  readDelivery,
  scheduleTestDelivery,
  type PublishingTeam,
} from './fixtures.ts';

let opened: Context;
let team: PublishingTeam;
let channelId: string;

beforeAll(async () => {
  opened = await openTestContext();
  team = await createPublishingTeam(opened);
});
beforeEach(async () => {
  channelId = await createTestChannel(opened, team);
});
afterAll(() => opened[Symbol.asyncDispose]());

const open = (guarantee: GuaranteeClass, changes?: Partial<Network>) =>
  createClassNetwork(opened, guarantee, changes);
const schedule = (parts = ['Hello']) => scheduleTestDelivery(opened, team, { channelId, parts });
const duplicate = () => new NetworkError('duplicate', 'duplicate_content', 'It has this already.');

/** Until it rests, time after time, as if the time for each next step had come. */
async function settle({ context }: ClassNetwork, id: string, rounds = 12) {
  for (let round = 0; round < rounds; round += 1) {
    await publishDelivery(context, id);
    const { state } = await readDelivery(context, id);
    if (state !== 'scheduled' && state !== 'unknown') break;
    await opened.db.$executeRaw`update delivery set not_before = clock_timestamp() where id = ${id}`;
  }
  return readDelivery(opened, id);
}
const sendsOf = (net: ClassNetwork) => net.sends.length;

describe.each([
  ['exact', 3],
  ['idempotent', 3],
  ['read_back', 2],
  ['none', 1],
] as const)('where the guarantee is %s', (guarantee, mostSends) => {
  test('what was taken without an answer is live once', async () => {
    const net = open(guarantee);
    net.faults = ['taken_unanswered'];
    const { id } = await schedule();
    const { state } = await settle(net, id);
    expect(net.posts).toHaveLength(1);
    expect(sendsOf(net)).toBe(1);
    expect(state).toBe(guarantee === 'none' ? 'needs_attention' : 'published');
  });

  test(`what never arrives is sent ${mostSends} times at most, then a person looks`, async () => {
    const net = open(guarantee);
    net.faults = Array(9).fill('lost');
    const { id } = await schedule();
    expect(await settle(net, id)).toMatchObject({ state: 'needs_attention', problemCode: 'outcome_unknown' });
    expect(sendsOf(net)).toBe(mostSends);
    expect(new Set(net.sends.map(({ key }) => key)).size).toBe(1);
    expect(net.reads).toBe(guarantee === 'none' ? 0 : 2 * mostSends);
  });

  test('what was lost on the way goes out without a person, unless nobody can be asked', async () => {
    const net = open(guarantee);
    net.faults = ['lost'];
    const { id } = await schedule(['one', 'two', 'three']);
    const { state } = await settle(net, id);
    expect(state).toBe(guarantee === 'none' ? 'needs_attention' : 'published');
    const live = net.posts.map(({ text }) => text);
    expect(live).toEqual(guarantee === 'none' ? [] : ['one', 'two', 'three']);
  });

  test('a thread resumes at the part that was cut off, and each part has its own repeats', async () => {
    const net = open(guarantee);
    net.faults = ['taken', 'taken_unanswered', 'taken'];
    const { id } = await schedule(['one', 'two', 'three']);
    if (guarantee !== 'none') net.faults = ['lost', 'taken', 'lost', 'taken', 'taken_unanswered'];
    const { state } = await settle(net, id, 20);
    expect(state).toBe(guarantee === 'none' ? 'needs_attention' : 'published');
    const live = net.posts.map(({ text }) => text);
    expect(live).toEqual(guarantee === 'none' ? ['one', 'two'] : ['one', 'two', 'three']);
  });

  test('what was being sent when its worker died is found out about first', async () => {
    const net = open(guarantee);
    const { id } = await schedule();
    await dieSending(net, id);
    await opened.db.$executeRaw`
      update delivery set lease_until = clock_timestamp() - interval '1 second' where id = ${id}`;
    await expireLeases(net.context);
    expect(await readDelivery(opened, id)).toMatchObject({ state: 'unknown', crashCount: 1 });
    await opened.db.$executeRaw`update delivery set not_before = clock_timestamp() where id = ${id}`;
    const after = await settle(net, id);
    expect(after.state).toBe(guarantee === 'none' ? 'needs_attention' : 'published');
    expect(after.crashCount).toBe(guarantee === 'none' ? 1 : 0);
  });
});

/** A worker of which nothing is heard any more once it has begun the call. */
async function dieSending({ context }: ClassNetwork, id: string): Promise<void> {
  const called = Promise.withResolvers<void>();
  const network = context.networks.get('playground')!;
  const send: Network['send'] = () => {
    called.resolve();
    return Promise.withResolvers<never>().promise;
  };
  const networks = new Map(context.networks).set('playground', { ...network, send });
  void publishDelivery({ ...context, networks }, id);
  await called.promise;
}

test('a key protects as long as the network knows it; afterwards one repeat is all', async () => {
  const net = open('idempotent', { keyLifetimeSeconds: 3600 });
  net.faults = Array(9).fill('lost');
  const { id } = await schedule();
  await publishDelivery(net.context, id);
  await opened.db.$executeRaw`
    update attempt set started_at = started_at - interval '2 hours' where delivery_id = ${id}`;
  await opened.db.$executeRaw`update delivery set not_before = clock_timestamp() where id = ${id}`;
  expect(await settle(net, id)).toMatchObject({ state: 'needs_attention', problemCode: 'outcome_unknown' });
  expect(sendsOf(net)).toBe(2);
});

test('a second repeat that waited until its key was forgotten is not sent', async () => {
  const net = open('idempotent', { keyLifetimeSeconds: 3600 });
  net.faults = Array(9).fill('lost');
  const { id } = await schedule();
  for (let round = 0; (await readDelivery(opened, id)).resendCount < 1; round += 1) {
    await publishDelivery(net.context, id);
    await opened.db.$executeRaw`update delivery set not_before = clock_timestamp() where id = ${id}`;
  }
  expect(sendsOf(net)).toBe(2);
  await opened.db.$executeRaw`
    update delivery set state = 'scheduled', resend_count = 2, not_before = clock_timestamp() where id = ${id}`;
  await opened.db.$executeRaw`
    update attempt set started_at = started_at - interval '2 hours' where delivery_id = ${id}`;
  await publishDelivery(net.context, id);
  expect(await readDelivery(opened, id)).toMatchObject({
    state: 'needs_attention',
    problemCode: 'outcome_unknown',
  });
  expect(sendsOf(net)).toBe(2);
});

describe('the answer that it is there already', () => {
  test('after an unclear send of ours is read back, and what is found is ours', async () => {
    const net = open('read_back');
    net.faults = ['taken_unanswered', duplicate()];
    const { id } = await schedule();
    await publishDelivery(net.context, id);
    const [live] = net.posts.splice(0);
    // The network is slow to show it: two empty reads, the repeat, and then it is there.
    for (let read = 0; read < 2; read += 1) {
      await opened.db.$executeRaw`update delivery set not_before = clock_timestamp() where id = ${id}`;
      if (read === 1) {
        const { context } = net;
        const network = context.networks.get('playground')!;
        const send: Network['send'] = async (call) => {
          net.posts.push(live!);
          return network.send(call);
        };
        net.context = {
          ...context,
          networks: new Map(context.networks).set('playground', { ...network, send }),
        };
      }
      await publishDelivery(net.context, id);
    }
    expect(await readDelivery(opened, id)).toMatchObject({ state: 'published', remoteId: `at ${live!.key}` });
    expect(sendsOf(net)).toBe(2);
    expect(net.posts).toHaveLength(1);
  });

  test('to the first send fails and says so', async () => {
    const net = open('read_back');
    net.faults = [duplicate()];
    const { id } = await schedule();
    expect(await settle(net, id)).toMatchObject({
      state: 'failed',
      problemCode: 'posted_already',
      sendStartedAt: null,
    });
    expect(net.reads).toBe(0);
  });

  test('to a later part of a thread needs a person', async () => {
    const net = open('read_back');
    net.faults = ['taken', duplicate()];
    const { id } = await schedule(['one', 'two']);
    const after = await settle(net, id);
    expect(after).toMatchObject({ state: 'needs_attention', problemCode: 'thread_incomplete' });
    expect(after.problemMessage).toMatch(/posted exactly this already/);
  });
});

test('a repeat that is surely not taken keeps its key: the first may turn up yet', async () => {
  const net = open('exact');
  net.faults = ['lost', new NetworkError('not_sent', 'ECONNREFUSED', 'It could not be reached.')];
  const { id } = await schedule();
  expect(await settle(net, id)).toMatchObject({ state: 'published' });
  expect(sendsOf(net)).toBe(3);
  expect(new Set(net.sends.map(({ key }) => key)).size).toBe(1);
});

describe('the post of another delivery that looks like ours', () => {
  /** As a network that knows no keys: by the text, the oldest first. */
  function openByText(isAsked: boolean): ClassNetwork {
    const net: ClassNetwork = open('read_back', {
      async readBack({ part, known }) {
        const ids = net.posts.filter(({ text }) => text === part.text).map(({ key }) => `at ${key}`);
        const remoteId = ids.find((id) => !isAsked || !known?.has(id));
        return remoteId === undefined ? null : { remoteId, remoteUrl: 'https://net.example/1' };
      },
    });
    return net;
  }

  test.each([
    ['a post', ['Same'], ['Same']],
    ['a thread', ['Same', 'and its end'], ['Same', 'and its end']],
    ['the first part', ['Same'], ['Same', 'and its end']],
    ['what is a part', ['Other', 'Same'], ['Same']],
  ])('is never taken for it: %s', async (_, theirs, ours) => {
    const net = openByText(true);
    expect(await settle(net, (await schedule(theirs)).id)).toMatchObject({ state: 'published' });
    net.faults = ['lost'];
    expect(await settle(net, (await schedule(ours)).id)).toMatchObject({ state: 'published' });
    expect(net.posts.map(({ text }) => text)).toEqual([...theirs, ...ours]);
  });

  test('is never taken for it: what a person recorded by its address', async () => {
    const net = openByText(true);
    const there = { channelId, deliveryId: 'none', key: 'by hand', text: 'Hello', at: 0 };
    net.posts.push(there);
    const recorded = { state: 'published', publishedAt: new Date(), remoteId: 'at by hand' };
    await opened.db.delivery.update({ where: { id: (await schedule()).id }, data: recorded });
    net.faults = ['lost'];
    expect(await settle(net, (await schedule()).id)).toMatchObject({ state: 'published' });
    expect(net.posts).toHaveLength(2);
  });

  test('that was found all the same is no word of the network: the read counts for nothing', async () => {
    const net = openByText(false);
    await settle(net, (await schedule()).id);
    net.faults = ['lost'];
    const { id } = await schedule();
    await publishDelivery(net.context, id);
    await opened.db.$executeRaw`update delivery set not_before = clock_timestamp() where id = ${id}`;
    await expect(publishDelivery(net.context, id)).rejects.toThrow('delivery_remote_id');
    const { state, retryCount, leaseUntil, attempts } = await readDelivery(opened, id);
    expect({ state, retryCount, leaseUntil }).toEqual({ state: 'unknown', retryCount: 0, leaseUntil: null });
    expect(attempts.map(({ outcome }) => outcome)).toEqual(['ambiguous', null]);
  });
});

test.each([
  ['several that look like it', new NetworkError('rejected', 'several_match', 'Two.'), 'several_match'],
  ['a refusal', new NetworkError('rejected', '403', 'No.'), 'read_back_failed'],
])('a read that ends in %s goes to a person at once', async (_, error, code) => {
  const net = open('read_back');
  net.faults = ['lost'];
  net.readFaults = [error];
  const { id } = await schedule();
  expect(await settle(net, id)).toMatchObject({ state: 'needs_attention', problemCode: code });
  expect(net.reads).toBe(1);
});

describe('a read that the network puts off', () => {
  const limited = () => new NetworkError('rate_limited', '429', 'Not now.', { until: new Date() });
  const unreachable = () => new NetworkError('not_sent', 'ECONNREFUSED', 'It could not be reached.');
  const FOR_A_PERSON = { state: 'needs_attention', problemCode: 'read_back_failed' };

  test.each([
    ['now and then is repeated', limited, '2 days', 0, { state: 'unknown', retryCount: 0 }],
    ['for three days goes to a person', limited, '4 days', 0, FOR_A_PERSON],
    [
      'by being away for hours is repeated',
      unreachable,
      '4 hours',
      149,
      { state: 'unknown', retryCount: 150 },
    ],
    ['by being away for a day goes to a person', unreachable, '1 day', 150, FOR_A_PERSON],
  ] as const)('%s', async (_, error, ago, retryCount, end) => {
    const net = open('read_back');
    net.faults = ['lost'];
    net.readFaults = [error()];
    const { id } = await schedule();
    await publishDelivery(net.context, id);
    await opened.db.$executeRaw`
      update delivery set not_before = clock_timestamp(), retry_count = ${retryCount},
        send_started_at = clock_timestamp() - ${ago}::interval where id = ${id}`;
    await publishDelivery(net.context, id);
    expect(await readDelivery(opened, id)).toMatchObject(end);
    expect(net.reads).toBe(1);
  });
});

test('what was prepared and expires there is prepared anew once it is proved not to be published', async () => {
  const kept = open('exact');
  kept.faults = ['lost'];
  expect(await settle(kept, (await schedule()).id)).toMatchObject({ state: 'published' });
  expect(kept.sends.map(({ prepared }) => prepared)).toEqual([{ container: 1 }, { container: 1 }]);
  const anew = open('exact', { preparesAnew: true });
  anew.faults = ['lost'];
  expect(await settle(anew, (await schedule()).id)).toMatchObject({ state: 'published' });
  expect(anew.sends.map(({ prepared }) => prepared)).toEqual([{ container: 1 }, { container: 2 }]);
  expect(anew.posts).toHaveLength(1);
});

test('a channel whose link may not look has what its link has', async () => {
  const net = open('read_back', {
    guaranteeFor: ({ grantedScopes }) => (grantedScopes.includes('read') ? 'read_back' : 'none'),
  });
  net.faults = ['taken_unanswered'];
  const { id, postId } = await schedule();
  expect(await settle(net, id)).toMatchObject({ state: 'needs_attention', problemCode: 'outcome_unknown' });
  expect(net.reads).toBe(0);
  const check = { postId, channelId, action: 'check' } as const;
  await expect(resolveDelivery(net.context, team.caller, check)).rejects.toMatchObject({
    details: { code: 'cannot_be_asked' },
  });
  await opened.db.channel.update({ where: { id: channelId }, data: { grantedScopes: ['read'] } });
  await resolveDelivery(net.context, team.caller, check);
  expect(await settle(net, id)).toMatchObject({ state: 'published' });
});

test('what has killed its reader again and again goes to a person', async () => {
  const net = open('exact');
  net.faults = ['lost'];
  const { id } = await schedule();
  await publishDelivery(net.context, id);
  for (let deaths = 0; deaths < 4; deaths += 1) {
    await opened.db.$executeRaw`update delivery set not_before = clock_timestamp() where id = ${id}`;
    expect(await claimDelivery(net.context, id, { isAlone: true })).toMatchObject({
      state: deaths < 4 ? 'unknown' : '',
    });
    await opened.db.$executeRaw`
      update delivery set lease_until = clock_timestamp() - interval '1 second' where id = ${id}`;
  }
  await publishDelivery(net.context, id, { isAlone: true });
  expect(await readDelivery(opened, id)).toMatchObject({
    state: 'needs_attention',
    problemCode: 'read_back_failed',
  });
});
