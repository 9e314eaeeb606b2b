import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { approvePost } from '../../server/deliveries/approve-post.ts';
import { beginSend } from '../../server/deliveries/begin-send.ts';
import { claimDelivery, type ClaimedDelivery } from '../../server/deliveries/claim-delivery.ts';
import { missLateDeliveries } from '../../server/deliveries/miss-late.ts';
import { passSendGuard } from '../../server/deliveries/pass-send-guard.ts';
import { storePrepared } from '../../server/deliveries/store-prepared.ts';
import { newId } from '../../server/ids.ts';
import { addRule, removeRule } from '../../server/policy/edit-rules.ts';
import { openTestContext } from '../support/test-context.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import {
  createConnection,
  createPublishingTeam,
  createTestChannel,
  readDelivery,
  scheduleTestDelivery,
  type PublishingTeam,
} from '../publishing/fixtures.ts';

let context: Context;
let team: PublishingTeam;
let connectionId: string;

beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context[Symbol.asyncDispose]());

beforeEach(async () => {
  team = await createPublishingTeam(context);
  connectionId = await createConnection(context, team);
});

const rule = (input: Partial<Parameters<typeof addRule>[2]>) =>
  addRule(context, team.caller, { condition: 'always', effect: 'ask', ...input });

const schedule = (input: { isApproved?: boolean; channelId?: string } = {}) =>
  scheduleTestDelivery(context, team, { connectionId, ...input });

async function publish(id: string) {
  await publishDelivery(context, id);
  return readDelivery(context, id);
}

const sendsOf = (deliveryId: string) => context.db.playgroundPost.count({ where: { deliveryId } });

describe('a rule that came after the scheduling', () => {
  test('that denies holds the post and is named; a yes does not send it', async () => {
    const { id } = await schedule({ isApproved: true });
    const ruleId = await rule({ channelId: team.playgroundChannelId, effect: 'deny' });
    const held = await publish(id);
    expect(held).toMatchObject({ state: 'held', problemCode: 'policy_denied', policyRule: ruleId });
    expect(held.problemMessage).toContain(`any post is not allowed (rule ${ruleId})`);
    expect(await sendsOf(id)).toBe(0);
  });

  test('that asks holds the post until a person approves it, however late', async () => {
    const { id, postId, contentHash } = await schedule();
    const ruleId = await rule({ clientId: team.clientId });
    expect(await publish(id)).toMatchObject({
      state: 'held',
      problemCode: 'policy_needs_person',
      policyRule: ruleId,
      problemMessage: `A rule of the team asks for a person: any post needs a person's yes (rule ${ruleId}). Approve the post to send it, or cancel it.`,
    });
    await context.db.$executeRaw`
      update delivery set due_at = due_at - interval '5 hours', not_after = not_after - interval '5 hours' where id = ${id}`;
    await missLateDeliveries(context);
    const hash = Buffer.from(contentHash).toString('hex');
    await approvePost(context, team.caller, { postId, rev: 1, contentHash: hash });
    expect(await publish(id)).toMatchObject({ state: 'published', policyRule: ruleId });
    expect(await sendsOf(id)).toBe(1);
  });

  test('that is removed lets later posts pass; what is held stays held', async () => {
    const [first, second] = [await schedule(), await schedule()];
    const ruleId = await rule({ effect: 'deny' });
    await publish(first.id);
    await removeRule(context, team.caller, ruleId);
    await context.db.delivery.updateMany({
      where: { id: second.id, state: 'held' },
      data: { state: 'scheduled', problemCode: null, problemMessage: null },
    });
    expect((await publish(second.id)).state).toBe('published');
    expect((await publish(first.id)).state).toBe('held');
  });

  test('is nothing to what a person scheduled, and to another connection', async () => {
    const other = await createConnection(context, team);
    await rule({ connectionId, effect: 'deny' });
    const byPerson = await scheduleTestDelivery(context, team);
    const byOther = await scheduleTestDelivery(context, team, { connectionId: other });
    expect((await publish(byPerson.id)).state).toBe('published');
    expect((await publish(byOther.id)).state).toBe('published');
    await rule({ effect: 'deny' });
    const second = await scheduleTestDelivery(context, team);
    expect((await publish(second.id)).state).toBe('published');
  });

  test('is about the tool with which the post was scheduled', async () => {
    const { id } = await schedule();
    await context.db.delivery.update({ where: { id }, data: { scheduledByTool: 'publish_post' } });
    await rule({ tool: 'schedule_post', effect: 'deny' });
    await rule({ tool: 'publish_post' });
    expect(await publish(id)).toMatchObject({ problemCode: 'policy_needs_person' });
  });
});

const intent = { partNo: 1, payloadHash: new Uint8Array(32), idempotencyKey: 'key' };

/** As far as the guard: prepared, in this worker's hands. */
async function prepare(deliveryId: string): Promise<ClaimedDelivery> {
  const claimed = await claimDelivery(context, deliveryId);
  await storePrepared(context, claimed!, []);
  return claimed!;
}

test('a verdict of older rules begins nothing, and the guard decides again by the new ones', async () => {
  const delivery = await prepare((await schedule()).id);
  const { policyVersion } = delivery;
  const allow = { policyVersion, effect: 'allow', rule: 'default.allow', message: '' } as const;
  const ruleId = await rule({ effect: 'deny' });
  expect(await beginSend(context, delivery, intent, allow)).toBe('policy_changed');
  expect(await readDelivery(context, delivery.id)).toMatchObject({ state: 'prepared', attempts: [] });
  expect(await passSendGuard(context, delivery, intent)).toBe('held');
  expect(await readDelivery(context, delivery.id)).toMatchObject({ policyRule: ruleId, attempts: [] });
});

