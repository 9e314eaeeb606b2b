import { request } from 'node:http';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { SCOPES } from '../../server/scopes.ts';
import { connectClient, scopesOf, type TestConnection } from '../domain/connect-client.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';
import { modernRequest, serveMcp, type ServedMcp } from './serve-mcp.ts';

let context: Context;
let owner: TestOwner;
let served: ServedMcp;
let drafter: TestConnection;

const METADATA = 'resource_metadata="https://cast.example/.well-known/oauth-protected-resource/mcp"';
const ALL =
  'campaigns:read campaigns:write captions:read captions:write schedule:read schedule:write posts:publish analytics:read audit:read media:read media:write';
const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };
const call = (name: string, input: object = {}) => ({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name, arguments: input },
});

beforeAll(async () => {
  context = await openTestContext({
    PUBLIC_URL: 'https://cast.example',
    MCP_ALLOWED_ORIGIN_HOSTS: 'editor.example',
  });
  owner = await createOwner(context);
  served = await serveMcp(context);
  drafter = await connectClient(context, owner, scopesOf('draft'));
});

afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await context[Symbol.asyncDispose]();
});

const bearer = (token = drafter.token) => ({ authorization: `Bearer ${token}` });

describe('challenges, byte for byte', () => {
  test('the scopes of the challenge are all eleven', () => {
    expect(SCOPES.join(' ')).toBe(ALL);
  });

  test.each([
    ['no header', {}],
    ['another scheme', { authorization: 'Basic dXNlcjpwYXNz' }],
    ['no token', { authorization: 'Bearer ' }],
  ])('%s: 401 without an error code', async (_, headers) => {
    const response = await served.post(LIST, headers);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(`Bearer ${METADATA}, scope="${ALL}"`);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });

  test('a token in the query string is none', async () => {
    const response = await fetch(`${served.url}?access_token=${drafter.token}`, { method: 'POST' });
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).not.toContain('error=');
  });

  test('an unknown token: 401 invalid_token', async () => {
    const response = await served.post(LIST, bearer('unknown'));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer error="invalid_token", error_description="The access token is not valid here", scope="${ALL}", ${METADATA}`,
    );
    expect(await response.json()).toMatchObject({ error: 'invalid_token' });
  });

  test('an expired token: 401 invalid_token that says refresh', async () => {
    const { token, caller } = await connectClient(context, owner);
    await context.db.oidcToken.updateMany({
      where: { grant: { connectionId: caller.connectionId } },
      data: { expiresAt: new Date(Date.now() - 1000) },
    });
    const response = await served.post(LIST, bearer(token));
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(
      `Bearer error="invalid_token", error_description="The access token expired; refresh it", scope="${ALL}", ${METADATA}`,
    );
  });

  test('a token for another audience and one of a revoked connection are invalid', async () => {
    const { token, caller } = await connectClient(context, owner);
    await context.db.oidcToken.updateMany({
      where: { grant: { connectionId: caller.connectionId } },
      data: { payload: { scope: ALL, aud: 'https://other.example/mcp' } },
    });
    expect((await served.post(LIST, bearer(token))).status).toBe(401);
    const revoked = await connectClient(context, owner);
    expect((await served.post(LIST, bearer(revoked.token))).status).toBe(200);
    await context.db.connection.update({
      where: { id: revoked.caller.connectionId },
      data: { revokedAt: new Date() },
    });
    expect((await served.post(LIST, bearer(revoked.token))).status).toBe(401);
  });

  test('a tool outside the grant: 403 with the union, in both eras and in batches', async () => {
    const union = new Set<string>([...scopesOf('draft'), 'schedule:write']);
    const expected = `Bearer error="insufficient_scope", scope="${SCOPES.filter((scope) => union.has(scope)).join(' ')}", ${METADATA}`;
    const modern = modernRequest('tools/call', { name: 'schedule_post', arguments: {} });
    for (const response of [
      await served.post(call('schedule_post'), bearer()),
      await served.post([LIST, call('schedule_post')], bearer()),
      await served.post(modern.body, { ...bearer(), ...modern.headers }),
    ]) {
      expect(response.status).toBe(403);
      expect(response.headers.get('www-authenticate')).toBe(expected);
    }
  });
});

describe('methods', () => {
  test.each(['GET', 'DELETE', 'PUT'])('%s: 401 without a token, 405 with one', async (method) => {
    expect((await fetch(served.url, { method })).status).toBe(401);
    const response = await fetch(served.url, { method, headers: bearer() });
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toContain('POST');
  });

  test('the first probe of a client of 2024 meets a 401', async () => {
    const response = await fetch(served.url, { headers: { 'mcp-protocol-version': '2024-11-05' } });
    expect(response.status).toBe(401);
  });

  test('other paths are not served', async () => {
    expect((await fetch(served.url.replace('/mcp', '/mcpx'))).status).toBe(404);
    expect((await fetch(`${served.url}/`, { method: 'POST' })).status).toBe(401);
  });
});

describe('sessions', () => {
  test.each(['stale', '00000000-0000-4000-8000-000000000000', 'a'.repeat(500)])(
    'the session id %.20s hurts nothing',
    async (id) => {
      const response = await served.post(LIST, { ...bearer(), 'mcp-session-id': id });
      expect(response.status).toBe(200);
      expect(response.headers.get('mcp-session-id')).toBeNull();
    },
  );

  test('initialize mints no session, and a notification is a bare 202', async () => {
    const response = await served.post(
      {
        jsonrpc: '2.0',
        id: 1,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'x', version: '1' } },
      },
      bearer(),
    );
    expect(response.status).toBe(200);
    expect(response.headers.get('mcp-session-id')).toBeNull();
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    const note = await served.post({ jsonrpc: '2.0', method: 'notifications/initialized' }, bearer());
    expect(note.status).toBe(202);
    expect(await note.text()).toBe('');
  });
});

describe('what is not served', () => {
  test('a foreign origin and a foreign host: 403', async () => {
    expect((await served.post(LIST, { ...bearer(), origin: 'https://evil.example' })).status).toBe(403);
    expect((await served.post(LIST, { ...bearer(), origin: 'null' })).status).toBe(403);
    expect(await statusForHost('evil.example')).toBe(403);
    expect(await statusForHost('cast.example')).toBe(401);
    expect(await statusForHost('localhost:1234')).toBe(401);
  });

  test('a body that is no JSON, of another type, or too large', async () => {
    const broken = await served.post('{', bearer());
    expect(broken.status).toBe(400);
    expect(await broken.json()).toMatchObject({ error: { code: -32_700 } });
    expect((await served.post('x', { ...bearer(), 'content-type': 'text/plain' })).status).toBe(415);
    expect((await served.post(JSON.stringify('x'.repeat(1_100_000)), bearer())).status).toBe(413);
  });

  test.each(['null', '1', '"x"', '[]', '[null]', '{}', '{"method":"tools/call","params":null}'])(
    'the body %s is refused as JSON-RPC does',
    async (body) => {
      const response = await served.post(body, bearer());
      expect([200, 202, 400]).toContain(response.status);
    },
  );

  test('an unknown tool is a protocol error in both eras', async () => {
    const earlier = await served.post(call('no_such_tool'), bearer());
    expect(await earlier.text()).toContain('"code":-32602');
    const modern = modernRequest('tools/call', { name: 'no_such_tool', arguments: {} });
    const response = await served.post(modern.body, { ...bearer(), ...modern.headers });
    expect(await response.json()).toMatchObject({ error: { code: -32_602 } });
  });

  async function statusForHost(host: string): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const outgoing = request(served.url, { method: 'POST', headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode!);
    });
    outgoing.on('error', reject);
    outgoing.end();
    return promise;
  }
});

describe('browsers', () => {
  test.each(['http://localhost:6274', 'https://cast.example', 'https://editor.example'])(
    'a page of %s may call and read the challenge',
    async (origin) => {
      const preflight = await fetch(served.url, {
        method: 'OPTIONS',
        headers: {
          origin,
          'access-control-request-method': 'POST',
          'access-control-request-headers':
            'authorization,content-type,mcp-protocol-version,mcp-param-x,x-evil',
        },
      });
      expect(preflight.status).toBe(204);
      expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
      expect(preflight.headers.get('access-control-allow-headers')).toBe(
        'authorization, content-type, mcp-protocol-version, mcp-param-x',
      );
      const response = await served.post(LIST, { origin });
      expect(response.status).toBe(401);
      expect(response.headers.get('access-control-allow-origin')).toBe(origin);
      expect(response.headers.get('access-control-expose-headers')).toContain('WWW-Authenticate');
      expect(response.headers.get('vary')).toContain('Origin');
      const good = await served.post(LIST, { origin, ...bearer() });
      expect(good.headers.get('access-control-allow-origin')).toBe(origin);
    },
  );
});

describe('tools/list', () => {
  async function listFor(
    connection: TestConnection,
  ): Promise<{ tools: { name: string }[]; [member: string]: unknown }> {
    const { headers, body } = modernRequest('tools/list');
    const response = await served.post(body, { ...bearer(connection.token), ...headers });
    const { result } = (await response.json()) as { result: { tools: { name: string }[] } };
    return result;
  }

  test('is private, may be kept a while, and says which server it is', async () => {
    const { ttlMs, cacheScope } = await listFor(drafter);
    expect(cacheScope).toBe('private');
    expect(ttlMs).toBeGreaterThan(0);
    expect(ttlMs).toBeLessThanOrEqual(300_000);
  });

  test('shows what the scopes and the role allow, in a fixed order', async () => {
    const names = async (connection: TestConnection) =>
      (await listFor(connection)).tools.map(({ name }) => name);
    const all = await names(await connectClient(context, owner));
    expect(all).toEqual(NAMES);
    const reading = NAMES.filter((name) => /^(list|get|preview|find)_/.test(name));
    expect(reading).toHaveLength(12);
    expect(await names(await connectClient(context, owner, scopesOf('look')))).toEqual(reading);
    expect(await names(await connectClient(context, owner, ['media:read']))).toEqual(['list_media']);

    const demoted = await createOwner(context);
    const theirs = await connectClient(context, demoted);
    await context.db.membership.updateMany({
      where: { personId: demoted.person.id },
      data: { role: 'viewer' },
    });
    expect(await names(theirs)).toEqual(reading);
  });

  test('a viewer’s call to a writing tool is told, not challenged', async () => {
    const demoted = await createOwner(context);
    const { token } = await connectClient(context, demoted);
    await context.db.membership.updateMany({
      where: { personId: demoted.person.id },
      data: { role: 'viewer' },
    });
    const { headers, body } = modernRequest('tools/call', {
      name: 'create_campaign',
      arguments: { name: 'x', goal: 'y' },
    });
    const response = await served.post(body, { ...bearer(token), ...headers });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      result: { isError: true, structuredContent: { code: 'viewer' } },
    });
  });
});

/** In the order in which clients are shown them. */
const NAMES = [
  'list_campaigns',
  'get_campaign',
  'create_campaign',
  'update_campaign',
  'list_channels',
  'generate_captions',
  'create_post',
  'list_posts',
  'get_post',
  'update_post',
  'preview_post',
  'discard_post',
  'find_slots',
  'schedule_post',
  'cancel_schedule',
  'request_approval',
  'publish_post',
  'resolve_delivery',
  'take_down_post',
  'get_post_metrics',
  'get_campaign_metrics',
  'get_channel_metrics',
  'list_activity',
  'upload_media',
  'list_media',
  'update_media',
  'delete_media',
];
