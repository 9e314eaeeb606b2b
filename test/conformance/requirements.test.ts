import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { SCOPES } from '../../server/scopes.ts';
import { connectClient, openScriptedBrowser, registerClient } from '../support/oauth-client.ts';
import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';

/** Rows of the table in README.md that no other test holds, over HTTP and nothing else. */
let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server[Symbol.asyncDispose]());

const postToken = (form: Record<string, string>) =>
  fetch(`${server.url}/token`, { method: 'POST', body: new URLSearchParams(form) });

describe('metadata', () => {
  it('the resource names its one authorization server, at every path that clients try', async () => {
    const challenge = await fetch(server.mcpUrl, { method: 'POST', body: '{}' });
    const named = /resource_metadata="([^"]+)"/.exec(challenge.headers.get('www-authenticate')!)![1]!;
    const root = `${server.url}/.well-known/oauth-protected-resource`;
    for (const url of [named, `${root}/mcp`, root]) {
      const response = await fetch(url);
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({
        resource: server.mcpUrl,
        authorization_servers: [server.url],
        scopes_supported: SCOPES,
        bearer_methods_supported: ['header'],
        resource_name: 'Grantcast',
      });
    }
  });

  it('offline_access is offered by the authorization server alone', async () => {
    const challenge = await fetch(server.mcpUrl, { method: 'POST', body: '{}' });
    expect(challenge.headers.get('www-authenticate')).not.toContain('offline_access');
    const resource = await fetch(`${server.url}/.well-known/oauth-protected-resource/mcp`);
    expect(await resource.text()).not.toContain('offline_access');
    const metadata = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
    expect(await metadata.json()).toMatchObject({
      scopes_supported: expect.arrayContaining(['offline_access']),
    });
  });
});

describe('the token endpoint', () => {
  it('token answers, good and bad, are not to be kept', async () => {
    const client = await connectClient(server.url, openScriptedBrowser(server.url), OWNER);
    const good = await client.refresh(client.tokens.refresh_token);
    const bad = await client.refresh('nothing');
    expect([good.status, bad.status]).toEqual([200, 400]);
    for (const { headers } of [good, bad]) expect(headers.get('cache-control')).toContain('no-store');
  });

  it('the token endpoint names its errors as the RFC does', async () => {
    const { clientId } = await registerClient(server.url);
    const cases: [Record<string, string>, number, string][] = [
      [{ grant_type: 'authorization_code', client_id: clientId }, 400, 'invalid_request'],
      [{ grant_type: 'refresh_token', refresh_token: 'x', client_id: clientId }, 400, 'invalid_grant'],
      [{ grant_type: 'refresh_token', refresh_token: 'x', client_id: 'nobody' }, 401, 'invalid_client'],
      [{ client_id: clientId }, 400, 'invalid_request'],
    ];
    for (const [form, status, error] of cases) {
      const response = await postToken(form);
      expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([
        status,
        error,
      ]);
    }
  });
});

it('no other grant and no other response is served', async () => {
  const metadata = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
  expect(await metadata.json()).toMatchObject({
    grant_types_supported: ['authorization_code', 'refresh_token'],
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment'],
  });
  const client = await registerClient(server.url);
  const { clientId: client_id } = client;
  for (const grant_type of [
    'password',
    'client_credentials',
    'urn:ietf:params:oauth:grant-type:jwt-bearer',
  ]) {
    const response = await postToken({
      grant_type,
      client_id,
      username: OWNER.email,
      password: OWNER.password,
    });
    expect(await response.json()).toMatchObject({ error: 'unsupported_grant_type' });
  }
  for (const response_type of ['token', 'id_token', 'code token', 'none']) {
    const { url } = client.startAuthorization({ response_type });
    const answer = await fetch(url, { redirect: 'manual', headers: { accept: 'text/html' } });
    expect(`${answer.headers.get('location')} ${await answer.text()}`).not.toContain('/interaction/');
  }
});

it('there is no way to sign people out by a link', async () => {
  const browser = openScriptedBrowser(server.url);
  await browser.submit(await browser.open(`${server.url}/sign-in`), 'Sign in', OWNER);
  for (const path of ['/session/end', '/sign-out', '/logout']) await browser.open(`${server.url}${path}`);
  const home = await browser.open(server.url);
  expect([home.status, new URL(home.url).pathname]).toEqual([200, '/']);
});
