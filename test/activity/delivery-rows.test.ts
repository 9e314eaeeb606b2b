import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { updateCampaign } from '../../server/campaigns/update-campaign.ts';
import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { Context } from '../../server/context.ts';
import { approvePost } from '../../server/deliveries/approve-post.ts';
import { cancelSchedule } from '../../server/deliveries/cancel-schedule.ts';
import { handOverDeliveries } from '../../server/deliveries/hand-over.ts';
import { publishPost } from '../../server/deliveries/publish-post.ts';
import { rejectPost } from '../../server/deliveries/reject-post.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { revokeConnection } from '../../server/oauth/connections.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { connectClient, scopesOf, type TestConnection } from '../domain/connect-client.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';

let context: Context;
let owner: TestOwner;
/** May publish unasked. */
let publisher: TestConnection;
/** Must ask. */
let drafter: TestConnection;
let campaignId: string;
let postId: string;

beforeAll(async () => {
  context = await openTestContext();
  owner = await createOwner(context);
  drafter = await connectClient(context, owner, scopesOf('draft'));
  ({ campaignId } = await createCampaign(context, owner.caller, { name: 'Launch', goal: 'Be seen' }));
});
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  publisher = await connectClient(context, owner, scopesOf('publish'));
  const input = { campaignId, channelIds: [owner.playgroundChannelId], text: `Post ${Math.random()}` };
  ({ postId } = await createPost(context, publisher.caller, input));
});

const at = (hour: number) => ({ postId, expectedRev: 1, at: `2036-12-01T${hour}:00` });

async function readChanges(): Promise<string[]> {
  const rows = await context.db.activity.findMany({
    where: { target: postId, action: { startsWith: 'delivery.' } },
    orderBy: [{ at: 'asc' }, { id: 'asc' }],
  });
  const who = new Map<string | null, string>([
    [publisher.caller.connectionId, 'publisher'],
    [drafter.caller.connectionId, 'drafter'],
  ]);
  return rows.map(({ actor, personId, connectionId, action, result }) => {
    const person = personId === owner.person.id ? ' owner' : '';
    const client = who.has(connectionId) ? ` ${who.get(connectionId)}` : '';
    return `${action.slice('delivery.'.length)} by ${actor}${person}${client}: ${result}`;
  });
}

const shown = async () => {
  const { contentHash } = await context.db.postRevision.findFirstOrThrow({ where: { postId } });
  return { postId, rev: 1, contentHash: Buffer.from(contentHash).toString('hex') };
};

it('scheduling, moving and taking off are on record with who did it', async () => {
  await schedulePost(context, publisher.caller, at(10));
  await schedulePost(context, publisher.caller, at(10));
  await schedulePost(context, owner.caller, at(11));
  await cancelSchedule(context, owner.caller, { postId });
  expect(await readChanges()).toEqual([
    'scheduled by connection owner publisher: ok',
    'moved by person owner: ok',
    'cancelled by person owner: ok',
  ]);
});

it('a yes, publishing and the link are', async () => {
  await schedulePost(context, drafter.caller, at(10));
  await approvePost(context, owner.caller, await shown());
  await publishPost(context, owner.caller, { postId, expectedRev: 1 });
  const { id } = await context.db.delivery.findFirstOrThrow({ where: { postId } });
  await publishDelivery(context, id);
  expect(await readChanges()).toEqual([
    'scheduled by connection owner drafter: ok',
    'approved by person owner drafter: ok',
    'moved by person owner: ok',
    'published by system owner: ok',
  ]);
  const published = await context.db.activity.findFirst({
    where: { target: postId, action: 'delivery.published' },
  });
  expect(published!.detail).toMatchObject({ deliveryId: id, channelId: owner.playgroundChannelId });
  expect(published!.detail).toHaveProperty('url');
});

it('a no is, with its reason', async () => {
  await schedulePost(context, drafter.caller, at(10));
  await rejectPost(context, owner.caller, await shown());
  expect(await readChanges()).toEqual([
    'scheduled by connection owner drafter: ok',
    'cancelled by person owner drafter: rejected',
  ]);
});

it('holding and handing over are', async () => {
  await schedulePost(context, publisher.caller, at(10));
  const { connectionId } = publisher.caller;
  await revokeConnection(context, owner.caller, connectionId);
  await handOverDeliveries(context, owner.caller, { connectionId });
  expect(await readChanges()).toEqual([
    'scheduled by connection owner publisher: ok',
    'held by system publisher: connection_revoked',
    'handed_over by person owner: ok',
  ]);
});

it('what a pause held goes on with a row of its own, once', async () => {
  await schedulePost(context, publisher.caller, at(10));
  const setStatus = (status: 'paused' | 'active') =>
    updateCampaign(context, owner.caller, { campaignId, changes: { status } });
  await setStatus('paused');
  await setStatus('active');
  await setStatus('active');
  expect(await readChanges()).toEqual([
    'scheduled by connection owner publisher: ok',
    'held by system publisher: campaign_paused',
    'released by system publisher: ok',
  ]);
});

it.each([
  ['held', 'approval_missing'],
  ['missed', 'not_approved_in_time'],
])('a yes to what was %s for want of one is a yes', async (state, problemCode) => {
  await schedulePost(context, drafter.caller, at(10));
  const data = { state, problemCode, problemMessage: 'Nobody agreed.' };
  await context.db.delivery.updateMany({ where: { postId }, data });
  await approvePost(context, owner.caller, await shown());
  expect(await readChanges()).toEqual([
    'scheduled by connection owner drafter: ok',
    `${state} by system drafter: ${problemCode}`,
    'approved by person owner drafter: ok',
  ]);
});

it('what is rolled back leaves no row, and steps of a worker leave none', async () => {
  await schedulePost(context, publisher.caller, at(10));
  const { id } = await context.db.delivery.findFirstOrThrow({ where: { postId } });
  const undone = context.db.$transaction(async (tx) => {
    await tx.delivery.update({ where: { id }, data: { state: 'failed', problemCode: 'x' } });
    throw new Error('undone');
  });
  await expect(undone).rejects.toThrow('undone');
  const leaseUntil = new Date();
  await context.db.delivery.update({ where: { id }, data: { state: 'claimed', leaseUntil } });
  await context.db.delivery.update({ where: { id }, data: { state: 'prepared' } });
  await context.db.delivery.update({ where: { id }, data: { state: 'scheduled', leaseUntil: null } });
  expect(await readChanges()).toEqual(['scheduled by connection owner publisher: ok']);
});

it('the ids are those of every other row: they sort by time', async () => {
  await schedulePost(context, publisher.caller, at(10));
  const row = await context.db.activity.findFirstOrThrow({ where: { target: postId } });
  expect(row.id).toMatch(/^act_[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
  const madeAt = Number.parseInt(row.id.slice(4, 16), 16);
  expect(Math.abs(madeAt - row.at.getTime())).toBeLessThan(1000);
});
