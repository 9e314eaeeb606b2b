import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import { listChannels } from '../../server/channels/list-channels.ts';
import type { Context } from '../../server/context.ts';
import { approvePost } from '../../server/deliveries/approve-post.ts';
import { handOverDeliveries } from '../../server/deliveries/hand-over.ts';
import { publishPost } from '../../server/deliveries/publish-post.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { revokeConnection } from '../../server/oauth/connections.ts';
import { addRule } from '../../server/policy/edit-rules.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { connectClient, type TestConnection } from '../domain/connect-client.ts';
import { moveTime } from '../support/move-time.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';
import { callTool } from '../tools/call-tool.ts';

let context: Context;
let owner: TestOwner;
let editor: TestConnection;
let campaignId: string;

const AT = '2036-12-01T09:00';

beforeAll(async () => {
  context = await openTestContext();
});
afterAll(async () => context[Symbol.asyncDispose]());

beforeEach(async () => {
  owner = await createOwner(context);
  editor = await connectClient(context, owner);
  ({ campaignId } = await createCampaign(context, owner.caller, { name: 'Launch', goal: 'Be seen' }));
});

let drafted = 0;

async function draft(channelIds = [owner.playgroundChannelId]): Promise<string> {
  const text = `Post ${(drafted += 1)}`;
  return (await createPost(context, owner.caller, { campaignId, channelIds, text })).postId;
}

async function addChannel(): Promise<string> {
  const id = newId('channel');
  const data = { id, teamId: owner.team.id, network: 'playground', handle: 'second', remoteAccountId: id };
  await context.db.channel.create({ data });
  return id;
}

const rule = (input: Partial<Parameters<typeof addRule>[2]>) =>
  addRule(context, owner.caller, { condition: 'always', effect: 'ask', ...input });

const schedule = async (postId: string, at = AT) =>
  schedulePost(context, editor.caller, { postId, expectedRev: 1, at });

const approve = async (postId: string) => {
  const { rev, contentHash } = await getPost(context, owner.caller, { postId });
  return approvePost(context, owner.caller, { postId, rev, contentHash });
};

const deliveryOf = (postId: string) => context.db.delivery.findFirstOrThrow({ where: { postId } });

test('what is allowed is scheduled, with the tool and the rule on record', async () => {
  const postId = await draft();
  expect(await schedule(postId)).toMatchObject({
    state: 'scheduled',
    approvalUrl: null,
    approvalReason: null,
  });
  const placed = { scheduledByTool: 'schedule_post', policyRule: 'default.allow' };
  expect(await deliveryOf(postId)).toMatchObject(placed);
});

test('a rule that asks makes the post wait for a person, and is named; again it says the same', async () => {
  const ruleId = await rule({ clientId: editor.caller.clientId });
  const postId = await draft();
  const scheduled = await schedule(postId);
  expect(scheduled).toMatchObject({
    state: 'awaiting_approval',
    approvalUrl: `${context.publicUrl}/posts/${postId}/approve`,
    approvalReason: { ruleId, words: "any post needs a person's yes" },
  });
  expect(await deliveryOf(postId)).toMatchObject({ state: 'awaiting_approval', policyRule: ruleId });
  expect(await schedule(postId)).toEqual(scheduled);
});

test('a rule that denies one channel places nothing on any, and the error names both', async () => {
  const denied = await addChannel();
  const ruleId = await rule({ channelId: denied, effect: 'deny' });
  const postId = await draft([owner.playgroundChannelId, denied]);
  const refusal = { kind: 'NotAllowed', details: { code: 'policy_denied', ruleId } };
  await expect(schedule(postId)).rejects.toMatchObject(refusal);
  const error = await schedule(postId).catch((one: Error) => one);
  expect((error as Error).message).toContain(denied);
  expect((error as Error).message).toContain(ruleId);
  expect(await context.db.delivery.count({ where: { postId, state: 'draft' } })).toBe(2);
  await expect(publishPost(context, editor.caller, { postId, expectedRev: 1 })).rejects.toMatchObject(
    refusal,
  );
  // What a person does in the browser is not the connection's.
  const byPerson = await schedulePost(context, owner.caller, { postId, expectedRev: 1, at: AT });
  expect(byPerson.state).toBe('scheduled');
});

