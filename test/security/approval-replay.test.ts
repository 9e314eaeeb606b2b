import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { approvePost } from '../../server/deliveries/approve-post.ts';
import { cancelSchedule } from '../../server/deliveries/cancel-schedule.ts';
import { placesOf } from '../../server/deliveries/decide-post.ts';
import { requestApproval } from '../../server/deliveries/request-approval.ts';
import { revokeConnection } from '../../server/oauth/connections.ts';
import { discardPost } from '../../server/posts/discard-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { refreshDraftMedia } from '../../server/posts/refresh-draft-media.ts';
import { updatePost, type PostChanges } from '../../server/posts/update-post.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { connectClient, scopesOf, type TestConnection } from '../domain/connect-client.ts';
import { addPicture, createDraftScene, FAR, type DraftScene } from '../domain/draft-scene.ts';
import { moveTime } from '../support/move-time.ts';
import { openTestContext } from '../support/test-context.ts';

let context: Context;
let scene: DraftScene;
let agent: TestConnection;
let picture: string;
let other: string;
let postId: string;

beforeAll(async () => {
  context = await openTestContext();
});
afterAll(async () => context[Symbol.asyncDispose]());

beforeEach(async () => {
  scene = await createDraftScene(context);
  agent = await connectClient(context, scene.owner, scopesOf('schedule'));
  picture = await addPicture(context, scene.owner, { altText: 'A hill' });
  other = await addPicture(context, scene.owner, { altText: 'A lake', colour: '#112233' });
  postId = await scene.draft({ text: 'As shown', mediaIds: [picture] }, agent.caller);
  await scene.schedule(agent.caller, postId);
});

/** What the approval page puts into its form. */
const look = async () => {
  const { rev, contentHash, deliveries } = await getPost(context, scene.owner.caller, { postId });
  const waiting = deliveries.filter(({ isWaitingForDecision }) => isWaitingForDecision);
  return { postId, rev, contentHash, places: placesOf(waiting) };
};
const approve = async (form: Awaited<ReturnType<typeof look>>) =>
  approvePost(context, scene.owner.caller, form);
const edit = async (changes: PostChanges, caller = agent.caller as Parameters<typeof updatePost>[1]) => {
  const { rev } = await getPost(context, scene.owner.caller, { postId });
  return updatePost(context, caller, { postId, expectedRev: rev, changes });
};

/** Nothing of it leaves, however late it is. */
async function expectUnsent(): Promise<void> {
  await context.db.$executeRaw`
    update delivery set due_at = now(), not_before = now(), not_after = now() + interval '1 hour'
    where post_id = ${postId} and due_at is not null`;
  const deliveries = await context.db.delivery.findMany({ where: { postId } });
  for (const { id } of deliveries) await publishDelivery(context, id);
  expect(
    await context.db.playgroundPost.count({ where: { deliveryId: { in: deliveries.map(({ id }) => id) } } }),
  ).toBe(0);
}

const EDITS: readonly [name: string, changes: () => PostChanges][] = [
  ['its text', () => ({ text: 'Not as shown' })],
  ['a space in it', () => ({ text: 'As shown ' })],
  ['words for one channel', () => ({ overrides: [{ channelId: scene.firstId, text: 'Other words' }] })],
  ['a text into a thread', () => ({ overrides: [{ channelId: scene.firstId, parts: ['As', 'shown'] }] })],
  ['the channel', () => ({ channelIds: [scene.secondId] })],
  ['one more channel', () => ({ channelIds: [scene.firstId, scene.secondId] })],
  ['the picture', () => ({ mediaIds: [other] })],
  ['one more picture', () => ({ mediaIds: [picture, other] })],
  ['no picture', () => ({ mediaIds: [] })],
];

describe('a yes to what the page showed is not taken after the client changed', () => {
  test.each(EDITS)('%s', async (_, changes) => {
    const form = await look();
    await edit(changes());
    await expect(approve(form)).rejects.toMatchObject({
      kind: 'Conflict',
      details: { code: 'stale_revision' },
    });
    expect(await context.db.approval.count({ where: { postId } })).toBe(0);
    await expectUnsent();
  });
});

describe('a yes that was given does not count any more after the client changed', () => {
  test.each(EDITS)('%s', async (_, changes) => {
    await approve(await look());
    const before = (await getPost(context, scene.owner.caller, { postId })).contentHash;
    expect(await edit(changes())).toMatchObject({ rev: 2, isApprovalReset: true });
    const post = await getPost(context, scene.owner.caller, { postId });
    expect(post.approval).toBeNull();
    expect(post.contentHash).not.toBe(before);
    await expectUnsent();
  });

  test('the order of pictures', async () => {
    await edit({ mediaIds: [picture, other] });
    await approve(await look());
    expect(await edit({ mediaIds: [other, picture] })).toMatchObject({ isApprovalReset: true });
    await expectUnsent();
  });

  test.each([
    ['an alt text', { altText: 'Something else' }],
    ['what a cut keeps', { focalX: 0.1 }],
  ])('%s in the library, taken over by naming the picture again', async (_, data) => {
    await approve(await look());
    await context.db.media.update({ where: { id: picture }, data });
    await context.db.$transaction((tx) => refreshDraftMedia(tx, scene.owner.team.id, picture));
    // By itself it changes nothing of what a person said yes to.
    const approved = await getPost(context, scene.owner.caller, { postId });
    expect(approved.approval).toMatchObject({ decision: 'approved' });
    expect(approved.pictures).toMatchObject([{ altText: 'A hill', focalX: 0.5 }]);
    expect(await edit({ mediaIds: [picture] })).toMatchObject({ rev: 2, isApprovalReset: true });
    await expectUnsent();
  });

  test('there and back again: the same words need a new yes', async () => {
    await approve(await look());
    await edit({ text: 'Something else' });
    await edit({ text: 'As shown' });
    const post = await getPost(context, scene.owner.caller, { postId });
    expect(post).toMatchObject({ rev: 3, approval: null });
    await expectUnsent();
  });

  test('whoever may only write: what was approved under another client waits', async () => {
    await approve(await look());
    const writer = await connectClient(context, scene.owner, ['captions:read', 'captions:write']);
    expect(await edit({ text: 'Slipped in' }, writer.caller)).toMatchObject({ state: 'awaiting_approval' });
    await expectUnsent();
  });
});

