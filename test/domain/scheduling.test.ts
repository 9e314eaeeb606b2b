import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { Context } from '../../server/context.ts';
import { approvePost } from '../../server/deliveries/approve-post.ts';
import { cancelSchedule } from '../../server/deliveries/cancel-schedule.ts';
import { handOverDeliveries } from '../../server/deliveries/hand-over.ts';
import { publishPost } from '../../server/deliveries/publish-post.ts';
import { rejectPost } from '../../server/deliveries/reject-post.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { revokeConnection } from '../../server/oauth/connections.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { moveTime } from '../support/move-time.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';
import { connectClient, scopesOf, type TestConnection } from './connect-client.ts';

let context: Context;
let owner: TestOwner;
/** May schedule; a person approves. */
let scheduler: TestConnection;
/** May publish unasked. */
let publisher: TestConnection;
let campaignId: string;
let postId: string;

const AT = '2036-12-01T09:00';

beforeAll(async () => {
  context = await openTestContext();
  owner = await createOwner(context);
  scheduler = await connectClient(context, owner, scopesOf('schedule'));
  publisher = await connectClient(context, owner, scopesOf('publish'));
  ({ campaignId } = await createCampaign(context, owner.caller, { name: 'Launch', goal: 'Be seen' }));
});

afterAll(async () => context[Symbol.asyncDispose]());

let drafted = 0;

async function draftPost(
  text = `Post ${(drafted += 1)}`,
  channelIds = [owner.playgroundChannelId],
): Promise<string> {
  const created = await createPost(context, scheduler.caller, { campaignId, channelIds, text });
  return created.postId;
}

beforeEach(async () => {
  postId = await draftPost();
});

const wish = (more: object = {}) => ({ postId, expectedRev: 1, at: AT, ...more });

const readDelivery = () => context.db.delivery.findFirstOrThrow({ where: { postId } });

async function shown() {
  const { rev, contentHash } = await getPost(context, owner.caller, { postId });
  return { postId, rev, contentHash };
}

async function secondChannel(): Promise<string> {
  const id = newId('channel');
  await context.db.channel.create({
    data: { id, teamId: owner.team.id, network: 'playground', handle: 'second', remoteAccountId: id },
  });
  return id;
}

/** As a worker and a network leave it. */
async function markPublished(channelId: string): Promise<void> {
  await context.db.delivery.update({
    where: { postId_channelId: { postId, channelId } },
    data: { state: 'published', remoteId: newId('playgroundPost'), publishedAt: new Date() },
  });
}

test('scheduling freezes the revision, the time, its zone and the connection', async () => {
  const scheduled = await schedulePost(context, publisher.caller, wish());
  expect(scheduled).toMatchObject({
    state: 'scheduled',
    timeZone: 'Europe/Berlin',
    localTime: 'Mon, 1 Dec 2036, 09:00 CET',
    approvalUrl: null,
    warnings: [],
  });
  expect(scheduled.at.toISOString()).toBe('2036-12-01T08:00:00.000Z');
  const delivery = await readDelivery();
  expect(delivery).toMatchObject({
    state: 'scheduled',
    rev: 1,
    timeZone: 'Europe/Berlin',
    localTime: '2036-12-01T09:00:00',
    scheduledByConnectionId: publisher.caller.connectionId,
    scheduledByPersonId: null,
  });
  expect(delivery.dueAt).toEqual(scheduled.at);
  expect(delivery.notBefore).toEqual(scheduled.at);
  expect(delivery.notAfter!.getTime() - scheduled.at.getTime()).toBe(30 * 60_000);
});

test('without posts:publish it waits for a person, with the page to say yes on', async () => {
  const scheduled = await schedulePost(context, scheduler.caller, wish());
  expect(scheduled.state).toBe('awaiting_approval');
  expect(scheduled.approvalUrl).toBe(`${context.publicUrl}/posts/${postId}/approve`);
  expect((await getPost(context, owner.caller, { postId })).approvalUrl).toBe(scheduled.approvalUrl);
});

test('the same call again changes nothing', async () => {
  await schedulePost(context, scheduler.caller, wish());
  const before = await readDelivery();
  const again = await schedulePost(context, scheduler.caller, wish());
  expect(again.state).toBe('awaiting_approval');
  expect(await readDelivery()).toEqual(before);
});

