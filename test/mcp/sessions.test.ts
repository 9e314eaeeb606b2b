import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { connectClient, type TestConnection } from '../domain/connect-client.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';
import { modernRequest, serveMcp, type ServedMcp } from './serve-mcp.ts';

let context: Context;
let served: ServedMcp;
let [mine, theirs] = [{}, {}] as [TestOwner, TestOwner];
let me: TestConnection;
let revoked: TestConnection;

beforeAll(async () => {
  context = await openTestContext();
  served = await serveMcp(context);
  [mine, theirs] = [await createOwner(context), await createOwner(context)];
  [me, revoked] = [await connectClient(context, mine), await connectClient(context, theirs)];
  await context.db.connection.update({
    where: { id: revoked.caller.connectionId },
    data: { revokedAt: new Date() },
  });
});

afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await context[Symbol.asyncDispose]();
});

/** Ids that a thief may have, chose, or found. */
const IDS = {
  'an id that nobody ever had': () => randomUUID(),
  'the id of somebody else’s connection': () => revoked.caller.connectionId,
  'somebody else’s token': () => revoked.token,
  'one’s own token': () => me.token,
  'an id of 500 characters': () => 'a'.repeat(500),
  'an id with a path in it': () => '../../etc/passwd',
};

describe.each(Object.entries(IDS))('the session id is %s', (_, idOf) => {
  const bearer = (token: string) => ({ authorization: `Bearer ${token}`, 'mcp-session-id': idOf() });

  test('with a good token it changes nothing about who calls', async () => {
    const earlier = await served.post(
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_channels', arguments: {} } },
      bearer(me.token),
    );
    const { headers, body } = modernRequest('tools/call', { name: 'list_channels', arguments: {} });
    for (const response of [earlier, await served.post(body, { ...headers, ...bearer(me.token) })]) {
      const text = await response.text();
      expect(response.status).toBe(200);
      expect(text).toContain(mine.playgroundChannelId);
      expect(text).not.toContain(theirs.playgroundChannelId);
      expect(response.headers.get('mcp-session-id')).toBeNull();
    }
  });

  test('without a token, or with a revoked one, it opens nothing', async () => {
    const list = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
    expect((await served.post(list, { 'mcp-session-id': idOf() })).status).toBe(401);
    expect((await served.post(list, bearer(revoked.token))).status).toBe(401);
  });

  test('it cannot be listened to or ended', async () => {
    for (const method of ['GET', 'DELETE']) {
      const response = await fetch(served.url, {
        method,
        headers: { ...bearer(me.token), 'last-event-id': '1' },
      });
      expect(response.status).toBe(405);
      expect((await fetch(served.url, { method, headers: { 'mcp-session-id': idOf() } })).status).toBe(401);
    }
  });
});

describe('state that a client brings along (requestState)', () => {
  const call = (extra: object) => {
    const { headers, body } = modernRequest('tools/call', { name: 'list_channels', arguments: {} });
    const params = { ...body.params, ...extra };
    return served.post({ ...body, params }, { ...headers, authorization: `Bearer ${me.token}` });
  };
  const forged = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');

  test.each([
    ['plain', { requestState: 'x' }],
    ['that names another person', { requestState: forged({ sub: 'per_0' }) }],
    ['that names another tool', { requestState: forged({ tool: 'publish_post', approved: true }) }],
    ['that is no text', { requestState: { team_id: 'tem_0' } }],
    [
      'with answers to questions that nobody asked',
      { inputResponses: { approve: { action: 'accept' } }, requestState: '' },
    ],
    ['of a megabyte less some', { requestState: 'x'.repeat(900_000) }],
  ])('%s is left out of account or refused', async (_, extra) => {
    const response = await call(extra);
    const text = await response.text();
    expect([200, 400]).toContain(response.status);
    expect(text).toMatch(new RegExp(`"code":-32602|${mine.playgroundChannelId}`));
    expect(text).not.toContain(theirs.playgroundChannelId);
  });
});
