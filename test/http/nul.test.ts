import { afterAll, beforeAll, expect, it } from 'vitest';

import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

// PostgreSQL stores no NUL: what brings one is refused as what it is, not reported as a fault of the server.

let server: TestServer;
let visitor: Visitor;
beforeAll(async () => {
  server = await startTestServer();
  visitor = createVisitor(server.url);
  await visitor.signIn(OWNER);
});
afterAll(() => server[Symbol.asyncDispose]());

it.each([
  '/posts/%00',
  '/connections/con%00/revoke',
  '/posts?show=%00',
  '/set-up/%00',
  '/let-in/%00',
  '/interaction/%00',
  '/authorize?response_type=code&client_id=%00',
])('GET %s', async (path) => {
  expect((await visitor.get(path)).status).toBe(400);
});

it('a form', async () => {
  const stranger = createVisitor(server.url);
  expect((await stranger.signIn({ email: 'a\0@example.com', password: 'wrong' })).status).toBe(401);
});

it.each(['/token', '/revoke'])('POST %s', async (path) => {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: '\0',
    code: '\0',
    token: '\0',
  });
  const response = await fetch(`${server.url}${path}`, { method: 'POST', body });
  expect([response.status, await response.json()]).toMatchObject([401, { error: 'invalid_client' }]);
});

it('a registration', async () => {
  const response = await fetch(`${server.url}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ client_name: 'a\0b', redirect_uris: ['http://localhost/callback'] }),
  });
  expect([response.status, await response.json()]).toMatchObject([400, { error: 'invalid_client_metadata' }]);
});
