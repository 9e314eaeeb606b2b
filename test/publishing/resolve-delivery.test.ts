import { createHash } from 'node:crypto';

import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import type { ConnectionCaller } from '../../server/caller.ts';
import type { Context } from '../../server/context.ts';
import { publishPost } from '../../server/deliveries/publish-post.ts';
import { resolveDelivery, type ResolveInput } from '../../server/deliveries/resolve-delivery.ts';
import { newId } from '../../server/ids.ts';
import type { GuaranteeClass, Network } from '../../server/networks/network.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { connectClient, scopesOf } from '../domain/connect-client.ts';
import { openTestContext } from '../support/test-context.ts';
import {
  createPublishingTeam,
  readDelivery,
  scheduleTestDelivery,
  type PublishingTeam,
  type TestDelivery,
} from './fixtures.ts';
import { watchPlayground } from './watched-network.ts';

let context: Context;
let team: PublishingTeam;
let agent: ConnectionCaller;

beforeAll(async () => {
  const opened = await openTestContext();
  const playground = { ...opened.networks.get('playground')!, quarantineSeconds: 0 };
  context = { ...opened, networks: new Map(opened.networks).set('playground', playground) };
  team = await createPublishingTeam(context);
  agent = (await connectClient(context, team, scopesOf('publish'))).caller;
});
// What one test leaves on the channel keeps nothing of the next waiting.
afterEach(
  () => context.db.$executeRaw`
    update delivery set not_before = not_before + interval '1 day' where state in ('scheduled', 'unknown')`,
);
afterAll(() => context[Symbol.asyncDispose]());

type Wish = Omit<ResolveInput, 'postId' | 'channelId'>;

const resolve = (
  { postId }: TestDelivery,
  wish: Wish,
  caller: ConnectionCaller | PublishingTeam['caller'] = agent,
  on = context,
) => resolveDelivery(on, caller, { postId, channelId: team.playgroundChannelId, ...wish });
const sendsOf = (deliveryId: string) => context.db.playgroundPost.count({ where: { deliveryId } });
const permalink = () => `${context.publicUrl}/playground/${newId('playgroundPost')}`;

/** As Playground, but what it promises against posting twice is less. */
function withGuarantee(guarantee: GuaranteeClass, changes: Partial<Network> = {}): Context {
  const playground = { ...context.networks.get('playground')!, guarantee, ...changes };
  return { ...context, networks: new Map(context.networks).set('playground', playground) };
}

async function rule({ connectionId }: ConnectionCaller, effect: 'ask' | 'deny'): Promise<void> {
  const { id: teamId } = team.team;
  const of = { id: newId('policyRule'), teamId, connectionId, channelId: team.playgroundChannelId };
  await context.db.policyRule.create({
    data: { ...of, condition: 'always', effect, createdById: team.person.id },
  });
  await context.db.team.update({ where: { id: teamId }, data: { policyVersion: { increment: 1 } } });
}

/** A delivery that stopped. `unclear`: it was sent and no answer came; `isThere`: the network took it all the same. */
async function stop(
  state: 'failed' | 'missed' | 'held' | 'unknown' | 'needs_attention',
  { unclear = state === 'unknown' || state === 'needs_attention', isThere = false } = {},
): Promise<TestDelivery> {
  const delivery = await scheduleTestDelivery(context, team);
  const { id } = delivery;
  const at = new Date(Date.now() - 5000);
  if (unclear) {
    await context.db.deliveryPart.create({
      data: { deliveryId: id, partNo: 1, text: 'Hello', key: `${id}-1`, frozenAt: at },
    });
    await context.db.attempt.create({
      data: {
        ...{
          deliveryId: id,
          fence: 0,
          partNo: 1,
          kind: 'send',
          payloadHash: hash(),
          idempotencyKey: `${id}-1`,
        },
        ...{ startedAt: at, finishedAt: at, outcome: 'ambiguous', evidence: { code: 'timeout' } },
      },
    });
  }
  if (isThere) {
    const { playgroundChannelId: channelId } = team;
    const row = { id: newId('playgroundPost'), teamId: team.team.id, channelId, deliveryId: id, partNo: 1 };
    await context.db.playgroundPost.create({ data: { ...row, text: 'Hello' } });
  }
  await context.db.delivery.update({
    where: { id },
    data: {
      state,
      ...(state !== 'unknown' && { problemCode: 'refused', problemMessage: 'The network refused the post.' }),
      ...(unclear && { sendStartedAt: at, payloadHash: hash() }),
      ...(state === 'unknown' && { notBefore: new Date(Date.now() + 3_600_000) }),
    },
  });
  return delivery;
}