test('a denial is not lifted by an approval', async () => {
  const postId = await draft();
  const ruleId = await rule({});
  await schedule(postId);
  await approve(postId);
  await rule({ effect: 'deny' });
  await expect(schedule(postId, '2036-12-02T09:00')).rejects.toMatchObject({
    details: { code: 'policy_denied' },
  });
  await context.db.policyRule.deleteMany({ where: { effect: 'deny' } });
  await context.db.team.update({
    where: { id: owner.team.id },
    data: { policyVersion: { increment: 1 } },
  });
  expect(await schedule(postId, '2036-12-02T09:00')).toMatchObject({ state: 'scheduled' });
  expect((await deliveryOf(postId)).policyRule).toBe(ruleId);
});

test('publishing now under a rule that asks waits, and goes out at once when a person says yes', async () => {
  const ruleId = await rule({ connectionId: editor.caller.connectionId });
  const postId = await draft();
  const started = await publishPost(context, editor.caller, { postId, expectedRev: 1 });
  expect(started).toMatchObject({
    deliveries: [{ state: 'awaiting_approval' }],
    approvalUrl: `${context.publicUrl}/posts/${postId}/approve`,
    approvalReason: { ruleId },
    pollAfterSeconds: 0,
  });
  expect(await publishPost(context, editor.caller, { postId, expectedRev: 1 })).toEqual(started);
  await moveTime(context, { hours: 5 });
  expect((await approve(postId)).goesOutNow).toBe(true);
  await publishDelivery(context, (await deliveryOf(postId)).id);
  expect(await deliveryOf(postId)).toMatchObject({ state: 'published', policyRule: ruleId });
});

test('the first post of a client on a channel asks; one yes is enough for later ones', async () => {
  const second = await addChannel();
  await context.db.policyRule.deleteMany({ where: { teamId: owner.team.id } });
  await context.db.team.update({ where: { id: owner.team.id }, data: { policyVersion: { increment: 1 } } });
  const first = await draft([second]);
  expect((await schedule(first)).approvalReason).toMatchObject({ ruleId: 'default.first_use' });
  const before = await draft([second]);
  expect((await schedule(before)).state).toBe('awaiting_approval');
  await approve(first);
  expect((await schedule(await draft([second]))).state).toBe('scheduled');
  expect((await schedule(await draft())).state).toBe('awaiting_approval');
});

test('a cap counts what is due on that day in the zone of the team, also when clocks change', async () => {
  const channelId = await addChannel();
  await rule({ condition: 'daily_cap', postsPerDay: '2', channelId });
  // The day on which Berlin has 25 hours.
  const times = ['2036-10-26T00:00', '2036-10-26T23:59', '2036-10-26T12:00', '2036-10-27T00:00'];
  const states: string[] = [];
  for (const at of times) states.push((await schedule(await draft([channelId]), at)).state);
  expect(states).toEqual(['scheduled', 'scheduled', 'awaiting_approval', 'scheduled']);
});

test('quiet hours are those of the due time in the zone of the team', async () => {
  await rule({ condition: 'quiet_hours', quietFrom: '22:00', quietTo: '07:00' });
  const at = async (time: string) => (await schedule(await draft(), time)).state;
  expect(await at('2036-07-01T06:59')).toBe('awaiting_approval');
  expect(await at('2036-07-01T07:00')).toBe('scheduled');
  // 06:30 in Berlin in winter, 07:30 in summer.
  expect(await at('2036-12-01T05:30:00Z')).toBe('awaiting_approval');
  expect(await at('2036-07-01T05:30:00Z')).toBe('scheduled');
});

test('a yes is to a time too: moved into quiet hours, what was approved waits again', async () => {
  const postId = await draft();
  const ruleId = await rule({ clientId: editor.caller.clientId });
  await schedule(postId);
  await approve(postId);
  await rule({ condition: 'quiet_hours', quietFrom: '22:00', quietTo: '07:00' });
  expect((await schedule(postId, '2036-12-01T10:00')).state).toBe('scheduled');
  // Also where another rule, to which the yes was enough, is the one that gives its name.
  const moved = await schedule(postId, '2036-12-02T03:00');
  expect(moved).toMatchObject({ state: 'awaiting_approval', approvalReason: { ruleId } });
  await approve(postId);
  expect((await deliveryOf(postId)).state).toBe('scheduled');
});