describe('a form is good once, for what it was made for', () => {
  test('sent twice it records one yes', async () => {
    const form = await look();
    await Promise.all([approve(form), approve(form)]);
    expect(await context.db.approval.count({ where: { postId } })).toBe(1);
  });

  test('that of another post, another team or a viewer is not taken', async () => {
    const form = await look();
    const twin = await scene.draft({ text: 'As shown, elsewhere' }, agent.caller);
    await scene.schedule(agent.caller, twin);
    await expect(approve({ ...form, postId: twin })).rejects.toMatchObject({ kind: 'Conflict' });
    const stranger = await createDraftScene(context);
    await expect(approvePost(context, stranger.owner.caller, form)).rejects.toMatchObject({
      kind: 'NotFound',
    });
    const viewer = { ...scene.owner.caller, role: 'viewer' as const };
    await expect(approvePost(context, viewer, form)).rejects.toMatchObject({ kind: 'NotAllowed' });
  });

  test('not after the post was moved to another time', async () => {
    const form = await look();
    await scene.schedule(agent.caller, postId, '2036-12-02T03:00');
    await expect(approve(form)).rejects.toMatchObject({ details: { code: 'moved_meanwhile' } });
  });

  test('not after it was taken off the schedule, rejected, or thrown away', async () => {
    const form = await look();
    await cancelSchedule(context, agent.caller, { postId });
    await expect(approve(form)).rejects.toMatchObject({ details: { code: 'nothing_waits' } });
    await scene.schedule(agent.caller, postId);
    await scene.reject(postId);
    await expect(approve(form)).rejects.toMatchObject({ details: { code: 'nothing_waits' } });
    await discardPost(context, agent.caller, { postId, expectedRev: 1 });
    await expect(approve(form)).rejects.toMatchObject({ details: { code: 'post_discarded' } });
    await expectUnsent();
  });

  test('not after the connection was revoked: it is held, not sent', async () => {
    const form = await look();
    await revokeConnection(context, scene.owner.caller, agent.caller.connectionId);
    await approve(form).catch(() => undefined);
    await expectUnsent();
  });

  test('not to a request that has expired', async () => {
    await cancelSchedule(context, agent.caller, { postId });
    await requestApproval(context, agent.caller, { postId, expectedRev: 1 });
    const form = await look();
    await moveTime(context, { days: 60 });
    await expect(approve(form)).rejects.toMatchObject({ details: { code: 'request_expired' } });
  });

  test('an edit ends a request too', async () => {
    await cancelSchedule(context, agent.caller, { postId });
    await requestApproval(context, agent.caller, { postId, expectedRev: 1 });
    const form = await look();
    expect(await edit({ text: 'Not as requested' })).toMatchObject({ isApprovalReset: true });
    expect((await getPost(context, scene.owner.caller, { postId })).approvalRequest).toBeNull();
    await expect(approve(form)).rejects.toMatchObject({ details: { code: 'stale_revision' } });
  });

  test('a yes and an edit at once: what goes out is what was approved, or nothing', async () => {
    for (let round = 0; round < 20; round += 1) {
      const form = await look();
      const [yes] = await Promise.allSettled([approve(form), edit({ text: `Round ${round}` })]);
      const post = await getPost(context, scene.owner.caller, { postId });
      expect(post.deliveries[0]!.parts).toEqual([`Round ${round}`]);
      expect(post.approval).toBeNull();
      expect(post.deliveries[0]!.state).toBe('awaiting_approval');
      expect(['fulfilled', 'rejected']).toContain(yes.status);
    }
    await expectUnsent();
  });
});

test('until anybody was asked, a description in the library is the draft’s', async () => {
  const draft = await scene.draft({ text: 'Untouched', mediaIds: [picture] }, agent.caller);
  const before = await getPost(context, scene.owner.caller, { postId: draft });
  await context.db.media.update({ where: { id: picture }, data: { altText: 'A better word', focalY: 0.2 } });
  await context.db.$transaction((tx) => refreshDraftMedia(tx, scene.owner.team.id, picture));
  const after = await getPost(context, scene.owner.caller, { postId: draft });
  expect(after).toMatchObject({ rev: 1, pictures: [{ altText: 'A better word', focalY: 0.2 }] });
  expect(after.contentHash).not.toBe(before.contentHash);
  await scene.schedule(agent.caller, draft, FAR);
  const form = { postId: draft, rev: 1, contentHash: before.contentHash };
  await expect(approvePost(context, scene.owner.caller, form)).rejects.toMatchObject({
    details: { code: 'stale_revision', field: 'content_hash' },
  });
});
