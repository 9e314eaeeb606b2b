import { afterAll, beforeAll, expect, test } from 'vitest';

import { startOAuthApp, type OAuthApp } from '../oauth/support/oauth-app.ts';

let app: OAuthApp;
beforeAll(async () => {
  app = await startOAuthApp({ TRUST_PROXY: 'true' });
});
afterAll(() => app[Symbol.asyncDispose]());

async function probe(count: number, address: (index: number) => string): Promise<number> {
  await app.context.db.clientEvent.deleteMany();
  for (let index = 0; index < count; index += 1) {
    const headers = { 'x-forwarded-for': address(index), 'user-agent': `stranger ${index}` };
    await fetch(`${app.origin}/.well-known/oauth-authorization-server`, { headers });
  }
  await app.context.clientEvents.flush();
  return app.context.db.clientEvent.count();
}

test('a stranger who never looks the same twice does not fill the table of steps', async () => {
  expect(await probe(400, () => '198.51.100.1')).toBe(300);
  // Others are still noted.
  expect(await probe(20, () => '198.51.100.2')).toBe(20);
});

test('nor do many strangers together', async () => {
  expect(await probe(1_200, (index) => `203.0.113.${index % 250}`)).toBeLessThan(1_000);
});

test('what a connection does is noted all the same', async () => {
  await app.context.db.clientEvent.deleteMany();
  const { clientEvents } = app.context;
  for (let index = 0; index < 1_200; index += 1) {
    clientEvents.record({ kind: 'wrong_path', address: '192.0.2.9', reason: `GET /mcp/${index}` });
  }
  clientEvents.record({ kind: 'scope_challenged', connectionId: 'con_1', address: '192.0.2.9' });
  await clientEvents.flush();
  expect(await app.context.db.clientEvent.count({ where: { connectionId: 'con_1' } })).toBe(1);
});