const hash = () => new Uint8Array(createHash('sha256').update('x').digest());

describe('check', () => {
  test.each(['unknown', 'needs_attention'] as const)(
    'what is %s and there is found at once',
    async (state) => {
      const delivery = await stop(state, { isThere: true });
      const answer = await resolve(delivery, { action: 'check' });
      expect(answer).toMatchObject({ state: 'unknown', pollAfterSeconds: 3 });
      expect(answer.evidence[0]).toMatch(/Z sent part 1: ambiguous \(timeout\)$/);
      await publishDelivery(context, delivery.id);
      expect(await readDelivery(context, delivery.id)).toMatchObject({
        state: 'published',
        problemCode: null,
      });
      expect(await resolve(delivery, { action: 'check' })).toMatchObject({
        state: 'published',
        pollAfterSeconds: 0,
      });
      expect(await sendsOf(delivery.id)).toBe(1);
    },
  );

  test('the same again changes nothing', async () => {
    const delivery = await stop('unknown');
    await resolve(delivery, { action: 'check' });
    const before = await readDelivery(context, delivery.id);
    await resolve(delivery, { action: 'check' });
    expect(await readDelivery(context, delivery.id)).toEqual(before);
  });

  test('what had been settled as unclear is looked for, never sent again by it', async () => {
    const delivery = await stop('needs_attention');
    await resolve(delivery, { action: 'check' });
    await publishDelivery(context, delivery.id);
    await publishDelivery(context, delivery.id);
    const after = await readDelivery(context, delivery.id);
    expect(after).toMatchObject({ state: 'needs_attention', problemCode: 'outcome_unknown' });
    expect(after.attempts.filter(({ outcome }) => outcome === 'not_found')).toHaveLength(2);
    expect(await sendsOf(delivery.id)).toBe(0);
  });

  test('it says so when nothing is unclear, or the network cannot be asked', async () => {
    await expect(resolve(await stop('failed'), { action: 'check' })).rejects.toMatchObject({
      details: { code: 'nothing_unclear' },
    });
    const blind = resolve(await stop('unknown'), { action: 'check' }, agent, withGuarantee('none'));
    await expect(blind).rejects.toMatchObject({ details: { code: 'cannot_be_asked' } });
  });
});

