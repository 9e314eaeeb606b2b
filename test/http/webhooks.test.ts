import { afterAll, beforeAll, expect, test } from 'vitest';

import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

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

const URL_OF_HOOK = 'https://hooks.example.com/1?a=<b>';

test('an owner adds a webhook, sees its secret once, tests it and removes it', async () => {
  expect((await owner.get('/webhooks')).text).toContain('Nobody is told yet.');
  const added = await owner.submit('/webhooks', '/webhooks', { url: URL_OF_HOOK });
  expect(added.status).toBe(200);
  expect(added.text).toMatch(/value="whsec_[\w+/]+=*"/);
  const again = await owner.get('/webhooks');
  expect(again.text).not.toContain('whsec_');
  const { id } = await server.context.db.webhook.findFirstOrThrow();
  expect((await owner.submit('/webhooks', `/webhooks/${id}/test`)).location).toBe(
    '/webhooks?done=webhook_tested',
  );
  expect((await owner.get('/webhooks')).text).toContain('1 call waits');
  expect((await owner.submit('/webhooks', `/webhooks/${id}/remove`)).location).toBe(
    '/webhooks?done=webhook_removed',
  );
  expect((await owner.get('/activity')).text).toContain('removed a webhook');
});

test('a wrong address is told at its field and stays there to be corrected', async () => {
  const wrong = await owner.submit('/webhooks', '/webhooks', { url: 'ftp://example.com' });
  expect(wrong.status).toBe(400);
  expect(wrong.text).toContain('This is not an address that can be called.');
  expect(wrong.text).toContain('value="ftp://example.com"');
});

test('others look and change nothing', async () => {
  await owner.submit('/webhooks', '/webhooks', { url: URL_OF_HOOK });
  const { id } = await server.context.db.webhook.findFirstOrThrow();
  const editor = createVisitor(server.url);
  await editor.signIn(await addMember(server.context, scene.owner.teamId, 'editor'));
  const page = await editor.get('/webhooks');
  expect(page.text).toContain('hooks.example.com');
  expect(page.text).not.toContain('Remove');
  for (const act of ['enable', 'test', 'remove']) {
    expect((await editor.submit('/people', `/webhooks/${id}/${act}`)).status).toBe(403);
  }
  expect((await editor.submit('/people', '/webhooks', { url: URL_OF_HOOK })).status).toBe(403);
  expect(await server.context.db.webhook.count()).toBe(1);
});
