import { request } from 'node:http';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { connectClient, scopesOf, type TestConnection } from '../domain/connect-client.ts';
import { createOwner, openTestContext } from '../support/test-context.ts';
import { modernRequest, serveMcp, type ServedMcp } from './serve-mcp.ts';

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

let context: Context;
let served: ServedMcp;
let drafter: TestConnection;
beforeAll(async () => {
  context = await openTestContext({ PUBLIC_URL: 'https://cast.example' });
  served = await serveMcp(context);
  drafter = await connectClient(context, await createOwner(context), scopesOf('draft'));
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await context[Symbol.asyncDispose]();
});

const bearer = () => ({ authorization: `Bearer ${drafter.token}` });

/** With headers that fetch would not send. */
function statusOf(headers: Record<string, string>): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const outgoing = request(served.url, { method: 'POST', headers }, (response) => {
    response.resume();
    resolve(response.statusCode!);
  });
  outgoing.on('error', reject);
  outgoing.end();
  return promise;
}

describe('DNS rebinding', () => {
  test.each([
    'https://evil.example',
    'https://cast.example.evil.example',
    'https://evilcast.example',
    'https://127.0.0.1.evil.example',
    'https://localhost.evil.example',
    'https://cast.example@evil.example',
    'https://evil.example/#cast.example',
    'chrome-extension://abcdefgh',
    'file://',
    'null',
    'cast.example',
    'https://',
  ])('a page of %s is refused, also with a good token', async (origin) => {
    const response = await served.post(LIST, { ...bearer(), origin });
    expect(response.status).toBe(403);
    expect(response.headers.get('www-authenticate')).toBeNull();
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await fetch(served.url, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });

  test.each([
    ['evil.example', 403],
    ['cast.example.evil.example', 403],
    ['127.0.0.1.nip.example', 403],
    ['cast.example@evil.example', 403],
    ['0.0.0.0', 403],
    ['169.254.169.254', 403],
    ['cast.example', 401],
    ['CAST.example', 401],
    ['cast.example:8443', 401],
    ['127.0.0.1', 401],
    ['[::1]:3000', 401],
  ])('under the name %s: %i', async (host, status) => {
    expect(await statusOf({ host })).toBe(status);
  });
});

describe('headers that contradict the body', () => {
  const { headers, body } = modernRequest('tools/call', { name: 'list_channels', arguments: {} });
  const { 'mcp-name': _name, ...nameless } = headers as Record<string, string>;
  const { 'mcp-method': _method, ...methodless } = headers as Record<string, string>;
  const { 'mcp-protocol-version': _version, ...versionless } = headers as Record<string, string>;

  test.each([
    ['another tool', { ...headers, 'mcp-name': 'list_campaigns' }],
    ['a tool that needs less', { ...headers, 'mcp-name': 'list_posts' }],
    ['no tool', nameless],
    ['a tool that is no base64', { ...headers, 'mcp-name': '=?base64?%%%?=' }],
    ['another tool in base64', { ...headers, 'mcp-name': `=?base64?${btoa('list_posts')}?=` }],
    ['another method', { ...headers, 'mcp-method': 'tools/list' }],
    ['no method', methodless],
    ['no version', versionless],
    ['a version of the future', { ...headers, 'mcp-protocol-version': '2036-01-01' }],
    ['no date for a version', { ...headers, 'mcp-protocol-version': 'v999.0.0' }],
    [
      'an earlier version and another tool',
      { ...headers, 'mcp-protocol-version': '2025-11-25', 'mcp-name': 'list_posts' },
    ],
    [
      'an earlier version and another method',
      { ...headers, 'mcp-protocol-version': '2025-11-25', 'mcp-method': 'tools/list' },
    ],
  ])('%s: 400', async (_, sent) => {
    const response = await served.post(body, { ...bearer(), ...(sent as Record<string, string>) });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({
      error: { code: expect.toBeOneOf([-32_020, -32_022]) as number },
    });
  });

  test('the tool that is judged is that of the body', async () => {
    const publish = modernRequest('tools/call', { name: 'publish_post', arguments: {} });
    const response = await served.post(publish.body, {
      ...bearer(),
      ...publish.headers,
      'mcp-name': 'list_posts',
    });
    expect(response.status).toBe(403);
  });
});

describe('a header of 2025 with a body of 2026-07-28', () => {
  const { body } = modernRequest('tools/call', { name: 'list_channels', arguments: {} });
  const earlier = { 'mcp-protocol-version': '2025-11-25' };

  test('is served as what the body is, and noted', async () => {
    const response = await served.post(body, { ...bearer(), ...earlier });
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ result: { resultType: 'complete' } });
    await context.clientEvents.flush();
    const event = await context.db.clientEvent.findFirst({ where: { kind: 'header_shim_used' } });
    expect(event).toMatchObject({
      clientId: drafter.caller.clientId,
      connectionId: drafter.caller.connectionId,
    });
  });

  test('also with a name that no header can carry', async () => {
    const unknown = modernRequest('tools/call', { name: 'größe\n', arguments: {} });
    const response = await served.post(unknown.body, { ...bearer(), ...earlier });
    expect(await response.json()).toMatchObject({ error: { code: -32_602 } });
  });

  test('passes no check by', async () => {
    const publish = modernRequest('tools/call', { name: 'publish_post', arguments: {} });
    expect((await served.post(publish.body, earlier)).status).toBe(401);
    expect((await served.post(publish.body, { ...bearer(), ...earlier })).status).toBe(403);
  });

  test('is refused when the setting says so', async () => {
    await using strict = await openTestContext({ MCP_HEADER_SHIM: 'false' });
    await using server = await serveMcp(strict);
    const { token } = await connectClient(strict, await createOwner(strict));
    const response = await server.post(body, { authorization: `Bearer ${token}`, ...earlier });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { code: -32_020 } });
  });
});

describe('a browser’s page reads every refusal', () => {
  test.each([
    ['no token', 401, {}, LIST],
    ['a bad token', 401, { authorization: 'Bearer x' }, LIST],
    ['a missing scope', 403, bearer, { ...LIST, method: 'tools/call', params: { name: 'schedule_post' } }],
    ['another type', 415, () => ({ ...bearer(), 'content-type': 'text/plain' }), 'x'],
    ['too much', 413, bearer, JSON.stringify('x'.repeat(1_100_000))],
    ['no JSON', 400, bearer, '{'],
    ['a good call', 200, bearer, LIST],
  ] as const)('%s: %i', async (_, status, headers, body) => {
    const sent = typeof headers === 'function' ? headers() : headers;
    const response = await served.post(body, { ...sent, origin: 'https://cast.example' });
    expect(response.status).toBe(status);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://cast.example');
    const exposed = response.headers.get('access-control-expose-headers') ?? '';
    expect(exposed).toContain('WWW-Authenticate');
    expect(exposed).toContain('Mcp-Session-Id');
  });

  test('and that of another method', async () => {
    const response = await fetch(served.url, { headers: { ...bearer(), origin: 'https://cast.example' } });
    expect(response.status).toBe(405);
    expect(response.headers.get('access-control-allow-origin')).toBe('https://cast.example');
  });
});
