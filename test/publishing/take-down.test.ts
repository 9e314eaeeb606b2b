import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { takeDownPost } from '../../server/deliveries/take-down-post.ts';
import { newId } from '../../server/ids.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import type { Network } from '../../server/networks/network.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { connectClient, scopesOf } from '../domain/connect-client.ts';
import { openTestContext } from '../support/test-context.ts';
import { createPublishingTeam, readDelivery, scheduleTestDelivery, type PublishingTeam } from './fixtures.ts';

let context: Context;
let team: PublishingTeam;

beforeAll(async () => {
  context = await openTestContext();
  team = await createPublishingTeam(context);
});
afterAll(() => context[Symbol.asyncDispose]());

async function publish(parts = ['Hello'], of = team) {
  const delivery = await scheduleTestDelivery(context, of, { parts });
  await publishDelivery(context, delivery.id);
  return delivery;
}

function withPlayground(changes: Partial<Network>): Context {
  const playground = { ...context.networks.get('playground')!, ...changes };
  return { ...context, networks: new Map(context.networks).set('playground', playground) };
}

const takeDown = (postId: string, on = context) =>
  takeDownPost(on, team.caller, { postId, reason: 'A wrong date' });
const shown = (deliveryId: string) => context.db.playgroundPost.count({ where: { deliveryId } });

test('every part goes, the link stays as evidence, and the reason is on record; again changes nothing', async () => {
  const { id, postId } = await publish(['one', 'two']);
  const { remoteId } = await readDelivery(context, id);
  const answer = await takeDown(postId);
  expect(answer.perChannel).toEqual([
    { channelId: team.playgroundChannelId, state: 'removed', manualUrl: null, problem: null },
  ]);
  const after = await readDelivery(context, id);
  expect(after).toMatchObject({ state: 'taken_down', remoteId });
  expect(after.takenDownAt).not.toBeNull();
  expect(await shown(id)).toBe(0);
  expect(await takeDown(postId)).toEqual(answer);
  expect(await readDelivery(context, id)).toEqual(after);
  const asked = await context.db.activity.findMany({
    where: { target: postId, action: 'delivery.take_down' },
  });
  expect(asked).toMatchObject([{ personId: team.person.id, detail: { reason: 'A wrong date' } }]);
});

test('parts are handed over first to last, all of them', async () => {
  const { postId } = await publish(['one', 'two', 'three']);
  const seen: number[] = [];
  const on = withPlayground({ takeDown: async (_, parts) => void seen.push(parts.length) });
  await takeDown(postId, on);
  expect(seen).toEqual([3]);
});

test('a thread of which only a part is live is taken down too', async () => {
  const { id, postId } = await publish(['one', 'two']);
  await context.db.deliveryPart.updateMany({
    where: { deliveryId: id, partNo: 2 },
    data: { remoteId: null, remoteUrl: null, publishedAt: null },
  });
  await context.db.delivery.update({
    where: { id },
    data: { state: 'needs_attention', problemCode: 'thread_incomplete', remoteId: null, publishedAt: null },
  });
  expect((await takeDown(postId)).perChannel).toMatchObject([{ state: 'removed' }]);
  expect(await readDelivery(context, id)).toMatchObject({ state: 'taken_down', problemCode: null });
});

test('a network that does not allow it leaves it to a person, with the link', async () => {
  const { id, postId } = await publish();
  const { takeDown: _takeDown, ...playground } = context.networks.get('playground')!;
  const on = { ...context, networks: new Map(context.networks).set('playground', playground) };
  const { remoteUrl } = await readDelivery(context, id);
  expect((await takeDown(postId, on)).perChannel).toMatchObject([
    { state: 'unsupported', manualUrl: remoteUrl },
  ]);
  expect(await readDelivery(context, id)).toMatchObject({ state: 'published' });
});

test('what failed says why in our words, and may be tried again', async () => {
  const { id, postId } = await publish();
  const on = withPlayground({
    takeDown: async () => {
      throw new NetworkError('ambiguous', 'timeout', 'The Playground gave no clear answer.', {
        cause: 'secret',
      });
    },
  });
  expect((await takeDown(postId, on)).perChannel).toMatchObject([
    { state: 'failed', problem: 'The Playground gave no clear answer.' },
  ]);
  expect(await readDelivery(context, id)).toMatchObject({ state: 'published' });
  expect((await takeDown(postId)).perChannel).toMatchObject([{ state: 'removed' }]);
});

