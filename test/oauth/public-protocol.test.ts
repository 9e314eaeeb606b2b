import http from 'node:http';

import { expect, it } from 'vitest';

import { registerClient } from '../support/oauth-client.ts';
import { startOAuthApp } from './support/oauth-app.ts';

/** What a proxy that ends TLS does, without saying so by a header. */
function requestAs(
  host: string,
  options: { port: string; path: string; cookie?: string },
): Promise<http.IncomingMessage> {
  const { port, path, cookie } = options;
  const headers = { host, accept: 'text/html', ...(cookie ? { cookie } : {}) };
  return new Promise((resolve, reject) => {
    http
      .get({ hostname: '127.0.0.1', port, path, headers }, (response) => {
        response.resume();
        resolve(response);
      })
      .on('error', reject);
  });
}

it.each(['false', 'true'])(
  'every cookie of the library is Secure under an https address, whatever the last hop was (TRUST_PROXY=%s)',
  async (trustProxy) => {
    await using app = await startOAuthApp({
      PUBLIC_URL: 'https://grantcast.example',
      TRUST_PROXY: trustProxy,
      CLIENT_DOCUMENTS: 'off',
    });
    const { port } = new URL(app.origin);
    const id = 'dyn_secure';
    const payload = {
      client_id: id,
      redirect_uris: ['https://a.example/cb'],
      token_endpoint_auth_method: 'none',
    };
    await app.context.db.client.create({ data: { id, payload } });
    const query = new URLSearchParams({
      ...{ client_id: id, response_type: 'code', redirect_uri: 'https://a.example/cb' },
      ...{ code_challenge: 'a'.repeat(43), code_challenge_method: 'S256' },
    });
    const started = await requestAs('grantcast.example', { port, path: `/authorize?${query}` });
    expect(started.statusCode).toBe(303);
    const cookies = started.headers['set-cookie'] ?? [];
    expect(cookies.map((line) => line.split('=')[0])).toEqual(
      expect.arrayContaining(['as_int', 'as_int.sig', 'as_res', 'as_res.sig']),
    );
    for (const line of cookies) expect(line).toMatch(/; secure(;|$)/i);
    const cookie = cookies.map((line) => line.split(';')[0]).join('; ');
    const { pathname } = new URL(started.headers.location!, 'https://grantcast.example');
    const asked = await requestAs('grantcast.example', { port, path: pathname, cookie });
    expect([asked.statusCode, asked.headers.location]).toEqual([
      303,
      `/sign-in?return_to=${encodeURIComponent(pathname)}`,
    ]);
  },
);

it('none is over plain http, where a browser would drop it', async () => {
  await using app = await startOAuthApp();
  const client = await registerClient(app.origin);
  const response = await fetch(client.startAuthorization().url, { redirect: 'manual' });
  expect(response.headers.getSetCookie().length).toBeGreaterThan(0);
  for (const line of response.headers.getSetCookie()) expect(line).not.toMatch(/secure/i);
});
