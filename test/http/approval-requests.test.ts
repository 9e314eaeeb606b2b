import { afterAll, beforeAll, expect, test } from 'vitest';

import { publishPost } from '../../server/deliveries/publish-post.ts';
import { requestApproval } from '../../server/deliveries/request-approval.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { connectClient, scopesOf } from '../domain/connect-client.ts';
import type { TestOwner } from '../support/test-context.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, addPost, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, csrfOf, valueOf, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;
let erin: Visitor;
let erinsEmail: string;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  const editor = await addMember(server.context, scene.owner.teamId, 'editor');
  erinsEmail = editor.email;
  [owner, erin] = [createVisitor(server.url), createVisitor(server.url)];
  await owner.signIn(OWNER);
  await erin.signIn(editor);
});
afterAll(() => server[Symbol.asyncDispose]());

async function ask(text: string, more: { note?: string; reviewerEmail?: string } = {}): Promise<string> {
  const postId = await addPost(server.context, scene, { text });
  await requestApproval(server.context, scene.owner, { postId, expectedRev: 1, ...more });
  return postId;
}

async function decide(visitor: Visitor, postId: string, decision: string) {
  const path = `/posts/${postId}/approve`;
  const { text } = await visitor.get(path);
  const fields = ['rev', 'content_hash', 'places'].map((name) => [name, valueOf(text, name)] as const);
  return visitor.post(path, { csrf: csrfOf(text), decision, ...Object.fromEntries(fields) });
}

test('a request without a time waits on Home and under Needs you, and is answered on its page', async () => {
  const postId = await ask('Bread on Friday', { note: 'Is the date right?' });
  for (const path of ['/', '/posts?show=needs-you']) {
    const { text } = await owner.get(path);
    expect(text).toContain(`href="/posts/${postId}/approve"`);
    expect(text).toContain('Bread on Friday');
  }
  expect((await owner.get(`/posts/${postId}`)).text).toContain('Look and decide');
  const { text } = await owner.get(`/posts/${postId}/approve`);
  expect(text).toContain('May this go out?');
  expect(text).toContain('Is the date right?');
  expect(text).toContain('It has no time yet.');
  const answer = await decide(owner, postId, 'approve');
  expect(answer.location).toBe(`/posts/${postId}?done=approved_untimed`);
  expect((await owner.get('/')).text).not.toContain(`/posts/${postId}/approve`);
  expect((await owner.get(`/posts/${postId}/approve`)).text).toContain('Nothing to decide');
});

test('a request asks nobody any more once the post went out', async () => {
  const postId = await ask('Sent meanwhile');
  // A connection that needs no yes: a person's own publishing would answer the request.
  const { teamId, personId } = scene.owner;
  const owns = { team: { id: teamId }, person: { id: personId }, caller: scene.owner } as TestOwner;
  const { caller } = await connectClient(server.context, owns, scopesOf('publish'));
  await publishPost(server.context, caller, { postId, expectedRev: 1 });
  await server.context.db.delivery.updateMany({
    where: { postId },
    data: { state: 'published', remoteId: 'pgp_x', publishedAt: new Date() },
  });
  expect((await owner.get(`/posts/${postId}`)).text).not.toContain('Look and decide');
  expect((await owner.get(`/posts/${postId}/approve`)).text).toContain('Nothing to decide');
});

test('who is named is asked on Home; the others find it under Needs you and may answer', async () => {
  const postId = await ask('For Erin', { reviewerEmail: erinsEmail });
  const link = `href="/posts/${postId}/approve"`;
  expect((await erin.get('/')).text).toContain(link);
  expect((await owner.get('/')).text).not.toContain(link);
  expect((await owner.get('/posts?show=needs-you')).text).toContain(link);
  expect((await owner.get(`/posts/${postId}/approve`)).text).toContain('every owner and editor may answer');
  const answer = await decide(owner, postId, 'reject');
  expect(answer.location).toBe(`/posts/${postId}?done=rejected`);
  expect((await erin.get('/')).text).not.toContain(link);
});

test('when who was named may no longer answer, everybody is asked', async () => {
  const postId = await ask('For nobody', { reviewerEmail: erinsEmail });
  const { teamId } = scene.owner;
  await server.context.db.membership.updateMany({
    where: { teamId, role: 'editor' },
    data: { role: 'viewer' },
  });
  expect((await owner.get('/')).text).toContain(`href="/posts/${postId}/approve"`);
  await server.context.db.membership.updateMany({
    where: { teamId, role: 'viewer' },
    data: { role: 'editor' },
  });
  await decide(owner, postId, 'reject');
});

test('a post that waits on the calendar too is listed once', async () => {
  const postId = await ask('Once');
  await schedulePost(server.context, scene.owner, { postId, expectedRev: 1, at: '2036-12-01T09:00' });
  await server.context.db.delivery.updateMany({ where: { postId }, data: { state: 'awaiting_approval' } });
  await server.context.db.approval.deleteMany({ where: { postId } });
  const { text } = await owner.get('/');
  expect(text.split(`href="/posts/${postId}/approve"`)).toHaveLength(2);
  await decide(owner, postId, 'approve');
});

test('a request that expired is off the lists, and its page says so', async () => {
  const postId = await ask('Too late');
  const { text: before } = await owner.get(`/posts/${postId}/approve`);
  await server.context.db.approvalRequest.updateMany({ where: { postId }, data: { expiresAt: new Date(0) } });
  expect((await owner.get('/')).text).not.toContain(`/posts/${postId}/approve`);
  expect((await owner.get('/posts?show=needs-you')).text).not.toContain(`/posts/${postId}/approve`);
  const { text } = await owner.get(`/posts/${postId}/approve`);
  expect(text).toContain('expired on');
  expect(text).not.toContain('value="approve"');
  const late = await owner.post(`/posts/${postId}/approve`, {
    csrf: csrfOf(text) || csrfOf(before),
    rev: '1',
    content_hash: valueOf(before, 'content_hash'),
    places: '',
    decision: 'approve',
  });
  expect(late.status).toBe(409);
  expect(await server.context.db.approval.count({ where: { postId } })).toBe(0);
});

test('a yes to what was taken off the schedule promises no time', async () => {
  const postId = await addPost(server.context, scene, {
    text: 'Taken off',
    state: 'cancelled',
    hoursAhead: 24,
  });
  const delivery = await server.context.db.delivery.findFirstOrThrow({ where: { postId } });
  expect(delivery.dueAt).not.toBeNull();
  await requestApproval(server.context, scene.owner, { postId, expectedRev: 1 });
  expect((await owner.get(`/posts/${postId}/approve`)).text).not.toContain('Goes out');
  expect((await decide(owner, postId, 'approve')).location).toContain('done=approved_untimed');
});

test('a yes to what waits on a channel that is no longer linked holds it, and says so', async () => {
  const { db } = server.context;
  const postId = await addPost(server.context, scene, { text: 'Nowhere to go', state: 'awaiting_approval' });
  const where = { id: scene.channelId };
  await db.channel.update({ where, data: { disconnectedAt: new Date() } });
  const { location } = await decide(owner, postId, 'approve');
  await db.channel.update({ where, data: { disconnectedAt: null } });
  expect(location).toContain('done=approved_held');
  expect(await db.delivery.findFirstOrThrow({ where: { postId } })).toMatchObject({
    ...{ state: 'held', problemCode: 'channel_disconnected' },
  });
});
