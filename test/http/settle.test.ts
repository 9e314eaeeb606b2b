import { afterAll, beforeAll, expect, it } from 'vitest';

import { newId } from '../../server/ids.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, addPost, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, csrfOf, valueOf, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
});
afterAll(() => server[Symbol.asyncDispose]());

const deliveryOf = (postId: string) => server.context.db.delivery.findFirstOrThrow({ where: { postId } });

it('a person pauses a campaign and makes it active again, and the page says what is held', async () => {
  const postId = await addPost(server.context, scene, { text: 'Soon', state: 'scheduled' });
  const { campaignId } = await server.context.db.post.findUniqueOrThrow({ where: { id: postId } });
  const page = `/campaigns/${campaignId}`;
  const paused = await owner.submit(page, `${page}/status`, { status: 'paused' });
  expect(paused).toMatchObject({ status: 303, location: `${page}?done=campaign_paused` });
  const shown = await owner.get(paused.location!);
  expect(shown.text).toContain('held until the campaign is active again');
  expect(shown.text).toContain('one post is held');
  expect(shown.text).toContain('Make it active again');
  expect((await owner.get(`/posts/${postId}`)).text).toContain('The campaign is paused');
  await owner.submit(page, `${page}/status`, { status: 'active' });
  expect(await deliveryOf(postId)).toMatchObject({ state: 'scheduled' });
  expect((await owner.submit(page, `${page}/status`, { status: 'gone' })).status).toBe(400);
});

it('a person settles what stopped: with its address, or by sending it again, or by giving up', async () => {
  const { context } = server;
  const postId = await addPost(context, scene, { text: 'Unclear', state: 'needs_attention' });
  const { channelId } = await deliveryOf(postId);
  const page = `/posts/${postId}/settle/${channelId}`;
  expect((await owner.get(`/posts/${postId}`)).text).toContain(page);
  const shown = await owner.get(page);
  expect(shown.text).toContain('What is known');
  expect(shown.text).toContain('Ask the network');
  const wrong = await owner.submit(page, page, {
    action: 'record_as_posted',
    permalink: 'https://example.com/',
  });
  expect(wrong.status).toBe(400);
  expect(wrong.text).toContain('This is not the address of a post of this channel on Playground.');
  const done = await owner.submit(page, page, { action: 'give_up' });
  expect(done.location).toBe(`/posts/${postId}?done=settled_give_up`);
  expect(await deliveryOf(postId)).toMatchObject({ state: 'failed', problemCode: 'given_up' });
  expect((await owner.submit(page, page, { action: 'nothing' })).status).toBe(400);
  const recorded = await context.db.activity.findMany({ where: { action: 'post.settled', target: postId } });
  expect(recorded).toMatchObject([{ detail: { action: 'give_up', channelId } }]);
});

it('what may be there twice asks for a tick, and the server asks too', async () => {
  const { context } = server;
  const playground = context.networks.get('playground')!;
  (context.networks as Map<string, typeof playground>).set('playground', {
    ...playground,
    guarantee: 'none',
  });
  const postId = await addPost(context, scene, { text: 'Twice?', state: 'needs_attention' });
  const { channelId } = await deliveryOf(postId);
  const page = `/posts/${postId}/settle/${channelId}`;
  expect((await owner.get(page)).text).toContain('I looked at Playground');
  expect((await owner.submit(page, page, { action: 'retry', rev: '1' })).status).toBe(400);
  expect(await deliveryOf(postId)).toMatchObject({ state: 'needs_attention' });
  expect((await owner.submit(page, page, { action: 'retry', rev: '1', confirmed: 'yes' })).status).toBe(303);
  expect(await deliveryOf(postId)).toMatchObject({ state: 'scheduled' });
  (context.networks as Map<string, typeof playground>).set('playground', playground);
});

it('a person takes a post down after saying why; a viewer cannot', async () => {
  const postId = await addPost(server.context, scene, { text: 'Wrong date', state: 'published' });
  const page = `/posts/${postId}/take-down`;
  expect((await owner.get(`/posts/${postId}`)).text).toContain(page);
  const viewer = createVisitor(server.url);
  await viewer.signIn(await addMember(server.context, scene.owner.teamId, 'viewer'));
  const { channelId: channel } = await deliveryOf(postId);
  expect((await viewer.submit(page, page, { reason: 'No', channel })).status).toBe(403);
  const done = await owner.submit(page, page, { reason: 'A wrong date', channel });
  expect(done.location).toBe(`/posts/${postId}?done=taken_down`);
  expect(await deliveryOf(postId)).toMatchObject({ state: 'taken_down' });
  expect((await owner.get(page)).text).toContain('Nothing of this post is live.');
});

it('only what the page listed is taken down', async () => {
  const { db } = server.context;
  const postId = await addPost(server.context, scene, { text: 'Live twice', state: 'published' });
  const page = `/posts/${postId}/take-down`;
  const { text } = await owner.get(page);
  const channelId = newId('channel');
  const { teamId } = scene.owner;
  await db.channel.create({
    data: { id: channelId, teamId, network: 'playground', handle: 'later', remoteAccountId: channelId },
  });
  await db.caption.create({ data: { teamId, postId, rev: 1, channelId, parts: ['Live since'] } });
  const { publishedAt, dueAt, scheduledAt, scheduledByPersonId, timeZone } = await deliveryOf(postId);
  const remoteId = newId('playgroundPost');
  await db.delivery.create({
    data: {
      ...{ id: newId('delivery'), teamId, postId, channelId, rev: 1, state: 'published' },
      ...{ publishedAt, dueAt, scheduledAt, scheduledByPersonId, timeZone },
      ...{ remoteId, remoteUrl: `${server.context.publicUrl}/playground/${remoteId}` },
    },
  });
  const form = { csrf: csrfOf(text), reason: 'A wrong date' };
  expect((await owner.post(page, form)).status).toBe(400);
  expect(valueOf(text, 'channel')).toBe(scene.channelId);
  expect((await owner.post(page, { ...form, channel: valueOf(text, 'channel') })).status).toBe(303);
  const states = await db.delivery.findMany({ where: { postId }, select: { channelId: true, state: true } });
  expect(Object.fromEntries(states.map((one) => [one.channelId, one.state]))).toEqual({
    [scene.channelId]: 'taken_down',
    [channelId]: 'published',
  });
});