test('ten calls at once leave the state of one', async () => {
  const all = await Promise.all(
    Array.from({ length: 10 }, () => schedulePost(context, publisher.caller, wish())),
  );
  expect(new Set(all.map(({ state }) => state))).toEqual(new Set(['scheduled']));
  expect(await context.db.delivery.count({ where: { postId } })).toBe(1);
});

test('a retry after it went out tells so and changes nothing; another time is refused', async () => {
  await schedulePost(context, publisher.caller, wish());
  await markPublished(owner.playgroundChannelId);
  expect((await schedulePost(context, publisher.caller, wish())).state).toBe('published');
  await expect(
    schedulePost(context, publisher.caller, wish({ at: '2037-01-01T09:00' })),
  ).rejects.toMatchObject({
    kind: 'Conflict',
    details: { code: 'already_published' },
  });
});

test.each([
  ['claimed', 'under_way'],
  ['sending', 'under_way'],
  ['unknown', 'outcome_unknown'],
  ['needs_attention', 'outcome_unknown'],
])('%s cannot be moved: %s', async (state, code) => {
  await schedulePost(context, publisher.caller, wish());
  await context.db.delivery.updateMany({
    where: { postId },
    data: {
      state,
      leaseUntil: new Date(),
      sendStartedAt: new Date(),
      payloadHash: new Uint8Array(32),
      problemCode: 'ambiguous',
    },
  });
  await expect(
    schedulePost(context, publisher.caller, wish({ at: '2037-01-01T09:00' })),
  ).rejects.toMatchObject({
    details: { code },
  });
  await context.db.delivery.updateMany({ where: { postId }, data: { state: 'draft', leaseUntil: null } });
});

test('a stale revision is refused with the current one', async () => {
  await expect(schedulePost(context, publisher.caller, wish({ expectedRev: 7 }))).rejects.toMatchObject({
    kind: 'Conflict',
    details: { code: 'stale_revision', field: 'expected_rev', actual: 1 },
  });
});

test('a time that has passed is refused by the clock of the database; within a minute it is not', async () => {
  await expect(
    schedulePost(context, publisher.caller, wish({ at: '2020-01-01T09:00Z' })),
  ).rejects.toMatchObject({
    details: { code: 'time_passed', field: 'at' },
  });
  const justNow = new Date(Date.now() - 20_000).toISOString();
  expect((await schedulePost(context, publisher.caller, wish({ at: justNow }))).state).toBe('scheduled');
  await cancelSchedule(context, publisher.caller, { postId });
});

test('a caption that breaks a rule is saved but not scheduled', async () => {
  const { maxLength } = context.networks.get('playground')!.rules;
  postId = await draftPost('a'.repeat(maxLength + 1));
  await expect(schedulePost(context, publisher.caller, wish())).rejects.toMatchObject({
    kind: 'InvalidInput',
    details: { code: 'caption_breaks_rule', ruleId: 'text_length', limit: maxLength, actual: maxLength + 1 },
  });
  await expect(publishPost(context, publisher.caller, wish())).rejects.toMatchObject({
    details: { code: 'caption_breaks_rule' },
  });
});

test('a viewer, a paused campaign and a channel of another post are refused', async () => {
  await expect(schedulePost(context, { ...publisher.caller, role: 'viewer' }, wish())).rejects.toMatchObject({
    kind: 'NotAllowed',
  });
  await expect(
    schedulePost(context, publisher.caller, wish({ onlyChannelIds: [await secondChannel()] })),
  ).rejects.toMatchObject({ kind: 'NotFound', details: { field: 'only_channel_ids' } });
  await context.db.campaign.update({ where: { id: campaignId }, data: { status: 'paused' } });
  await expect(schedulePost(context, publisher.caller, wish())).rejects.toMatchObject({
    details: { code: 'campaign_paused' },
  });
  await context.db.campaign.update({ where: { id: campaignId }, data: { status: 'active' } });
});

test('channels are scheduled apart, and the most urgent state is the post’s', async () => {
  const second = await secondChannel();
  postId = await draftPost('two channels', [owner.playgroundChannelId, second]);
  await schedulePost(context, publisher.caller, wish({ onlyChannelIds: [second] }));
  expect((await getPost(context, owner.caller, { postId })).state).toBe('scheduled');
  await markPublished(second);
  expect((await getPost(context, owner.caller, { postId })).state).toBe('draft');
  await expect(schedulePost(context, publisher.caller, wish({ at: '2037-02-01T09:00' }))).rejects.toThrow(
    'only_channel_ids',
  );
});

