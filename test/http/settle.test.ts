import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { newId } from '../../server/ids.ts';
import { addPicture } from '../../server/media/add-picture.ts';
import type { Network } from '../../server/networks/network.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { updatePost } from '../../server/posts/update-post.ts';
import { photo } from '../media/pictures.ts';
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

const retryOf = (markup: string) => ({
  ...{ csrf: csrfOf(markup), action: 'retry', rev: valueOf(markup, 'rev') },
  ...{ content_hash: valueOf(markup, 'content_hash'), places: valueOf(markup, 'places') },
});

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
  const retry = retryOf((await owner.get(page)).text);
  expect((await owner.post(page, retry)).status).toBe(400);
  expect(await deliveryOf(postId)).toMatchObject({ state: 'needs_attention' });
  expect((await owner.post(page, { ...retry, confirmed: 'yes' })).status).toBe(303);
  expect(await deliveryOf(postId)).toMatchObject({ state: 'scheduled' });
  (context.networks as Map<string, typeof playground>).set('playground', playground);
});

it('an address that is refused stays in its field', async () => {
  const postId = await addPost(server.context, scene, { text: 'Where is it?', state: 'needs_attention' });
  const page = `/posts/${postId}/settle/${(await deliveryOf(postId)).channelId}`;
  const permalink = 'https://example.com/?a=1&b="2"';
  const wrong = await owner.submit(page, page, { action: 'record_as_posted', permalink });
  expect(wrong.status).toBe(400);
  expect(wrong.text).toContain('id="field-permalink-error"');
  expect(wrong.text).toContain('value="https://example.com/?a=1&amp;b=&quot;2&quot;" id="field-permalink"');
});

it('a refusal of what the page does not ask for any more is shown all the same', async () => {
  const postId = await addPost(server.context, scene, { text: 'In two tabs', state: 'held' });
  const page = `/posts/${postId}/settle/${(await deliveryOf(postId)).channelId}`;
  const csrf = csrfOf((await owner.get(page)).text);
  const permalink = `${server.context.publicUrl}/playground/${newId('playgroundPost')}`;
  await owner.post(page, { csrf, action: 'record_as_posted', permalink });
  const late = await owner.post(page, {
    csrf,
    action: 'record_as_posted',
    permalink: 'https://example.com/',
  });
  expect(late.status).toBe(400);
  expect(late.text).toContain('There is nothing to settle here.');
  expect(late.text).toContain('This is not the address of a post of this channel on Playground.');
});

describe('what protects against posting twice', () => {
  const playground = () => server.context.networks.get('playground')!;
  let original: Network;
  beforeEach(() => {
    original = playground();
  });
  afterEach(() => offer(original));
  const offer = (network: Network) =>
    (server.context.networks as Map<string, Network>).set('playground', network);

  /** An unclear send, as old as that. */
  async function stopUnclear(text: string, minutes: number): Promise<string> {
    const { db } = server.context;
    const postId = await addPost(server.context, scene, { text, state: 'needs_attention' });
    const { id: deliveryId, channelId } = await deliveryOf(postId);
    const [key, at] = [`${deliveryId}-1`, new Date(Date.now() - minutes * 60_000)];
    await db.deliveryPart.create({ data: { deliveryId, partNo: 1, text, key, frozenAt: at } });
    await db.attempt.create({
      data: {
        ...{ deliveryId, fence: 0, partNo: 1, kind: 'send', payloadHash: Buffer.alloc(32) },
        ...{ idempotencyKey: key, startedAt: at, finishedAt: at, outcome: 'ambiguous' },
      },
    });
    await db.delivery.update({ where: { id: deliveryId }, data: { sendStartedAt: at } });
    return `/posts/${postId}/settle/${channelId}`;
  }

  it('is its key for as long as the network knows that; then the page asks for a tick', async () => {
    offer({ ...original, guarantee: 'idempotent', keyLifetimeSeconds: 3600 });
    const fresh = (await owner.get(await stopUnclear('Just now', 5))).text;
    expect(fresh).toContain('guarantees that it cannot be posted twice by this');
    expect(fresh).not.toContain('I looked at Playground');
    const page = await stopUnclear('An hour ago', 65);
    const { text } = await owner.get(page);
    expect(text).toContain('I looked at Playground');
    expect(text).not.toContain('cannot be posted twice');
    expect((await owner.post(page, retryOf(text))).text).toContain('Look at the network first');
    expect((await owner.post(page, { ...retryOf(text), confirmed: 'yes' })).status).toBe(303);
  });

  it('is nothing where the link may not look: the network is not offered to be asked', async () => {
    offer({ ...original, guaranteeFor: () => 'none' });
    const { text } = await owner.get(await stopUnclear('Of a member', 5));
    expect(text).toContain('Playground cannot be asked');
    expect(text).not.toContain('Ask Playground');
    expect(text).toContain('I looked at Playground');
  });
});

