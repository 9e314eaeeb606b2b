import { afterAll, beforeEach, describe, expect, test } from 'vitest';

import { newId } from '../../server/ids.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addConnection, addMember, addPost, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

let server: PagesServer | undefined;
let scene: Scene;
let owner: Visitor;

beforeEach(async () => {
  await server?.[Symbol.asyncDispose]();
  server = await startPagesServer();
  scene = await createScene(server.context);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
});
afterAll(() => server?.[Symbol.asyncDispose]());

const context = () => server!.context;

async function readHome(visitor = owner): Promise<string> {
  return (await visitor.get('/')).text.replaceAll(/\s+/g, ' ');
}

/** The steps that are shown, with what is said of each. */
async function readSteps(visitor = owner): Promise<string[]> {
  const text = await readHome(visitor);
  return [...text.matchAll(/<h3>([^<]+)<span class="hidden">: (done|to do)</g)].map(
    ([, title, state]) => `${title}: ${state}`,
  );
}

async function linkAccount(): Promise<void> {
  const { teamId } = scene.owner;
  const account = { network: 'bluesky', handle: 'bakery.example', remoteAccountId: 'did:plc:b' };
  await context().db.channel.create({ data: { id: newId('channel'), teamId, ...account } });
}

describe('the first steps', () => {
  test('tick themselves off in any order, by what was done', async () => {
    expect(await readSteps()).toEqual([
      'Connect your editor: to do',
      'Link a channel: to do',
      'Publish to the Playground: to do',
    ]);
    await addPost(context(), scene, { text: 'Hello', state: 'published', hoursAhead: -1 });
    expect((await readSteps())[2]).toBe('Publish to the Playground: done');
    await linkAccount();
    expect((await readSteps())[1]).toBe('Link a channel: done');
    const id = await addConnection(context(), scene.owner, 'Editor');
    expect((await readSteps())[0]).toBe('Connect your editor: to do');
    expect(await readHome()).toContain('Allowed. Waiting for its first call…');
    await context().db.connection.update({ where: { id }, data: { firstUsedAt: new Date() } });
    expect((await readSteps())[0]).toBe('Connect your editor: done');
    expect(await readHome()).toContain('You are set up');
  });

  test('go by themselves a day after the last one was done', async () => {
    await addPost(context(), scene, { text: 'Hello', state: 'published', hoursAhead: -60 });
    await linkAccount();
    const id = await addConnection(context(), scene.owner, 'Editor');
    const twoDaysAgo = new Date(Date.now() - 48 * 3_600_000);
    await context().db.connection.update({ where: { id }, data: { firstUsedAt: twoDaysAgo } });
    expect(await readSteps()).toHaveLength(3);
    await context().db.channel.updateMany({ data: { createdAt: twoDaysAgo } });
    expect(await readSteps()).toEqual([]);
  });

  test('of somebody who only looks are to connect an editor, whatever other people have connected', async () => {
    const id = await addConnection(context(), scene.owner, 'Editor of the owner');
    await context().db.connection.update({ where: { id }, data: { firstUsedAt: new Date() } });
    const viewer = createVisitor(server!.url);
    await viewer.signIn(await addMember(context(), scene.owner.teamId, 'viewer'));
    expect(await readSteps(viewer)).toEqual(['Connect your editor: to do']);
    expect(await readHome(viewer)).toContain('Waits for an owner or editor');
  });

  test('are put away in this browser for this team, and come back', async () => {
    const away = await owner.submit('/', '/first-steps', { show: 'no' });
    expect([away.status, away.location]).toEqual([303, '/']);
    expect(await readSteps()).toEqual([]);
    const second = createVisitor(server!.url);
    await second.signIn(OWNER);
    expect(await readSteps(second)).toHaveLength(3);
    await owner.submit('/', '/first-steps', { show: 'yes' });
    expect(await readSteps()).toHaveLength(3);
  });

  test('hold the address for each client in the form that it takes', async () => {
    const text = await readHome();
    const mcpUrl = `${server!.url}/mcp`;
    const [, config] =
      /cursor:\/\/anysphere\.cursor-deeplink\/mcp\/install\?name=grantcast&amp;config=([^"]+)"/.exec(text)!;
    expect(JSON.parse(atob(decodeURIComponent(config!)))).toEqual({ url: mcpUrl });
    const [, code] = /vscode:mcp\/install\?([^"]+)"/.exec(text)!;
    expect(JSON.parse(decodeURIComponent(code!))).toEqual({ name: 'grantcast', type: 'http', url: mcpUrl });
    expect(text).toContain(`value="claude mcp add --transport http grantcast ${mcpUrl}"`);
    expect(text).toContain(`value="codex mcp add grantcast --url ${mcpUrl}"`);
  });
});

test('what needs a person is listed by what it is', async () => {
  await addPost(context(), scene, { text: 'To be approved', state: 'awaiting_approval' });
  await addPost(context(), scene, { text: 'Perhaps out', state: 'unknown' });
  await addPost(context(), scene, { text: 'Held back', state: 'held' });
  await context().db.channel.updateMany({ data: { status: 'needs_reconnect' } });
  const text = await readHome();
  const groups = text.split('<h3>').map((part) => part.replaceAll(/<[^>]+>/g, ' '));
  expect(groups.find((part) => part.startsWith('To approve'))).toContain('To be approved');
  expect(groups.find((part) => part.startsWith('Nobody knows yet'))).toContain('Perhaps out');
  expect(groups.find((part) => part.startsWith('Stopped'))).toContain('Held back');
  expect(groups.find((part) => part.startsWith('Channels to link again'))).toContain('Link Playground');
});

test('the chart has the last 30 days, and the table every one of them', async () => {
  await addPost(context(), scene, { text: 'Out', state: 'published', hoursAhead: -1 });
  await addPost(context(), scene, { text: 'Long out', state: 'published', hoursAhead: -24 * 40 });
  const text = await readHome();
  expect(text).toContain('1 post went out in the last 30 days.');
  expect(text.match(/<time datetime="\d{4}-\d\d-\d\d">/g)).toHaveLength(30);
});