test('a clash and the same text on the channel are warned of', async () => {
  const other = await draftPost('Twins');
  await schedulePost(context, publisher.caller, { ...wish({ at: '2036-05-01T10:00' }), postId: other });
  postId = await draftPost('Not a twin');
  const clash = await schedulePost(context, publisher.caller, wish({ at: '2036-05-01T10:04' }));
  expect(clash.warnings).toEqual([{ code: 'clash', message: expect.stringContaining(other) as string }]);
  postId = await draftPost('Twins');
  const twin = await schedulePost(context, publisher.caller, wish({ at: '2036-05-01T22:00' }));
  expect(twin.warnings).toEqual([{ code: 'duplicate', message: expect.stringContaining(other) as string }]);
});

test('an ambiguous time and a channel to link again are warned of', async () => {
  await context.db.channel.update({
    where: { id: owner.playgroundChannelId },
    data: { status: 'needs_reconnect' },
  });
  const { warnings } = await schedulePost(context, publisher.caller, wish({ at: '2036-10-26T02:30' }));
  expect(warnings.map(({ code }) => code)).toEqual(['ambiguous_time', 'channel_needs_reconnect']);
  await expect(publishPost(context, publisher.caller, wish())).rejects.toMatchObject({
    details: { code: 'channel_needs_reconnect' },
  });
  await context.db.channel.update({ where: { id: owner.playgroundChannelId }, data: { status: 'ok' } });
});

test('approving is of exactly what was shown', async () => {
  await schedulePost(context, scheduler.caller, wish());
  const seen = await shown();
  await expect(
    approvePost(context, owner.caller, { ...seen, contentHash: '00'.repeat(32) }),
  ).rejects.toMatchObject({ kind: 'Conflict', details: { code: 'stale_revision' } });
  await expect(approvePost(context, owner.caller, { ...seen, rev: 2 })).rejects.toMatchObject({
    details: { code: 'stale_revision' },
  });
  await expect(approvePost(context, { ...owner.caller, role: 'viewer' }, seen)).rejects.toMatchObject({
    kind: 'NotAllowed',
  });
  const approved = await approvePost(context, owner.caller, { ...seen, note: 'Fine' });
  expect(approved).toMatchObject({ goesOutNow: false, deliveries: [{ state: 'scheduled' }] });
  expect((await readDelivery()).scheduledByConnectionId).toBe(scheduler.caller.connectionId);
  expect((await getPost(context, owner.caller, { postId })).approval).toMatchObject({
    decision: 'approved',
    personName: 'Olivia Owner',
    note: 'Fine',
  });
});

test('approving twice changes nothing, and what is approved is scheduled unasked from then on', async () => {
  await schedulePost(context, scheduler.caller, wish());
  const seen = await shown();
  await approvePost(context, owner.caller, seen);
  const before = await readDelivery();
  await approvePost(context, owner.caller, seen);
  expect(await readDelivery()).toEqual(before);
  expect(await context.db.approval.count({ where: { postId } })).toBe(1);
  const moved = await schedulePost(context, scheduler.caller, wish({ at: '2037-03-01T09:00' }));
  expect(moved.state).toBe('scheduled');
});

test('an approval after the due time sends now, and the late limit counts from the yes', async () => {
  await schedulePost(context, scheduler.caller, wish({ at: new Date(Date.now() + 3_600_000).toISOString() }));
  await moveTime(context, { hours: 5 });
  const { dueAt } = await readDelivery();
  const approved = await approvePost(context, owner.caller, await shown());
  expect(approved.goesOutNow).toBe(true);
  const delivery = await readDelivery();
  expect(delivery.state).toBe('scheduled');
  expect(delivery.dueAt).toEqual(dueAt);
  expect(delivery.notBefore!.getTime()).toBeGreaterThan(dueAt!.getTime() + 3 * 3_600_000);
  expect(delivery.notAfter!.getTime() - delivery.notBefore!.getTime()).toBe(30 * 60_000);
});

test.each([
  ['missed', 'not_approved_in_time'],
  ['held', 'approval_missing'],
  ['held', 'connection_suspect'],
])('a yes still helps where one was missing: %s, %s', async (state, problemCode) => {
  await schedulePost(context, scheduler.caller, wish());
  await context.db.delivery.updateMany({ where: { postId }, data: { state, problemCode } });
  expect((await getPost(context, owner.caller, { postId })).approvalUrl).not.toBeNull();
  const approved = await approvePost(context, owner.caller, await shown());
  expect(approved.deliveries).toMatchObject([{ state: 'scheduled' }]);
  expect(await readDelivery()).toMatchObject({ problemCode: null, problemMessage: null });
});