test('a denial and a send that race: nothing is sent after the denial', async () => {
  const RACES = 100;
  let denied = 0;
  for (let race = 0; race < RACES; race += 1) {
    const channelId = await createTestChannel(context, team);
    const { id } = await schedule({ channelId });
    const [, ruleId] = await Promise.all([publishDelivery(context, id), denyAfter(channelId, race % 20)]);
    const { state, attempts } = await readDelivery(context, id);
    const { createdAt } = await context.db.policyRule.findUniqueOrThrow({ where: { id: ruleId } });
    denied += state === 'held' ? 1 : 0;
    expect(['held', 'published']).toContain(state);
    expect(attempts.filter(({ startedAt }) => startedAt > createdAt)).toEqual([]);
  }
  process.stdout.write(`${RACES} races of a denial and a send: ${denied} held, 0 sent after it\n`);
  expect(denied).toBeGreaterThan(0);
});

/** Its time is PostgreSQL's, taken while the team's row is held, as `addRule` holds it. */
async function denyAfter(channelId: string, roundTrips: number): Promise<string> {
  const id = newId('policyRule');
  const teamId = team.team.id;
  await context.db.$transaction(async (tx) => {
    for (let trip = 0; trip < roundTrips; trip += 1) await tx.$executeRaw`select 1`;
    await tx.team.update({ where: { id: teamId }, data: { policyVersion: { increment: 1 } } });
    await tx.$executeRaw`
      insert into policy_rule (id, team_id, channel_id, condition, effect, created_by_id, created_at)
      values (${id}, ${teamId}, ${channelId}, 'always', 'deny', ${team.person.id}, clock_timestamp())`;
  });
  return id;
}

describe('a daily cap', () => {
  const CAP = 3;

  /** Begins the send of many at once, each from a worker of its own, past everything that takes turns by channel. */
  async function race(channelIds: readonly string[], under: readonly string[], each = 10) {
    const prepared: ClaimedDelivery[] = [];
    for (const channelId of channelIds) {
      for (let worker = 0; worker < each; worker += 1) {
        const by = under[worker % under.length]!;
        const { id } = await scheduleTestDelivery(context, team, { connectionId: by, channelId });
        prepared.push(await prepare(id));
        // Claiming takes turns by channel; the race is of guards that got past it.
        await context.db.delivery.update({ where: { id }, data: { state: 'draft', leaseUntil: null } });
      }
    }
    const ids = prepared.map(({ id }) => id);
    await context.db.$executeRaw`
      update delivery set state = 'prepared', lease_until = clock_timestamp() + interval '30 seconds'
      where id = any(${ids})`;
    await Promise.all(prepared.map(sendOnce));
    return context.db.delivery.findMany({ where: { id: { in: ids } }, orderBy: { id: 'asc' } });
  }

  async function sendOnce(delivery: ClaimedDelivery): Promise<void> {
    const outcome = await passSendGuard(context, delivery, intent).catch(() => 'again');
    if (outcome === 'again') return sendOnce(delivery);
    // Another one of the channel is being sent: this one comes back to its turn.
    if (outcome === 'busy') {
      await context.db.$executeRaw`
        update delivery set state = 'prepared', lease_until = clock_timestamp() + interval '30 seconds' where id = ${delivery.id}`;
      return sendOnce(delivery);
    }
    if (outcome !== 'sending') return;
    await context.db.delivery.update({
      where: { id: delivery.id },
      data: { state: 'published', remoteId: delivery.id, publishedAt: new Date(), leaseUntil: null },
    });
  }

  test.each([
    ['one channel, of one connection', 1, 1, (id: string) => ({ connectionId: id })],
    ['one channel, of a client with three connections', 1, 3, () => ({ clientId: team.clientId })],
    ['two channels, of the whole team', 2, 3, () => ({})],
  ])('of 3 holds for 10 workers at once on %s', async (_, channels, connections, about) => {
    const channelIds = await Promise.all(
      Array.from({ length: channels }, () => createTestChannel(context, team)),
    );
    const under = [connectionId];
    while (under.length < connections) under.push(await createConnection(context, team));
    const ruleId = await rule({ ...about(connectionId), condition: 'daily_cap', postsPerDay: `${CAP}` });
    const after = await race(channelIds, under);
    for (const channelId of channelIds) {
      const ofChannel = after.filter((delivery) => delivery.channelId === channelId);
      expect(ofChannel.filter(({ state }) => state === 'published')).toHaveLength(CAP);
      const held = ofChannel.filter(({ state }) => state === 'held');
      expect(held).toHaveLength(10 - CAP);
      for (const delivery of held) {
        expect(delivery).toMatchObject({ problemCode: 'policy_needs_person', policyRule: ruleId });
      }
    }
  });

  test('is passed by what a person approved, and counts it', async () => {
    await rule({ condition: 'daily_cap', postsPerDay: '1' });
    expect((await publish((await schedule({ isApproved: true })).id)).state).toBe('published');
    expect(await publish((await schedule()).id)).toMatchObject({ problemCode: 'policy_needs_person' });
    expect((await publish((await schedule({ isApproved: true })).id)).state).toBe('published');
  });

  test('lets a thread that has begun end', async () => {
    await rule({ condition: 'daily_cap', postsPerDay: '1', effect: 'deny' });
    const { id } = await scheduleTestDelivery(context, team, {
      connectionId,
      parts: ['one', 'two', 'three'],
    });
    expect((await publish(id)).state).toBe('published');
    expect(await sendsOf(id)).toBe(3);
  });
});
