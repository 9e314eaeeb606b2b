import { request } from 'node:http';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { startPairedApp, type PairedApp } from '../faults/paired-app.ts';

let app: PairedApp;
beforeAll(async () => {
  app = await startPairedApp();
});
afterAll(() => app[Symbol.asyncDispose]());

/** The path as it is written here; fetch would tidy it up. */
function answerTo(path: string): Promise<{ status: number; challenge: string | undefined }> {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number;
    challenge: string | undefined;
  }>();
  const { hostname, port } = new URL(app.origin);
  const headers = { 'content-type': 'application/json' };
  const outgoing = request({ hostname, port, path, method: 'POST', headers }, (response) => {
    response.resume();
    resolve({ status: response.statusCode!, challenge: response.headers['www-authenticate'] });
  });
  outgoing.on('error', reject);
  outgoing.end('{}');
  return promise;
}

test.each([
  '/MCP',
  '/Mcp',
  '/MCP/',
  '/mcp//',
  '//mcp',
  '/%6dcp',
  '/mcp%2f',
  '/mcp%00',
  '/mcp;a=b',
  '/mcp/v1',
  '/mcp.json',
  '/./mcp',
  '/x/../mcp',
  '/mcp%20',
])('%s is not the endpoint', async (path) => {
  const { status, challenge } = await answerTo(path);
  expect([404, 400]).toContain(status);
  expect(challenge).toBeUndefined();
});

test.each(['/mcp', '/mcp/', '/mcp?a=b'])('%s is, and names the metadata of what was called', async (path) => {
  const { status, challenge } = await answerTo(path);
  expect(status).toBe(401);
  const metadata = /resource_metadata="([^"]+)"/.exec(challenge!)![1]!;
  const described = (await (await fetch(metadata)).json()) as { resource: string };
  expect(described.resource).toBe(`${app.origin}${path.split('?')[0]}`);
});