test('a yes does not help a post that a worker was too late for', async () => {
  await schedulePost(context, publisher.caller, wish());
  await context.db.delivery.updateMany({
    where: { postId },
    data: { state: 'missed', problemCode: 'too_late' },
  });
  await expect(approvePost(context, owner.caller, await shown())).rejects.toMatchObject({
    details: { code: 'nothing_waits' },
  });
});

test('a send that the network may have taken keeps the same revision off the calendar', async () => {
  await schedulePost(context, publisher.caller, wish());
  const sendStartedAt = new Date();
  const payloadHash = new Uint8Array(32);
  await context.db.delivery.updateMany({
    where: { postId },
    data: { state: 'held', problemCode: 'campaign_paused', sendStartedAt, payloadHash },
  });
  await expect(
    schedulePost(context, publisher.caller, wish({ at: '2037-01-01T09:00' })),
  ).rejects.toMatchObject({ details: { code: 'outcome_unknown' } });
  expect(await readDelivery()).toMatchObject({ state: 'held', sendStartedAt, payloadHash });
  const unsent = { sendStartedAt: null, payloadHash: null };
  await context.db.delivery.updateMany({ where: { postId }, data: { state: 'draft', ...unsent } });
});

test('approving what a revoked connection scheduled leads to held, not to silence', async () => {
  const doomed = await connectClient(context, owner, scopesOf('schedule'));
  await schedulePost(context, doomed.caller, wish());
  await context.db.connection.update({
    where: { id: doomed.caller.connectionId },
    data: { revokedAt: new Date() },
  });
  const approved = await approvePost(context, owner.caller, await shown());
  expect(approved.deliveries).toMatchObject([{ state: 'held' }]);
  expect((await readDelivery()).problemCode).toBe('connection_revoked');
});

test('a refused revision is cancelled with the note, and waits for a person also under posts:publish', async () => {
  await schedulePost(context, scheduler.caller, wish());
  const rejected = await rejectPost(context, owner.caller, { ...(await shown()), note: 'Too loud' });
  expect(rejected.deliveries).toMatchObject([{ state: 'cancelled' }]);
  const post = await getPost(context, owner.caller, { postId });
  expect(post.approval).toMatchObject({ decision: 'rejected', note: 'Too loud' });
  expect(post.deliveries[0]!.problem).toEqual({
    code: 'rejected',
    message: expect.stringContaining('Too loud') as string,
  });
  expect((await schedulePost(context, publisher.caller, wish())).state).toBe('awaiting_approval');
  await expect(publishPost(context, publisher.caller, wish())).rejects.toMatchObject({
    details: { code: 'rejected' },
  });
  await approvePost(context, owner.caller, await shown());
  expect((await readDelivery()).state).toBe('scheduled');
});

test('nothing that waits: neither yes nor no', async () => {
  const seen = await shown();
  await expect(approvePost(context, owner.caller, seen)).rejects.toMatchObject({
    details: { code: 'nothing_waits' },
  });
  await expect(rejectPost(context, owner.caller, seen)).rejects.toMatchObject({
    details: { code: 'nothing_waits' },
  });
});

test('a yes and a no at once: one of them counts and the other is told so', async () => {
  await schedulePost(context, scheduler.caller, wish());
  const seen = await shown();
  const results = await Promise.allSettled([
    approvePost(context, owner.caller, seen),
    rejectPost(context, owner.caller, seen),
  ]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await context.db.approval.count({ where: { postId } })).toBe(1);
});

test('publishing puts it due now; again it tells the state', async () => {
  const started = await publishPost(context, publisher.caller, { postId, expectedRev: 1 });
  expect(started).toEqual({
    deliveries: [{ channelId: owner.playgroundChannelId, state: 'scheduled', url: null }],
    approvalUrl: null,
    approvalReason: null,
    pollAfterSeconds: 3,
  });
  const before = await readDelivery();
  expect(before.dueAt!.getTime()).toBeLessThanOrEqual(Date.now() + 5000);
  await publishPost(context, publisher.caller, { postId, expectedRev: 1 });
  expect(await readDelivery()).toEqual(before);
  await markPublished(owner.playgroundChannelId);
  const done = await publishPost(context, publisher.caller, { postId, expectedRev: 1 });
  expect(done).toMatchObject({ deliveries: [{ state: 'published' }], pollAfterSeconds: 0 });
});

