import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { addRule } from '../../server/policy/edit-rules.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { updatePost } from '../../server/posts/update-post.ts';
import { connectClient, type TestConnection } from '../domain/connect-client.ts';
import { FormFields } from '../http/support/form-fields.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { createVisitor, csrfOf, valueOf, type Visitor } from '../http/support/visitor.ts';
import type { TestOwner } from '../support/test-context.ts';

let server: PagesServer;
let scene: Scene;
let person: Visitor;
let agent: TestConnection;
let secondId: string;
let postId: string;

const DAY = '2036-12-01T10:00';
const NIGHT = '2036-12-02T03:00';

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  const { teamId, personId } = scene.owner;
  const owner = { team: { id: teamId }, person: { id: personId }, caller: scene.owner };
  agent = await connectClient(server.context, owner as TestOwner);
  secondId = newId('channel');
  await server.context.db.channel.create({
    data: { id: secondId, teamId, network: 'playground', handle: 'second', remoteAccountId: secondId },
  });
  await addRule(server.context, scene.owner, { condition: 'always', effect: 'ask' });
  person = createVisitor(server.url);
  await person.signIn(OWNER);
});
afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  const { campaignId, channelId } = scene;
  ({ postId } = await createPost(server.context, agent.caller, {
    ...{ campaignId, channelIds: [channelId, secondId], text: 'What is shown' },
    overrides: [{ channelId: secondId, text: 'What would be hidden' }],
  }));
  await schedule(DAY);
});

const schedule = (at: string, channelIds = [scene.channelId]) =>
  schedulePost(server.context, agent.caller, { postId, expectedRev: 1, at, onlyChannelIds: channelIds });

const stateOf = async (channelId: string) =>
  (await server.context.db.delivery.findFirstOrThrow({ where: { postId, channelId } })).state;

async function look(): Promise<{ text: string; decide: (decision: string) => Promise<{ status: number }> }> {
  const { text } = await person.get(`/posts/${postId}/approve`);
  const form = {
    csrf: csrfOf(text),
    ...Object.fromEntries(['rev', 'content_hash', 'places'].map((name) => [name, valueOf(text, name)])),
  };
  return {
    text,
    decide: (decision) => person.post(`/posts/${postId}/approve`, { ...form, decision }),
  };
}

describe('a yes is to what the page showed', () => {
  test('not to a time to which the client moved the post meanwhile', async () => {
    const page = await look();
    await schedule(NIGHT);
    expect((await page.decide('approve')).status).toBe(409);
    expect(await stateOf(scene.channelId)).toBe('awaiting_approval');
    expect((await (await look()).decide('approve')).status).toBe(303);
    expect(await stateOf(scene.channelId)).toBe('scheduled');
  });

  test('not to a channel on which the client scheduled it meanwhile', async () => {
    const page = await look();
    await schedule(DAY, [secondId]);
    expect((await page.decide('approve')).status).toBe(409);
    expect(await stateOf(secondId)).toBe('awaiting_approval');
  });

  test('but a no stops it wherever it was moved to', async () => {
    const page = await look();
    await schedule(NIGHT);
    expect((await page.decide('reject')).status).toBe(303);
    expect(await stateOf(scene.channelId)).toBe('cancelled');
  });

  test('not when the form does not say what was shown', async () => {
    const { text } = await look();
    const form = {
      csrf: csrfOf(text),
      rev: valueOf(text, 'rev'),
      content_hash: valueOf(text, 'content_hash'),
    };
    const answer = await person.post(`/posts/${postId}/approve`, { ...form, decision: 'approve' });
    expect(answer.status).toBe(409);
  });

  test('and the page shows the captions of all channels to which the yes counts', async () => {
    const page = await look();
    expect(page.text).toContain('What is shown');
    expect(page.text).toContain('What would be hidden');
    await page.decide('approve');
    expect((await schedule(DAY, [secondId])).state).toBe('scheduled');
  });
});

describe('giving a post another time is a yes to all of it', () => {
  const to = () => `/posts/${postId}/move`;
  const fields = () => ({ rev: '1', channel: scene.channelId, date: '2036-12-05', time: '10:00' });

  test('so the page shows what goes to each channel, whichever is moved', async () => {
    const { text } = await person.get(`${to()}?channel=${scene.channelId}`);
    expect(text).toContain('What is shown');
    expect(text).toContain('What would be hidden');
  });

  test('and counts for nothing else than what it showed', async () => {
    const { text } = await person.get(to());
    const shown = { csrf: csrfOf(text), ...fields() };
    expect((await person.post(to(), shown)).status).toBe(409);
    expect((await person.post(to(), { ...shown, content_hash: 'ab'.repeat(32) })).status).toBe(409);
    expect(await server.context.db.approval.count({ where: { postId } })).toBe(0);
    const content_hash = valueOf(text, 'content_hash');
    expect((await person.post(to(), { ...shown, content_hash })).status).toBe(303);
    expect(await stateOf(scene.channelId)).toBe('scheduled');
  });
});

describe('editing in the browser is a yes to the time that was shown', () => {
  async function edit(places?: (shown: string) => string) {
    const { text } = await person.get(`/posts/${postId}/edit`);
    const form = new FormFields(text, 'editor')
      .set(`part_${scene.channelId}_0`, 'Mine')
      .set(`part_${secondId}_0`, 'Mine too');
    const shown = valueOf(text, 'places');
    if (places) form.set('places', places(shown));
    else form.untick('places', shown);
    return () => person.post(`/posts/${postId}/edit`, form.pairs);
  }

  test('and not to one to which the client moved the post meanwhile', async () => {
    const save = await edit((shown) => shown);
    await schedule(NIGHT);
    expect((await save()).status).toBe(409);
    expect(await stateOf(scene.channelId)).toBe('awaiting_approval');
    expect((await (await edit((shown) => shown))()).status).toBe(303);
    expect(await stateOf(scene.channelId)).toBe('scheduled');
  });

  test('nor when the form does not say what was shown', async () => {
    expect((await (await edit())()).status).toBe(409);
    expect(await stateOf(scene.channelId)).toBe('awaiting_approval');
  });
});

test('sending again what stopped is a yes to the revision that was shown', async () => {
  const { db } = server.context;
  const held = { state: 'held', problemCode: 'policy_needs_person' };
  await db.delivery.updateMany({ where: { postId, channelId: scene.channelId }, data: held });
  const page = `/posts/${postId}/settle/${scene.channelId}`;
  const { text } = await person.get(page);
  const formOf = (markup: string) => ({
    ...{ csrf: csrfOf(markup), action: 'retry' },
    ...Object.fromEntries(['rev', 'content_hash', 'places'].map((name) => [name, valueOf(markup, name)])),
  });
  // Its yes counts for the other channel too.
  expect(text).toContain('What is shown');
  expect(text).toContain('What would be hidden');
  const form = formOf(text);
  const changes = { text: 'What nobody saw' };
  await updatePost(server.context, agent.caller, { postId, expectedRev: 1, changes });
  // As the send guard leaves it where a rule asks.
  await db.delivery.updateMany({ where: { postId, channelId: scene.channelId }, data: held });
  expect((await person.post(page, form)).status).toBe(409);
  expect(await stateOf(scene.channelId)).toBe('held');
  expect(await db.approval.count({ where: { postId } })).toBe(0);
  const { text: now } = await person.get(page);
  expect((await person.post(page, formOf(now))).status).toBe(303);
});
