import { afterAll, beforeAll, expect, test } from 'vitest';

import { addClientConnection, addClientEvents } from '../http/support/clients-scene.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { addMember, createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { createVisitor } from '../http/support/visitor.ts';

const ADDRESS = '203.0.113.77';
const EARLIER = '203.0.113.78';

let server: PagesServer;
let scene: Scene;
let pages: string[];
beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
});
afterAll(() => server[Symbol.asyncDispose]());

async function read(credentials: { email: string; password: string }): Promise<string> {
  const visitor = createVisitor(server.url);
  await visitor.signIn(credentials);
  const shown = await Promise.all(pages.map((path) => visitor.get(path)));
  return shown.map(({ text }) => text).join('\n');
}

test('where a connection is used from is for its person and for owners, as in the activity', async () => {
  const { context } = server;
  const [editor, viewer] = [
    await addMember(context, scene.owner.teamId, 'editor'),
    await addMember(context, scene.owner.teamId, 'viewer'),
  ];
  const { id, clientId } = await addClientConnection(context, editor.caller, {
    ...{ clientName: 'Own editor', lastAddress: ADDRESS },
  });
  await addClientEvents(context, [
    { kind: 'registered', clientId, address: EARLIER, userAgent: 'Editor/1' },
    { kind: 'first_call', clientId, connectionId: id, address: ADDRESS, userAgent: 'Editor/1' },
  ]);
  const list = createVisitor(server.url);
  await list.signIn(OWNER);
  const group = /\/connections\/clients\/grp_[0-9a-f]+/.exec((await list.get('/connections')).text)![0];
  pages = ['/connections', `/connections/${id}`, group];
  for (const allowed of [OWNER, editor]) {
    const text = await read(allowed);
    expect([text.includes(ADDRESS), text.includes(EARLIER)]).toEqual([true, true]);
  }
  const text = await read(viewer);
  expect([text.includes(ADDRESS), text.includes(EARLIER)]).toEqual([false, false]);
  expect(text).toContain('Own editor');
});