test('publishing needs posts:publish', async () => {
  await expect(publishPost(context, scheduler.caller, { postId, expectedRev: 1 })).rejects.toMatchObject({
    kind: 'NotAllowed',
    details: { code: 'insufficient_scope' },
  });
});

test('a person who schedules has said yes', async () => {
  const scheduled = await schedulePost(context, owner.caller, wish());
  expect(scheduled.state).toBe('scheduled');
  expect(await readDelivery()).toMatchObject({
    scheduledByPersonId: owner.person.id,
    scheduledByConnectionId: null,
  });
  expect((await getPost(context, owner.caller, { postId })).approval).toMatchObject({ decision: 'approved' });
});

test('cancelling leaves a draft that can be scheduled anew; again it changes nothing', async () => {
  await schedulePost(context, publisher.caller, wish());
  const cancelled = await cancelSchedule(context, publisher.caller, { postId });
  expect(cancelled).toEqual({ state: 'draft', cancelledChannelIds: [owner.playgroundChannelId] });
  expect(await cancelSchedule(context, publisher.caller, { postId })).toEqual({
    state: 'draft',
    cancelledChannelIds: [],
  });
  expect((await schedulePost(context, publisher.caller, wish())).state).toBe('scheduled');
});

test('cancelling what one connection scheduled leaves what another did', async () => {
  const second = await secondChannel();
  postId = await draftPost('two editors', [owner.playgroundChannelId, second]);
  await schedulePost(context, publisher.caller, wish({ onlyChannelIds: [second] }));
  await schedulePost(context, scheduler.caller, wish({ onlyChannelIds: [owner.playgroundChannelId] }));
  const onlyUnderConnectionId = scheduler.caller.connectionId;
  const cancelled = await cancelSchedule(context, owner.caller, { postId, onlyUnderConnectionId });
  expect(cancelled).toEqual({ state: 'scheduled', cancelledChannelIds: [owner.playgroundChannelId] });
});

test('handing over moves what waits to the person, and approves what would have gone out unasked', async () => {
  const leaving = await connectClient(context, owner, scopesOf('publish'));
  await schedulePost(context, leaving.caller, wish());
  await revokeConnection(context, owner.caller, leaving.caller.connectionId);
  expect((await readDelivery()).state).toBe('held');
  const handedOver = await handOverDeliveries(context, owner.caller, {
    connectionId: leaving.caller.connectionId,
  });
  expect(handedOver).toEqual({ scheduled: 1, awaitingApproval: 0, missed: 0 });
  expect(await readDelivery()).toMatchObject({
    state: 'scheduled',
    scheduledByConnectionId: null,
    scheduledByPersonId: owner.person.id,
    problemCode: null,
  });
  expect((await getPost(context, owner.caller, { postId })).approval).toMatchObject({ decision: 'approved' });
});

test('handing over what nobody approved still asks; what is too late is missed', async () => {
  const leaving = await connectClient(context, owner, scopesOf('schedule'));
  await schedulePost(context, leaving.caller, wish());
  await revokeConnection(context, owner.caller, leaving.caller.connectionId);
  const connectionId = leaving.caller.connectionId;
  expect(await handOverDeliveries(context, owner.caller, { connectionId })).toMatchObject({
    awaitingApproval: 1,
  });

  const late = await connectClient(context, owner, scopesOf('publish'));
  postId = await draftPost();
  await schedulePost(context, late.caller, wish({ at: new Date(Date.now() + 60_000).toISOString() }));
  await revokeConnection(context, owner.caller, late.caller.connectionId);
  await moveTime(context, { hours: 2 });
  const input = { connectionId: late.caller.connectionId };
  expect(await handOverDeliveries(context, owner.caller, input)).toMatchObject({ missed: 1 });
  expect((await readDelivery()).problemCode).toBe('too_late');
});

test('a connection of another team is not there, nor is its post', async () => {
  const stranger = await createOwner(context);
  await expect(
    handOverDeliveries(context, stranger.caller, { connectionId: publisher.caller.connectionId }),
  ).rejects.toMatchObject({ kind: 'NotFound' });
  for (const run of [schedulePost, publishPost, cancelSchedule]) {
    await expect(run(context, stranger.caller, wish())).rejects.toMatchObject({ kind: 'NotFound' });
  }
  const seen = await shown();
  await expect(approvePost(context, stranger.caller, seen)).rejects.toMatchObject({ kind: 'NotFound' });
  await expect(rejectPost(context, stranger.caller, seen)).rejects.toMatchObject({ kind: 'NotFound' });
});