test('credentials that ran out are renewed once, and the call is made again', async () => {
  const { postId } = await publish();
  const calls: (string | undefined)[] = [];
  const on = withPlayground({
    refresh: async () => ({ credentials: 'new' }),
    takeDown: async ({ channel }) => {
      calls.push(channel.credentials);
      if (channel.credentials !== 'new') throw new NetworkError('auth_expired', 'expired', 'It ran out.');
    },
  });
  expect((await takeDown(postId, on)).perChannel).toMatchObject([{ state: 'removed' }]);
  expect(calls).toEqual([undefined, 'new']);
  const channel = { where: { id: team.playgroundChannelId } };
  await context.db.channel.update({ ...channel, data: { credentials: null } });
});

test('nothing live is nothing to take down', async () => {
  const { postId } = await scheduleTestDelivery(context, team, { dueInSeconds: 3600 });
  await expect(takeDown(postId)).rejects.toMatchObject({ details: { code: 'not_published' } });
});

describe('a connection', () => {
  test.each([
    ['deny', 'policy_denied'],
    ['ask', 'needs_person'],
  ])('takes nothing down on a channel where a rule says %s', async (effect, code) => {
    const { id, postId } = await publish();
    const { caller } = await connectClient(context, team, scopesOf('publish'));
    await context.db.policyRule.create({
      data: {
        ...{ id: newId('policyRule'), teamId: team.team.id, connectionId: caller.connectionId },
        ...{ channelId: team.playgroundChannelId, condition: 'always', effect, tool: 'take_down_post' },
        createdById: team.person.id,
      },
    });
    const where = { id: team.team.id };
    const { policyVersion } = await context.db.team.update({
      where,
      data: { policyVersion: { increment: 1 } },
    });
    const asked = takeDownPost(context, { ...caller, policyVersion }, { postId, reason: 'x' });
    await expect(asked).rejects.toMatchObject({ details: { code } });
    expect(await shown(id)).toBe(1);
  });

  const cap = { condition: 'daily_cap', effect: 'ask', postsPerDay: 0 };
  const quiet = { condition: 'quiet_hours', effect: 'deny', quietFrom: '00:00', quietTo: '00:00' };

  test.each([
    ['a reached cap', cap],
    ['quiet hours', quiet],
  ])('asks a person where the team is to be asked about any post, also under %s', async (_, ownRule) => {
    const other = await createPublishingTeam(context);
    const { id, postId } = await publish(['Hello'], other);
    const { caller } = await connectClient(context, other, scopesOf('publish'));
    const { teamId, connectionId } = caller;
    const made = { teamId, createdById: other.person.id };
    const ask = { channelId: other.playgroundChannelId, condition: 'always', effect: 'ask' };
    const ruleId = newId('policyRule');
    await context.db.policyRule.createMany({
      data: [
        { ...made, ...ask, id: ruleId },
        { ...made, ...ownRule, id: newId('policyRule'), connectionId },
      ],
    });
    const asked = async () => {
      const { policyVersion } = await context.db.team.update({
        where: { id: teamId },
        data: { policyVersion: { increment: 1 } },
      });
      return takeDownPost(context, { ...caller, policyVersion }, { postId, reason: 'x' });
    };
    await expect(asked()).rejects.toMatchObject({ details: { code: 'needs_person', ruleId } });
    expect(await shown(id)).toBe(1);
    // How many go out and at which hour is not about taking down.
    await context.db.policyRule.delete({ where: { id: ruleId } });
    expect((await asked()).perChannel).toMatchObject([{ state: 'removed' }]);
  });

  test('that may not publish takes nothing down', async () => {
    const { postId } = await publish();
    const { caller } = await connectClient(context, team, scopesOf('schedule'));
    const asked = takeDownPost(context, caller, { postId, reason: 'x' });
    await expect(asked).rejects.toMatchObject({ details: { code: 'insufficient_scope' } });
  });
});
