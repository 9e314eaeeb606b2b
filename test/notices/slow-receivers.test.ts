import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import type { Context } from '../../server/context.ts';
import { addWebhook, testWebhook } from '../../server/notices/webhooks.ts';
import { callDueWebhooks } from '../../workers/call-webhooks.ts';
import { createPublishingTeam } from '../publishing/fixtures.ts';
import { openTestContext } from '../support/test-context.ts';

/** Answers nothing at /slow until `held` is let go. */
const held: ServerResponse[] = [];
let told: string[] = [];
const server = createServer((request, response) => {
  told.push(request.url!);
  if (request.url === '/slow') held.push(response);
  else response.writeHead(204).end();
});
let context: Context;
let host: string;

const letGo = () => {
  for (const response of held.splice(0)) response.writeHead(204).end();
};

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  context = await openTestContext({ ALLOW_PRIVATE_HOSTS: host });
});
afterAll(async () => {
  await context[Symbol.asyncDispose]();
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  told = [];
  await context.db.webhook.deleteMany();
});

async function addTold(path: string, notices: number): Promise<void> {
  const { caller } = await createPublishingTeam(context);
  const { id } = await addWebhook(context, caller, { url: `http://${host}${path}` });
  for (let count = 0; count < notices; count += 1) await testWebhook(context, caller, id);
}

test('a team whose receiver takes its time keeps no other team waiting, and has few calls under way', async () => {
  await addTold('/slow', 30);
  await addTold('/quick', 1);
  const calling = callDueWebhooks(context);
  await vi.waitFor(() => expect(told).toContain('/quick'), { timeout: 5000 });
  // What becomes due while slow calls are under way does not wait for them either.
  await addTold('/later', 1);
  await vi.waitFor(() => expect(told).toContain('/later'), { timeout: 5000 });
  expect(told.filter((path) => path === '/slow').length).toBeLessThanOrEqual(4);
  const letting = setInterval(letGo, 5);
  expect(await calling).toBe(32);
  clearInterval(letting);
  expect(told.filter((path) => path === '/slow')).toHaveLength(30);
});
