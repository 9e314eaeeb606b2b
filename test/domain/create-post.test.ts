import { afterAll, beforeAll, expect, test } from 'vitest';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import { updateCampaign } from '../../server/campaigns/update-campaign.ts';
import type { Context } from '../../server/context.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { previewPost } from '../../server/posts/preview-post.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';
import { connectClient, type TestConnection } from './connect-client.ts';
import { createDraftScene } from './draft-scene.ts';

let context: Context;
let owner: TestOwner;
let connection: TestConnection;
let campaignId: string;

beforeAll(async () => {
  context = await openTestContext();
  owner = await createOwner(context);
  connection = await connectClient(context, owner);
  ({ campaignId } = await createCampaign(context, connection.caller, { name: 'Launch', goal: 'Be seen' }));
});

afterAll(async () => context[Symbol.asyncDispose]());

const draft = (text: string, more: object = {}) => ({
  campaignId,
  channelIds: [owner.playgroundChannelId],
  text,
  ...more,
});

test('a draft has a caption and a delivery per channel', async () => {
  const { postId, rev, captions, duplicateOf, url } = await createPost(
    context,
    connection.caller,
    draft('Hello 👩‍👩‍👧‍👦'),
  );
  expect({ rev, duplicateOf }).toEqual({ rev: 1, duplicateOf: null });
  expect(captions).toEqual([
    { channelId: owner.playgroundChannelId, count: 7, limit: expect.any(Number) as number, problems: [] },
  ]);
  expect(url).toBe(`${context.publicUrl}/posts/${postId}`);
  const post = await getPost(context, connection.caller, { postId });
  expect(post).toMatchObject({
    state: 'draft',
    text: 'Hello 👩‍👩‍👧‍👦',
    campaignName: 'Launch',
    createdBy: { personName: 'Olivia Owner', clientName: 'Test editor' },
    approval: null,
    approvalUrl: null,
    deliveries: [{ state: 'draft', parts: ['Hello 👩‍👩‍👧‍👦'], dueAt: null, scheduledBy: null }],
  });
  expect(post.contentHash).toMatch(/^[0-9a-f]{64}$/);
});

test('ten calls at once with one client_ref make one post', async () => {
  const input = draft('Only once', { clientRef: 'race-1' });
  const created = await Promise.all(
    Array.from({ length: 10 }, () => createPost(context, connection.caller, input)),
  );
  expect(new Set(created.map(({ postId }) => postId)).size).toBe(1);
  const postId = created[0]!.postId;
  expect(await context.db.post.count({ where: { clientRef: 'race-1' } })).toBe(1);
  expect(await context.db.caption.count({ where: { postId } })).toBe(1);
  expect(await context.db.delivery.count({ where: { postId } })).toBe(1);
});

test('a client_ref belongs to its connection and its content', async () => {
  const first = await createPost(context, connection.caller, draft('Mine', { clientRef: 'ref-1' }));
  const other = await connectClient(context, owner);
  const theirs = await createPost(context, other.caller, draft('Theirs', { clientRef: 'ref-1' }));
  expect(theirs.postId).not.toBe(first.postId);
  await expect(
    createPost(context, connection.caller, draft('Changed', { clientRef: 'ref-1' })),
  ).rejects.toMatchObject({ kind: 'Conflict', details: { code: 'client_ref_reused', field: 'client_ref' } });
});

test('ten calls at once with one client_ref make one campaign', async () => {
  const brief = {
    name: 'Race',
    goal: 'Win',
    clientRef: 'campaign-race',
    channelIds: [owner.playgroundChannelId],
  };
  const created = await Promise.all(
    Array.from({ length: 10 }, () => createCampaign(context, connection.caller, brief)),
  );
  expect(new Set(created.map((campaign) => campaign.campaignId)).size).toBe(1);
  await expect(createCampaign(context, connection.caller, { ...brief, goal: 'Lose' })).rejects.toMatchObject({
    kind: 'Conflict',
    details: { code: 'client_ref_reused' },
  });
});

test('a campaign that was changed is found by its client_ref and name, and not for one of another name', async () => {
  const spring = { name: 'Spring', goal: 'Be seen', clientRef: 'campaign-1' };
  const { campaignId: id } = await createCampaign(context, connection.caller, spring);
  const change = (changes: object) => updateCampaign(context, owner.caller, { campaignId: id, changes });
  await change({ status: 'paused', goal: 'Be heard' });
  expect((await createCampaign(context, connection.caller, spring)).campaignId).toBe(id);
  await expect(
    createCampaign(context, connection.caller, { ...spring, name: 'Autumn' }),
  ).rejects.toMatchObject({ kind: 'Conflict', details: { code: 'client_ref_reused' } });
});