test('channels say what goes out unasked, what is left today, and because of which rule not', async () => {
  const second = await addChannel();
  const third = await addChannel();
  const denied = await rule({ channelId: third, effect: 'deny' });
  const capped = await rule({ channelId: second, condition: 'daily_cap', postsPerDay: '1' });
  const list = async () =>
    new Map((await listChannels(context, editor.caller, {})).map((channel) => [channel.id, channel]));
  const before = await list();
  expect(before.get(owner.playgroundChannelId)).toMatchObject({
    postsLeftToday: null,
    may: ['draft', 'schedule', 'publish'],
    because: null,
  });
  expect(before.get(second)).toMatchObject({ postsLeftToday: 1, may: ['draft', 'schedule', 'publish'] });
  expect(before.get(third)).toMatchObject({
    may: ['draft'],
    because: expect.stringContaining(denied) as string,
  });
  await publishPost(context, editor.caller, { postId: await draft([second]), expectedRev: 1 });
  expect((await list()).get(second)).toMatchObject({
    postsLeftToday: 0,
    may: ['draft', 'schedule'],
    because: expect.stringContaining(capped) as string,
  });
});

test('a rule about publish_post alone takes publish away from a channel, and nothing else', async () => {
  const { playgroundChannelId: channelId } = owner;
  const ruleId = await rule({ channelId, tool: 'publish_post', effect: 'deny' });
  expect(await listChannels(context, editor.caller, {})).toMatchObject([
    { may: ['draft', 'schedule'], because: expect.stringContaining(ruleId) as string },
  ]);
});

test('handing over what a rule asked about still asks, also after the connection was revoked', async () => {
  await rule({ connectionId: editor.caller.connectionId });
  const postId = await draft();
  await schedule(postId);
  const { connectionId } = editor.caller;
  await revokeConnection(context, owner.caller, connectionId);
  expect(await handOverDeliveries(context, owner.caller, { connectionId })).toEqual({
    scheduled: 0,
    awaitingApproval: 1,
    missed: 0,
  });
  expect(await deliveryOf(postId)).toMatchObject({ policyRule: null, scheduledByTool: null });
});

test('handing over what waited under another connection before still asks', async () => {
  const postId = await draft();
  await schedule(postId);
  const { connectionId } = editor.caller;
  const moved = { state: 'held', problemCode: 'connection_revoked', policyRule: null };
  await context.db.delivery.updateMany({ where: { postId }, data: moved });
  expect((await handOverDeliveries(context, owner.caller, { connectionId })).awaitingApproval).toBe(1);
});

test('the tools tell rule, words and page, and the activity keeps the rule', async () => {
  const ruleId = await rule({});
  const asked = await callTool(context, editor.caller, 'schedule_post', {
    post_id: await draft(),
    expected_rev: 1,
    at: AT,
  });
  expect(asked).toMatchObject({ output: { state: 'awaiting_approval', rule_id: ruleId } });
  const deny = await rule({ effect: 'deny' });
  const denied = await callTool(context, editor.caller, 'publish_post', {
    post_id: await draft(),
    expected_rev: 1,
  });
  expect(denied).toMatchObject({
    error: {
      code: 'policy_denied',
      rule_id: deny,
      message: expect.stringContaining('any post is not allowed') as string,
      next_step: expect.stringContaining(
        `${context.publicUrl}/connections/${editor.caller.connectionId}`,
      ) as string,
    },
  });
  const rows = await context.db.activity.findMany({
    where: { teamId: owner.team.id, action: { in: ['schedule_post', 'publish_post'] } },
    orderBy: { id: 'asc' },
  });
  expect(rows.map(({ result, rule: by }) => ({ result, by }))).toEqual([
    { result: 'ok', by: ruleId },
    { result: 'policy_denied', by: deny },
  ]);
});

test('a tool is told the time of a rule in the team’s zone, and that another time may do', async () => {
  await context.db.team.update({ where: { id: owner.team.id }, data: { timeZone: 'Asia/Tokyo' } });
  await rule({ condition: 'after', effect: 'deny', afterAt: '2036-12-01' });
  const denied = await callTool(context, editor.caller, 'schedule_post', {
    post_id: await draft(),
    expected_rev: 1,
    at: AT,
  });
  expect(denied).toMatchObject({
    error: {
      code: 'policy_denied',
      message: expect.stringContaining(
        'a post from Mon, 1 Dec 2036, 00:00 GMT+9 on is not allowed',
      ) as string,
      next_step: expect.stringContaining('choose another time') as string,
    },
  });
});