describe('retry', () => {
  test.each(['failed', 'missed', 'held'] as const)('what is %s goes out, once', async (state) => {
    const delivery = await stop(state);
    expect(await resolve(delivery, { action: 'retry' })).toMatchObject({
      state: 'scheduled',
      pollAfterSeconds: 3,
    });
    const before = await readDelivery(context, delivery.id);
    expect(before.scheduledByConnectionId).toBe(agent.connectionId);
    await resolve(delivery, { action: 'retry' });
    expect(await readDelivery(context, delivery.id)).toEqual(before);
    await publishDelivery(context, delivery.id);
    expect(await resolve(delivery, { action: 'retry' })).toMatchObject({ state: 'published' });
    expect(await sendsOf(delivery.id)).toBe(1);
  });

  test.each(['unknown', 'needs_attention'] as const)(
    'what is %s goes out under the same key where that cannot post twice',
    async (state) => {
      const delivery = await stop(state, { isThere: true });
      await resolve(delivery, { action: 'retry' });
      await publishDelivery(context, delivery.id);
      const after = await readDelivery(context, delivery.id);
      expect(after).toMatchObject({ state: 'published', parts: [{ key: `${delivery.id}-1` }] });
      expect(await sendsOf(delivery.id)).toBe(1);
    },
  );

  test.each(['read_back', 'none'] as const)(
    'what is unclear on a network that guarantees %s is left to a person who has looked',
    async (guarantee) => {
      const on = withGuarantee(guarantee);
      for (const state of ['unknown', 'needs_attention'] as const) {
        const delivery = await stop(state);
        const before = await readDelivery(context, delivery.id);
        await expect(
          resolve(delivery, { action: 'retry', isConfirmed: true }, agent, on),
        ).rejects.toMatchObject({
          details: { code: 'outcome_unknown', nextStep: expect.stringContaining('/settle/') as string },
        });
        await expect(resolve(delivery, { action: 'retry' }, team.caller, on)).rejects.toMatchObject({
          details: { code: 'not_confirmed' },
        });
        expect(await readDelivery(context, delivery.id)).toEqual(before);
        await resolve(delivery, { action: 'retry', isConfirmed: true }, team.caller, on);
        expect(await readDelivery(context, delivery.id)).toMatchObject({ state: 'scheduled' });
      }
    },
  );

  test.each([
    ['idempotent', 'unknown', 'a connection'],
    ['none', 'needs_attention', 'a person'],
  ] as const)(
    'where the guarantee is %s, what is %s is sent again for %s only when the first call is surely over',
    async (guarantee, state, who) => {
      const on = withGuarantee(guarantee, { quarantineSeconds: 60 });
      const delivery = await stop(state);
      const caller = who === 'a person' ? team.caller : agent;
      await resolve(delivery, { action: 'retry', isConfirmed: true }, caller, on);
      await publishDelivery(on, delivery.id);
      const { state: after, notBefore, sendStartedAt } = await readDelivery(context, delivery.id);
      expect(after).toBe('scheduled');
      expect(notBefore!.getTime()).toBe(sendStartedAt!.getTime() + 60_000);
      expect(await sendsOf(delivery.id)).toBe(0);
    },
  );

  test('where a rule wants a person to be asked, one settles it, and it is looked for meanwhile', async () => {
    const { caller } = await connectClient(context, team, scopesOf('publish'));
    await rule(caller, 'ask');
    const delivery = await stop('unknown');
    await context.db.approval.deleteMany({ where: { postId: delivery.postId } });
    const before = await readDelivery(context, delivery.id);
    await expect(resolve(delivery, { action: 'retry' }, caller)).rejects.toMatchObject({
      details: { code: 'outcome_unknown', nextStep: expect.stringContaining('/settle') as string },
    });
    expect(await readDelivery(context, delivery.id)).toEqual(before);
  });

  test.each([
    ['a connection', 'needs_attention', 0],
    ['a person who has looked', 'published', 1],
  ] as const)('what %s sends again once the network has forgotten its key: %s', async (who, state, sends) => {
    const on = withGuarantee('idempotent', { keyLifetimeSeconds: 3600 });
    const delivery = await stop('unknown');
    const isPerson = who !== 'a connection';
    await resolve(delivery, { action: 'retry', isConfirmed: isPerson }, isPerson ? team.caller : agent, on);
    await context.db.$executeRaw`
      update attempt set started_at = started_at - interval '2 hours' where delivery_id = ${delivery.id}`;
    await publishDelivery(on, delivery.id);
    expect(await readDelivery(context, delivery.id)).toMatchObject({
      state,
      problemCode: isPerson ? null : 'outcome_unknown',
    });
    expect(await sendsOf(delivery.id)).toBe(sends);
  });

  test('giving up what is unclear opens no way around that', async () => {
    const on = withGuarantee('read_back');
    const delivery = await stop('needs_attention');
    await resolve(delivery, { action: 'give_up' }, agent, on);
    await expect(resolve(delivery, { action: 'retry' }, agent, on)).rejects.toMatchObject({
      details: { code: 'outcome_unknown' },
    });
    const { postId } = delivery;
    await expect(publishPost(on, agent, { postId, expectedRev: 1 })).rejects.toMatchObject({
      details: { code: 'outcome_unknown' },
    });
    expect(await readDelivery(context, delivery.id)).toMatchObject({
      state: 'failed',
      problemCode: 'given_up',
    });
  });

  test('rules decide as for every post, and a draft is nothing to retry', async () => {
    const { caller } = await connectClient(context, team, ['posts:publish', 'schedule:write']);
    await rule(caller, 'deny');
    await expect(resolve(await stop('failed'), { action: 'retry' }, caller)).rejects.toMatchObject({
      details: { code: 'policy_denied' },
    });
    const draft = await scheduleTestDelivery(context, team, { dueInSeconds: 3600 });
    await expect(resolve(draft, { action: 'retry' })).rejects.toMatchObject({
      details: { code: 'nothing_stopped' },
    });
  });
});

