import { afterAll, beforeAll, expect, test } from 'vitest';

import { stopServer } from '../../server/deliveries/stop-server.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addConnection, addMember, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  await addConnection(server.context, scene.owner, 'Cursor');
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
});
afterAll(() => server[Symbol.asyncDispose]());

const reason = 'Somebody <else> posts';
const stop = (what: string, visitor = owner, from = '/stops') =>
  visitor.submit(from, '/stops', { what, reason });
const latest = () => server.context.db.killSwitch.findFirstOrThrow({ orderBy: { createdAt: 'desc' } });

test('an owner stops everything, Home says so, and it goes on', async () => {
  expect((await owner.get('/stops')).text).toContain('Nothing is stopped.');
  expect((await stop('everything')).location).toBe('/stops?done=stopped');
  expect((await owner.get('/stops')).text).toContain('Somebody &lt;else> posts');
  expect((await owner.get('/')).text).toContain('Publishing is stopped.');
  const { id } = await latest();
  expect((await owner.submit('/stops', `/stops/${id}/lift`)).location).toBe('/stops?done=stop_lifted');
  expect((await owner.get('/')).text).not.toContain('Publishing is stopped.');
  const activity = (await owner.get('/activity')).text;
  expect(activity).toContain('stopped publishing');
  expect(activity).toContain('let publishing go on');
});

test('networks, channels and clients of the team are offered, and each can be stopped', async () => {
  const { text } = await owner.get('/stops');
  const offered = [...text.matchAll(/<option value="([^"]+)"/g)].map((match) => match[1]!);
  expect(offered.map((value) => value.split(':')[0])).toEqual(
    expect.arrayContaining(['everything', 'network', 'channel', 'client']),
  );
  for (const what of offered) {
    expect((await stop(what)).location).toBe('/stops?done=stopped');
    const { id, kind, target } = await latest();
    expect(target === null ? kind : `${kind}:${target}`).toBe(what);
    await owner.submit('/stops', `/stops/${id}/lift`);
  }
  expect(await server.context.db.killSwitch.count()).toBe(0);
});

test('what is wrong with a stop is told, and what was written stays', async () => {
  const unnamed = await owner.submit('/stops', '/stops', { what: 'everything', reason: ' ' });
  expect(unnamed.status).toBe(400);
  expect(unnamed.text).toContain('Say in a few words why');
  for (const what of ['', 'team:x', 'channel:chn_of_somebody_else', 'network:nowhere', 'client:unknown']) {
    const refused = await stop(what);
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('value="Somebody &lt;else> posts"');
  }
  await stop('network:playground');
  expect((await owner.get('/')).text).toContain('Publishing is stopped in part.');
  expect((await stop('network:playground')).text).toContain('That is stopped already.');
  await owner.submit('/stops', `/stops/${(await latest()).id}/lift`);
});

test('others look and change nothing; what the operator stopped no owner lifts', async () => {
  await stop('everything');
  const { id } = await latest();
  const editor = createVisitor(server.url);
  await editor.signIn(await addMember(server.context, scene.owner.teamId, 'editor'));
  const page = (await editor.get('/stops')).text;
  expect(page).toContain('Only an owner of the team stops publishing');
  expect(page).not.toContain('Let it go on');
  expect((await editor.submit('/people', `/stops/${id}/lift`)).status).toBe(403);
  expect((await stop('network:playground', editor, '/people')).status).toBe(403);
  await owner.submit('/stops', `/stops/${id}/lift`);

  await stopServer(server.context, { kind: 'everything', target: null, reason: 'Maintenance' });
  expect((await owner.get('/stops')).text).toContain('Only the operator lets it go on.');
  expect((await owner.submit('/stops', `/stops/${(await latest()).id}/lift`)).status).toBe(404);
  expect(await server.context.db.killSwitch.count()).toBe(1);
});
