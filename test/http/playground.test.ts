import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { likeTimelinePost } from '../../server/posts/like-timeline-post.ts';
import { collectMetrics } from '../../workers/collect-metrics.ts';
import { connectClient } from '../domain/connect-client.ts';
import { createOwner, type TestOwner } from '../support/test-context.ts';
import { callTool } from '../tools/call-tool.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, addPost, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let person: Visitor;
let viewer: Visitor;
let postId: string;
let path: string;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  [person, viewer] = [createVisitor(server.url), createVisitor(server.url)];
  await person.signIn(OWNER);
  await viewer.signIn(await addMember(server.context, scene.owner.teamId, 'viewer'));
});
afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  await server.context.db.playgroundPost.deleteMany();
  postId = await addPost(server.context, scene, { text: 'Fresh bread', state: 'published', hoursAhead: -1 });
  path = `/playground/${(await readEntry()).id}`;
});

const readEntry = () => server.context.db.playgroundPost.findFirstOrThrow();
const like = (who: Visitor, wish: 'yes' | 'no') => who.submit(path, `${path}/like`, { like: wish });
const countsOn = (text: string) => /seen by (\d+)<.*liked by (\d+)</s.exec(text)?.slice(1).map(Number);

describe('a like', () => {
  test('is one per person, whatever the role, and can be taken back', async () => {
    expect(await like(person, 'yes')).toMatchObject({ status: 303, location: path });
    await like(person, 'yes');
    await like(viewer, 'yes');
    const { text } = await person.get(path);
    expect(countsOn(text)).toEqual([2, 2]);
    expect(text).toContain('Take back your like');
    await like(person, 'no');
    await like(person, 'no');
    expect((await readEntry()).likedBy).toHaveLength(1);
    expect((await person.get('/playground')).text).toMatch(/value="yes"[^>]*>\s*Like\s*</);
    expect((await viewer.get('/playground')).text).toContain('Take back your like');
  });

  test('sent many times at once is one', async () => {
    const { id } = await readEntry();
    const wish = { id, isLiked: true };
    await Promise.all(Array.from({ length: 8 }, () => likeTimelinePost(server.context, scene.owner, wish)));
    expect((await readEntry()).likedBy).toEqual([scene.owner.personId]);
  });

  test('of a later part of a thread is one of the whole', async () => {
    const { id: _id, media: _media, ...first } = await readEntry();
    const second = 'pgp_0192f0c0000070008000000000000001';
    await server.context.db.playgroundPost.create({
      data: { ...first, id: second, partNo: 1, text: 'And rolls' },
    });
    await person.submit(path, `/playground/${second}/like`, { like: 'yes' });
    const parts = await server.context.db.playgroundPost.findMany({ orderBy: { partNo: 'asc' } });
    expect(parts.map(({ likedBy }) => likedBy.length)).toEqual([1, 0]);
  });

  test('needs the form of the page, and the team', async () => {
    expect((await person.post(`${path}/like`, { like: 'yes', csrf: 'x' })).status).toBe(403);
    const stranger: TestOwner = await createOwner(server.context);
    const wish = { id: (await readEntry()).id, isLiked: true };
    await expect(likeTimelinePost(server.context, stranger.caller, wish)).rejects.toMatchObject({
      kind: 'NotFound',
    });
    const visitor = createVisitor(server.url);
    expect((await visitor.submit('/sign-in', `${path}/like`, { like: 'yes' })).location).toBe('/sign-in');
    expect((await readEntry()).likedBy).toEqual([]);
  });
});

describe('a view', () => {
  test('is one per person and entry, on its own page or among the others', async () => {
    expect((await readEntry()).viewedBy).toEqual([]);
    expect(countsOn((await person.get('/playground')).text)).toEqual([1, 0]);
    expect(countsOn((await person.get(path)).text)).toEqual([1, 0]);
    expect(countsOn((await viewer.get(path)).text)).toEqual([2, 0]);
    expect(countsOn((await viewer.get('/playground')).text)).toEqual([2, 0]);
    expect((await readEntry()).viewedBy).toHaveLength(2);
  });
});

describe('the numbers of a post', () => {
  const collect = async () => {
    const where = { postId };
    await server.context.db.delivery.updateMany({ where, data: { metricsDueAt: new Date(0) } });
    await collectMetrics(server.context, new AbortController().signal);
  };

  test('are told by get_post_metrics and shown on its page, as of when they were asked for', async () => {
    expect((await person.get(`/posts/${postId}`)).text).toContain(
      'They come a few minutes after publishing.',
    );
    await like(viewer, 'yes');
    await person.get(path);
    await collect();
    await like(person, 'yes');
    const { teamId, personId } = scene.owner;
    const owner = { team: { id: teamId }, person: { id: personId }, caller: scene.owner } as TestOwner;
    const { caller } = await connectClient(server.context, owner);
    const told = await callTool(server.context, caller, 'get_post_metrics', { post_id: postId });
    expect(told).toMatchObject({
      output: { channels: [{ status: 'measured', views: 2, likes: 1, clicks: null }] },
    });
    const { text } = await viewer.get(`/posts/${postId}`);
    expect(text).toMatch(/Views<\/dt>\s*<dd>2<.*Likes<\/dt>\s*<dd>1</s);
    expect(text).toMatch(/Comments<\/dt>\s*<dd><span class="hint">not told by the network</);
    expect(text).toMatch(/Numbers as of\s*<time/);
  });

  test('of what the network no longer has are the last there were, and say so', async () => {
    await collect();
    await server.context.db.playgroundPost.deleteMany();
    await collect();
    const { text } = await person.get(`/posts/${postId}`);
    expect(text).toMatch(/The network no longer has it; the last numbers are as of\s*<time/);
  });

  test('are not spoken of before anything went out', async () => {
    const draft = await addPost(server.context, scene, { text: 'Later' });
    expect((await person.get(`/posts/${draft}`)).text).not.toContain('umbers');
  });
});