describe('record_as_posted', () => {
  test.each(['unknown', 'needs_attention', 'failed', 'missed', 'held'] as const)(
    'what is %s is published under its link',
    async (state) => {
      const delivery = await stop(state);
      const wish = { action: 'record_as_posted', permalink: permalink() } as const;
      expect(await resolve(delivery, wish, team.caller)).toMatchObject({
        state: 'published',
        url: wish.permalink,
        problem: null,
      });
      const before = await readDelivery(context, delivery.id);
      expect(await resolve(delivery, wish, team.caller)).toMatchObject({ state: 'published' });
      expect(await readDelivery(context, delivery.id)).toEqual(before);
    },
  );

  test.each([
    [undefined, 'permalink_missing'],
    ['not an address', 'wrong_permalink'],
    ['https://example.com/playground/1', 'wrong_permalink'],
    [`http://127.0.0.1:3000/playground/../posts/1`, 'wrong_permalink'],
  ])('%s is %s', async (address, code) => {
    const delivery = await stop('needs_attention');
    const wish = { action: 'record_as_posted', permalink: address } as const;
    await expect(resolve(delivery, wish)).rejects.toMatchObject({ details: { code, field: 'permalink' } });
    expect(await readDelivery(context, delivery.id)).toMatchObject({ state: 'needs_attention' });
  });

  test('an address belongs to one post', async () => {
    const wish = { action: 'record_as_posted', permalink: permalink() } as const;
    await resolve(await stop('unknown'), wish);
    await expect(resolve(await stop('unknown'), wish)).rejects.toMatchObject({
      details: { code: 'already_recorded' },
    });
  });

  test('nor is it that of a part of a thread of another post', async () => {
    const thread = await scheduleTestDelivery(context, team, { parts: ['one', 'two'] });
    await publishDelivery(context, thread.id);
    const { parts } = await readDelivery(context, thread.id);
    const wish = { action: 'record_as_posted', permalink: parts[1]!.remoteUrl! } as const;
    await expect(resolve(await stop('unknown'), wish, team.caller)).rejects.toMatchObject({
      details: { code: 'already_recorded' },
    });
  });

  test.each(['failed', 'missed', 'held'] as const)(
    'a connection does not say that what is %s and was never sent is there',
    async (state) => {
      const delivery = await stop(state);
      const wish = { action: 'record_as_posted', permalink: permalink() } as const;
      await expect(resolve(delivery, wish)).rejects.toMatchObject({ details: { code: 'needs_person' } });
      expect(await readDelivery(context, delivery.id)).toMatchObject({ state });
      const sent = await stop(state, { unclear: true });
      expect(await resolve(sent, wish)).toMatchObject({ state: 'published' });
    },
  );
});

describe('give_up', () => {
  test.each([
    ['unknown', 'failed', 'given_up'],
    ['needs_attention', 'failed', 'given_up'],
    ['failed', 'cancelled', 'refused'],
    ['missed', 'cancelled', 'refused'],
    ['held', 'cancelled', 'refused'],
  ] as const)('what is %s ends as %s, and its evidence stays', async (from, state, problemCode) => {
    const delivery = await stop(from);
    await resolve(delivery, { action: 'give_up' });
    const after = await readDelivery(context, delivery.id);
    expect(after).toMatchObject({
      state,
      problemCode,
      attempts: from === 'unknown' || from === 'needs_attention' ? [{}] : [],
    });
    await resolve(delivery, { action: 'give_up' });
    expect(await readDelivery(context, delivery.id)).toEqual(after);
  });
});