describe('sending again what stopped', () => {
  const LONG = `${'So long that it is cut off somewhere. '.repeat(8)}The end.`;
  let postId: string;
  let secondId: string;
  let page: string;

  beforeEach(async () => {
    const { db } = server.context;
    const { teamId } = scene.owner;
    secondId = newId('channel');
    await db.channel.create({
      data: { id: secondId, teamId, network: 'playground', handle: 'second', remoteAccountId: secondId },
    });
    const bytes = new Uint8Array(await photo(60, 50));
    const altText = 'A loaf on a table';
    const { id } = await addPicture(server.context, scene.owner, { source: 'upload', bytes, altText });
    ({ postId } = await createPost(server.context, scene.owner, {
      ...{ campaignId: scene.campaignId, channelIds: [scene.channelId, secondId] },
      ...{ text: 'For the others', mediaIds: [id] },
      overrides: [
        { channelId: scene.channelId, text: LONG },
        { channelId: secondId, parts: ['A thread', 'and its end'] },
      ],
    }));
    await db.delivery.updateMany({
      where: { postId, channelId: scene.channelId },
      data: {
        ...{ state: 'failed', problemCode: 'rejected', problemMessage: 'It was refused.' },
        scheduledByPersonId: scene.owner.personId,
      },
    });
    page = `/posts/${postId}/settle/${scene.channelId}`;
  });

  const stopped = () =>
    server.context.db.delivery.findFirstOrThrow({ where: { postId, channelId: scene.channelId } });

  it('shows all that it is a yes to: the whole caption, the pictures, and the other channels', async () => {
    const { text } = await owner.get(page);
    const preview = /aria-label="As it looks on [^"]*second[^"]*"[\s\S]*?<\/article>/.exec(text)?.[0];
    expect(text).toContain(LONG);
    expect(text).not.toContain('For the others');
    expect(preview).toContain('A thread');
    expect(preview).toContain('and its end');
    expect(preview).toContain('A loaf on a table');
    expect(text.match(/A loaf on a table<\/span>/g)).toHaveLength(2);
    expect((await owner.post(page, retryOf(text))).status).toBe(303);
    expect(await stopped()).toMatchObject({ state: 'scheduled' });
  });

  it('is refused when the post says or does something else by now, and the page says so', async () => {
    const { db } = server.context;
    const { content_hash: _, ...bare } = retryOf((await owner.get(page)).text);
    expect((await owner.post(page, bare)).status).toBe(409);
    const stale = retryOf((await owner.get(page)).text);
    // As when a picture is described anew, which makes no revision.
    await db.postRevision.updateMany({ where: { postId }, data: { contentHash: Buffer.alloc(32, 7) } });
    const refused = await owner.post(page, stale);
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('The post does not say what was shown.');
    const moved = retryOf(refused.text);
    expect(moved.content_hash).toBe('07'.repeat(32));
    const other = { where: { postId, channelId: secondId } };
    await db.delivery.updateMany({ ...other, data: { dueAt: new Date('2036-12-01T09:00:00Z') } });
    expect((await owner.post(page, moved)).status).toBe(409);
    expect(await stopped()).toMatchObject({ state: 'failed' });
    expect(await db.approval.count({ where: { postId } })).toBe(0);
  });

  it('is not offered for an earlier revision than the one of the post', async () => {
    const changes = { overrides: [{ channelId: secondId, text: 'Only here anew' }] };
    await updatePost(server.context, scene.owner, { postId, expectedRev: 1, changes });
    const { text } = await owner.get(page);
    expect(text).toContain('Revision 1 stopped here, and the post is at revision 2 by now.');
    expect(text).toContain(LONG);
    expect(text).not.toContain('value="retry"');
  });
});

/** The post is live on one more Playground channel too. @returns the channel */
async function addLive(postId: string): Promise<string> {
  const { db } = server.context;
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
  return channelId;
}

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

it('a reason stays in its field while a channel still has the post', async () => {
  const postId = await addPost(server.context, scene, { text: 'Live on a lost channel', state: 'published' });
  const lost = await addLive(postId);
  await server.context.db.channel.update({ where: { id: lost }, data: { disconnectedAt: new Date() } });
  const page = `/posts/${postId}/take-down`;
  const shown = (await owner.get(page)).text;
  expect(shown).toContain(lost);
  const fields: [string, string][] = [scene.channelId, lost].map((id) => ['channel', id]);
  const sent = (reason: string) => owner.post(page, [['csrf', csrfOf(shown)], ['reason', reason], ...fields]);
  const { text } = await sent('The "wrong" date & place');
  expect(text).toContain('this server cannot remove it.');
  expect(text).toContain('value="The &quot;wrong&quot; date &amp; place" id="field-reason"');
  expect((await sent(' ')).text).not.toContain('No reason given.');
});

it('only what the page listed is taken down', async () => {
  const { db } = server.context;
  const postId = await addPost(server.context, scene, { text: 'Live twice', state: 'published' });
  const page = `/posts/${postId}/take-down`;
  const { text } = await owner.get(page);
  const channelId = await addLive(postId);
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
