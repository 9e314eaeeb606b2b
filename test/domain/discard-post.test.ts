import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { listCampaigns } from '../../server/campaigns/list-campaigns.ts';
import { approvePost } from '../../server/deliveries/approve-post.ts';
import { cancelSchedule } from '../../server/deliveries/cancel-schedule.ts';
import { publishPost } from '../../server/deliveries/publish-post.ts';
import { requestApproval } from '../../server/deliveries/request-approval.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { discardPost } from '../../server/posts/discard-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { listPosts } from '../../server/posts/list-posts.ts';
import { previewPost } from '../../server/posts/preview-post.ts';
import { updatePost } from '../../server/posts/update-post.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { sweep } from '../../workers/sweep.ts';
import { moveTime } from '../support/move-time.ts';
import { openTestContext } from '../support/test-context.ts';
import { callTool } from '../tools/call-tool.ts';
import { connectClient, scopesOf, type TestConnection } from './connect-client.ts';
import { createDraftScene, FAR, type DraftScene } from './draft-scene.ts';

let context: Context;
let scene: DraftScene;
let publisher: TestConnection;

beforeAll(async () => {
  context = await openTestContext();
  scene = await createDraftScene(context);
  publisher = await connectClient(context, scene.owner, scopesOf('publish'));
});
afterAll(async () => context[Symbol.asyncDispose]());

const discard = (postId: string, caller = publisher.caller as Parameters<typeof discardPost>[1]) =>
  discardPost(context, caller, { postId, expectedRev: 1 });
const restore = (postId: string, caller = publisher.caller as Parameters<typeof discardPost>[1]) =>
  discardPost(context, caller, { postId, expectedRev: 1, restore: true });

test.each(['scheduled', 'awaiting_approval', 'held', 'failed', 'missed', 'cancelled'])(
  'what is %s comes off the schedule, and back as a draft',
  async (state) => {
    const postId = await scene.draft();
    await scene.schedule(publisher.caller, postId);
    await context.db.delivery.updateMany({ where: { postId }, data: { state, problemCode: 'refused' } });
    const discarded = await discard(postId);
    expect(discarded.state).toBe('discarded');
    const days = (discarded.restorableUntil!.getTime() - Date.now()) / 86_400_000;
    expect(days).toBeCloseTo(30, 1);
    expect(await scene.deliveryOn(postId)).toMatchObject({
      ...{ state: 'draft', dueAt: null, notBefore: null, problemCode: null },
      scheduledByConnectionId: null,
    });
    expect(await restore(postId)).toEqual({ state: 'draft', restorableUntil: null });
    expect((await getPost(context, scene.owner.caller, { postId })).state).toBe('draft');
  },
);

test('the same again changes nothing, whatever revision is expected', async () => {
  const postId = await scene.draft();
  const first = await discard(postId);
  expect(await discardPost(context, publisher.caller, { postId, expectedRev: 7 })).toEqual(first);
  await restore(postId);
  await scene.schedule(publisher.caller, postId);
  expect(await restore(postId)).toEqual({ state: 'scheduled', restorableUntil: null });
});

test('a stale revision and a viewer are refused', async () => {
  const postId = await scene.draft();
  await expect(discardPost(context, publisher.caller, { postId, expectedRev: 2 })).rejects.toMatchObject({
    details: { code: 'stale_revision', actual: 1 },
  });
  await expect(discard(postId, { ...scene.owner.caller, role: 'viewer' })).rejects.toMatchObject({
    kind: 'NotAllowed',
  });
});

test.each([
  ['claimed', 'under_way'],
  ['sending', 'under_way'],
  ['unknown', 'outcome_unknown'],
  ['needs_attention', 'outcome_unknown'],
  ['published', 'already_published'],
])('what is %s is never thrown away: %s', async (state, code) => {
  const postId = await scene.draft();
  await scene.schedule(publisher.caller, postId);
  await context.db.delivery.updateMany({
    where: { postId },
    data: {
      ...{ state, leaseUntil: new Date(Date.now() + 60_000), problemCode: 'outcome_unknown' },
      ...{ sendStartedAt: new Date(), payloadHash: new Uint8Array(32) },
      ...(state === 'published' && { remoteId: postId, publishedAt: new Date() }),
    },
  });
  const before = await scene.deliveryOn(postId);
  await expect(discard(postId)).rejects.toMatchObject({ kind: 'Conflict', details: { code } });
  expect(await scene.deliveryOn(postId)).toEqual(before);
});