describe('a worker at the same time', () => {
  test.each([
    [{ action: 'record_as_posted' }, 'published'],
    [{ action: 'give_up' }, 'failed'],
  ] as const)('that reads back changes nothing after %j', async (wish, state) => {
    const delivery = await stop('unknown', { isThere: true });
    await context.db.delivery.update({ where: { id: delivery.id }, data: { notBefore: new Date() } });
    const watched = watchPlayground(context, 'readBack');
    const run = publishDelivery(watched.context, delivery.id);
    await watched.isReached;
    const address = permalink();
    await resolve(delivery, { ...wish, permalink: address });
    const settled = await readDelivery(context, delivery.id);
    expect(settled.state).toBe(state);
    watched.goOn();
    await run;
    expect(await readDelivery(context, delivery.id)).toEqual(settled);
    expect(await sendsOf(delivery.id)).toBe(1);
  });

  test('that reads back changes nothing after a retry, which finds what is there', async () => {
    const delivery = await stop('unknown', { isThere: true });
    await context.db.delivery.update({ where: { id: delivery.id }, data: { notBefore: new Date() } });
    const watched = watchPlayground(context, 'readBack');
    const run = publishDelivery(watched.context, delivery.id);
    await watched.isReached;
    expect(await resolve(delivery, { action: 'retry' })).toMatchObject({ state: 'scheduled' });
    watched.goOn();
    await run;
    await publishDelivery(context, delivery.id);
    const after = await readDelivery(context, delivery.id);
    expect(after.state).toBe('published');
    expect(after.attempts.map(({ outcome }) => outcome)).toEqual(['ambiguous', 'interrupted', 'published']);
    expect(await sendsOf(delivery.id)).toBe(1);
  });

  test('that reads back goes on when it is asked for the same', async () => {
    const delivery = await stop('unknown', { isThere: true });
    await context.db.delivery.update({ where: { id: delivery.id }, data: { notBefore: new Date() } });
    const watched = watchPlayground(context, 'readBack');
    const run = publishDelivery(watched.context, delivery.id);
    await watched.isReached;
    await resolve(delivery, { action: 'check' });
    watched.goOn();
    await run;
    expect(await readDelivery(context, delivery.id)).toMatchObject({ state: 'published' });
  });

  test('what is being sent can be settled by nobody', async () => {
    const delivery = await scheduleTestDelivery(context, team);
    const watched = watchPlayground(context, 'send');
    const run = publishDelivery(watched.context, delivery.id);
    await watched.isReached;
    for (const action of ['give_up', 'record_as_posted'] as const) {
      await expect(resolve(delivery, { action, permalink: permalink() })).rejects.toMatchObject({
        details: { code: 'under_way', isRetriable: true },
      });
    }
    expect(await resolve(delivery, { action: 'retry' })).toMatchObject({ state: 'sending' });
    expect(await resolve(delivery, { action: 'check' })).toMatchObject({ state: 'sending' });
    watched.goOn();
    await run;
    expect(await readDelivery(context, delivery.id)).toMatchObject({ state: 'published' });
    expect(await sendsOf(delivery.id)).toBe(1);
  });

  test('however they meet, it is out once', async () => {
    const actions = ['check', 'retry'] as const;
    for (let round = 0; round < 10; round += 1) {
      const delivery = await stop('unknown', { isThere: round % 2 === 0 });
      await context.db.delivery.update({ where: { id: delivery.id }, data: { notBefore: new Date() } });
      const asked = actions.map((action) => resolve(delivery, { action }));
      await Promise.all([publishDelivery(context, delivery.id), ...asked]);
      // As the due scan does: a guard that gave way is looked at again a moment later.
      await vi.waitFor(async () => {
        await publishDelivery(context, delivery.id);
        expect(await readDelivery(context, delivery.id)).toMatchObject({ state: 'published' });
      }, 5000);
      expect(await sendsOf(delivery.id)).toBe(1);
    }
  });
});