test('a caption that breaks rules is saved, reported and not ready', async () => {
  const { maxLength } = context.networks.get('playground')!.rules;
  const text = 'a'.repeat(maxLength + 3);
  const { postId, captions } = await createPost(context, connection.caller, draft(text));
  expect(captions[0]!.problems).toMatchObject([
    {
      ruleId: 'text_length',
      severity: 'error',
      limit: maxLength,
      actual: maxLength + 3,
      fix: expect.stringContaining('3') as string,
    },
  ]);
  const preview = await previewPost(context, connection.caller, { postId });
  expect(preview).toMatchObject({ isReady: false, channels: [{ parts: [text], count: maxLength + 3 }] });
});

test('a post is not ready on a channel that was disconnected, or while its campaign stands still', async () => {
  const scene = await createDraftScene(context);
  const { caller } = scene.owner;
  const postId = await scene.draft({ channelIds: [scene.firstId, scene.secondId] });
  const stops = async () => {
    const { isReady, channels } = await previewPost(context, caller, { postId });
    const rulesOn = (id: string) =>
      channels.find(({ channelId }) => channelId === id)!.problems.map(({ ruleId }) => ruleId);
    return { isReady, stops: [scene.firstId, scene.secondId].map(rulesOn) };
  };
  const setChannel = (data: object) => context.db.channel.update({ where: { id: scene.secondId }, data });
  const setStatus = (status: 'paused' | 'archived' | 'active') =>
    updateCampaign(context, caller, { campaignId: scene.campaignId, changes: { status } });
  expect(await stops()).toEqual({ isReady: true, stops: [[], []] });
  await setChannel({ status: 'needs_reconnect' });
  expect(await stops()).toEqual({ isReady: true, stops: [[], ['channel_needs_reconnect']] });
  await setChannel({ status: 'ok', disconnectedAt: new Date() });
  expect(await stops()).toEqual({ isReady: false, stops: [[], ['channel_disconnected']] });
  await setChannel({ disconnectedAt: null });
  for (const status of ['paused', 'archived'] as const) {
    await setStatus(status);
    expect(await stops()).toEqual({
      isReady: false,
      stops: [[`campaign_${status}`], [`campaign_${status}`]],
    });
  }
  await setStatus('active');
  expect(await stops()).toMatchObject({ isReady: true });
});

test('empty parts and too many parts are rules too', async () => {
  const { maxParts } = context.networks.get('playground')!.rules;
  const parts = Array.from({ length: maxParts + 1 }, (_, index) => (index === 1 ? '  ' : `part ${index}`));
  const { captions } = await createPost(
    context,
    connection.caller,
    draft('thread', { overrides: [{ channelId: owner.playgroundChannelId, parts }] }),
  );
  expect(captions[0]!.problems.map(({ ruleId }) => ruleId)).toEqual(['thread_parts', 'text_empty']);
});

test('the same text on the same channel within 24 hours is named', async () => {
  const first = await createPost(context, connection.caller, draft('Say it twice'));
  const second = await createPost(context, connection.caller, draft('Say it twice'));
  expect(second.duplicateOf).toBe(first.postId);
  await context.db.post.update({
    where: { id: first.postId },
    data: { createdAt: new Date(Date.now() - 25 * 3_600_000) },
  });
  await context.db.post.delete({ where: { id: second.postId } });
  const third = await createPost(context, connection.caller, draft('Say it twice'));
  expect(third.duplicateOf).toBeNull();
});

test('an override needs its channel, and only one', async () => {
  const stray = draft('x', {
    channelIds: [owner.playgroundChannelId],
    overrides: [{ channelId: 'chn_x', text: 'y' }],
  });
  await expect(createPost(context, connection.caller, stray)).rejects.toMatchObject({
    details: { code: 'invalid_override', field: 'overrides' },
  });
});

test('what belongs to another team is not there', async () => {
  const stranger = await createOwner(context);
  const theirs = await createCampaign(context, stranger.caller, { name: 'Theirs', goal: 'Secret' });
  await expect(
    createPost(context, connection.caller, { ...draft('x'), campaignId: theirs.campaignId }),
  ).rejects.toMatchObject({ kind: 'NotFound' });
  await expect(
    createPost(context, connection.caller, { ...draft('x'), channelIds: [stranger.playgroundChannelId] }),
  ).rejects.toMatchObject({ kind: 'NotFound', details: { field: 'channel_ids' } });
});

test('a viewer and an archived campaign take no drafts', async () => {
  await expect(
    createPost(context, { ...connection.caller, role: 'viewer' }, draft('x')),
  ).rejects.toMatchObject({ kind: 'NotAllowed' });
  const { campaignId: archived } = await createCampaign(context, owner.caller, { name: 'Old', goal: 'Over' });
  await context.db.campaign.update({ where: { id: archived }, data: { status: 'archived' } });
  await expect(
    createPost(context, connection.caller, { ...draft('x'), campaignId: archived }),
  ).rejects.toMatchObject({ details: { code: 'campaign_archived' } });
});