describe('in the trash it is there for nobody', () => {
  test('every tool and page function says how to get it back', async () => {
    const postId = await scene.draft({ clientRef: 'thrown-away' }, publisher.caller);
    const { rev, contentHash } = await scene.shown(postId);
    await discard(postId);
    const { caller } = publisher;
    const calls: (() => Promise<unknown>)[] = [
      () => getPost(context, caller, { postId }),
      () => previewPost(context, caller, { postId }),
      () => updatePost(context, caller, { postId, expectedRev: 1, changes: { text: 'No' } }),
      () => schedulePost(context, caller, { postId, expectedRev: 1, at: FAR }),
      () => publishPost(context, caller, { postId, expectedRev: 1 }),
      () => cancelSchedule(context, caller, { postId }),
      () => requestApproval(context, caller, { postId, expectedRev: 1 }),
      () => approvePost(context, scene.owner.caller, { postId, rev, contentHash }),
    ];
    for (const call of calls) {
      await expect(call()).rejects.toMatchObject({
        kind: 'Conflict',
        details: { code: 'post_discarded', nextStep: expect.stringContaining('restore') as string },
      });
    }
    const { campaignId, firstId } = scene;
    const again = { campaignId, channelIds: [firstId], text: 'x', clientRef: 'thrown-away' };
    await expect(createPost(context, caller, again)).rejects.toMatchObject({
      details: { code: 'post_discarded' },
    });
  });

  test('lists and counts leave it out', async () => {
    const postId = await scene.draft();
    const countOf = async () => {
      const { items } = await listCampaigns(context, scene.owner.caller, {});
      return items.find(({ id }) => id === scene.campaignId)!.postCounts['draft'] ?? 0;
    };
    const before = await countOf();
    await discard(postId);
    expect(await countOf()).toBe(before - 1);
    const { items } = await listPosts(context, scene.owner.caller, { limit: 50 });
    expect(items.map(({ id }) => id)).not.toContain(postId);
  });

  test('nor does it go out, whatever a worker was told before', async () => {
    const postId = await scene.draft();
    await publishPost(context, publisher.caller, { postId, expectedRev: 1 });
    // Due a moment ago: only what has not been due yet is taken off.
    await context.db
      .$executeRaw`update delivery set due_at = now() + interval '1 second' where post_id = ${postId}`;
    await discard(postId);
    const { id } = await scene.deliveryOn(postId);
    await publishDelivery(context, id);
    expect(await scene.deliveryOn(postId)).toMatchObject({ state: 'draft', fence: 0 });
  });
});

test('what a person threw away goes out only with a person’s yes', async () => {
  const postId = await scene.draft();
  await scene.schedule(publisher.caller, postId);
  await discard(postId, scene.owner.caller);
  await restore(postId);
  expect((await scene.schedule(publisher.caller, postId)).state).toBe('awaiting_approval');
});

test('the tools tell the state and until when', async () => {
  const postId = await scene.draft();
  const input = { post_id: postId, expected_rev: 1 };
  const discarded = await callTool(context, publisher.caller, 'discard_post', input);
  expect(discarded).toMatchObject({ output: { state: 'discarded' } });
  expect(
    await callTool(context, publisher.caller, 'discard_post', { ...input, restore: true }),
  ).toMatchObject({
    output: { state: 'draft', restorable_until: null },
  });
});

test('after 30 days it is gone, and its client_ref is free', async () => {
  const postId = await scene.draft({ clientRef: 'for-30-days' }, publisher.caller);
  const young = await scene.draft();
  await discard(postId);
  await moveTime(context, { days: 29 });
  await sweep(context);
  expect(await context.db.post.count({ where: { id: postId } })).toBe(1);
  await discard(young);
  await moveTime(context, { days: 1, seconds: 60 });
  await expect(restore(postId)).rejects.toMatchObject({ kind: 'NotFound' });
  await sweep(context);
  expect(await context.db.post.count({ where: { id: postId } })).toBe(0);
  expect(await context.db.delivery.count({ where: { postId } })).toBe(0);
  expect(await restore(young)).toMatchObject({ state: 'draft' });
  expect(await scene.draft({ clientRef: 'for-30-days' }, publisher.caller)).not.toBe(postId);
});
