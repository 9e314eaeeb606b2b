import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { moveTime } from '../support/move-time.ts';
import {
  approve,
  findWayBack,
  openScriptedBrowser,
  registerClient,
  type OAuthClient,
  type Page,
  type ScriptedBrowser,
} from '../support/oauth-client.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';

const EVIL = 'https://evil.example/landing';

let app: OAuthApp;
let browser: ScriptedBrowser;
beforeAll(async () => {
  app = await startOAuthApp();
});
beforeEach(async () => {
  browser = await app.openBrowser();
  await app.context.db.rateLimit.deleteMany();
});
afterAll(() => app[Symbol.asyncDispose]());

const registerAt = (redirectUri: string) =>
  registerClient(app.origin, { redirect_uris: [redirectUri], client_name: 'Free <b>prize</b>' });

/** Wrong requests whose error the library sends to the client (RFC 6749, 4.1.2.1). */
const WRONG_REQUESTS: Record<string, Record<string, string | null>> = {
  'prompt=none': { prompt: 'none' },
  'an unknown response type': { response_type: 'token' },
  'no response type': { response_type: null },
  'several response types': { response_type: 'code token' },
  'no challenge': { code_challenge: null, code_challenge_method: null },
  'a plain challenge': { code_challenge_method: 'plain' },
  'a short challenge': { code_challenge: 'x' },
  'another resource': { resource: 'https://other.example/mcp' },
  'a request object': { request: 'eyJ9.e30.' },
  'a request_uri': { request_uri: 'urn:x' },
  'a registration': { registration: '{}' },
  'a response mode in the fragment': { response_mode: 'fragment', prompt: 'none' },
  'an unknown response mode': { response_mode: 'web_message' },
  'a response mode with JWT': { response_mode: 'jwt' },
  'a form as response mode': { response_mode: 'form_post', prompt: 'none' },
  'prompt=none with others': { prompt: 'none login' },
};

function expectPage(page: Page, host: string): void {
  expect([page.status, page.leavesFor, page.headers.get('location')]).toEqual([400, null, null]);
  expect(page.headers.get('refresh')).toBeNull();
  expect(page.html).not.toMatch(/http-equiv="refresh"|<form|<script/);
  expect(page.html).toContain(`<strong>${host}</strong>`);
  expect(page.html).toContain('Free &lt;b>prize&lt;/b>');
}

describe('a wrong request of a client that nobody allowed', () => {
  it.each(Object.entries(WRONG_REQUESTS))('stays on this server: %s', async (_name, parameters) => {
    const client = await registerAt(EVIL);
    for (const visitor of [browser, openScriptedBrowser(app.origin)]) {
      const page = await visitor.open(client.startAuthorization(parameters).url);
      expectPage(page, 'evil.example');
      const wayBack = new URL(findWayBack(page));
      const answer = new URLSearchParams(wayBack.hash.slice(1) || wayBack.search);
      expect(`${wayBack.origin}${wayBack.pathname}`).toBe(EVIL);
      expect(answer.get('error')).toMatch(/^[a-z_]+$/);
      expect([answer.get('iss'), answer.get('state')]).toEqual([app.origin, expect.any(String)]);
    }
  });

  it.each([
    ['http://127.0.0.1:43210/callback', '127.0.0.1'],
    ['cursor://anysphere.cursor-mcp/oauth/callback', 'cursor:'],
  ])('opens no app on this computer by itself either: %s', async (redirectUri, host) => {
    const client = await registerAt(redirectUri);
    expectPage(await browser.open(client.startAuthorization({ prompt: 'none' }).url), host);
  });

  it('in the language of the person', async () => {
    const client = await registerAt(EVIL);
    const page = await browser.open(client.startAuthorization({ prompt: 'none' }).url, {
      headers: { 'accept-language': 'de-DE, en;q=0.5' },
    });
    expectPage(page, 'evil.example');
    expect(page.html).toMatch(/<html lang="de">.*Weiter zu <bdi>evil\.example/s);
  });

  it('sent by POST or asked for by HEAD, too', async () => {
    const client = await registerAt(EVIL);
    const url = new URL(client.startAuthorization({ prompt: 'none' }).url);
    const posted = await browser.open('/authorize', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: url.searchParams.toString(),
    });
    expectPage(posted, 'evil.example');
    const asked = await fetch(url, { method: 'HEAD', redirect: 'manual' });
    expect([asked.status, asked.headers.get('location')]).toEqual([400, null]);
  });
});

describe('a client that the person allowed', () => {
  async function allow(): Promise<OAuthClient> {
    const client = await registerAt(EVIL);
    await approve(browser, client.startAuthorization().url);
    return client;
  }

  it.each(Object.entries(WRONG_REQUESTS).filter(([, { request, request_uri: uri }]) => !request && !uri))(
    'is told its mistake at once: %s',
    async (_name, parameters) => {
      const client = await allow();
      const { leavesFor } = await browser.open(client.startAuthorization(parameters).url);
      const answer = new URL(leavesFor!);
      const members = new URLSearchParams(answer.hash.slice(1) || answer.search);
      expect([members.get('iss'), members.has('error')]).toEqual([app.origin, true]);
    },
  );

  it('is not, once that was revoked, nor to anybody else', async () => {
    const client = await allow();
    const wrong = () => client.startAuthorization({ prompt: 'none' }).url;
    expectPage(await openScriptedBrowser(app.origin).open(wrong()), 'evil.example');
    const other = await app.context.db.person.create({
      data: { id: 'per_other', email: 'other@example.com', name: 'Other', passwordHash: 'none' },
    });
    expectPage(await (await app.openBrowser(other.id)).open(wrong()), 'evil.example');
    await app.context.db.connection.updateMany({
      where: { clientId: client.clientId },
      data: { revokedAt: new Date() },
    });
    expectPage(await browser.open(wrong()), 'evil.example');
  });
});

describe('a client that is not known', () => {
  it.each([
    'dyn_00000000000000000000000000000000',
    'https://a.example/client.json',
    'x'.repeat(5000),
    "' or 1=1 --",
    '../../etc/passwd',
  ])('gets a page that says what to do, and no redirect: %s', async (clientId) => {
    const client = await registerAt(EVIL);
    const page = await browser.open(client.startAuthorization({ client_id: clientId }).url);
    expect([page.status, page.leavesFor]).toEqual([400, null]);
    expect(page.html).not.toContain('href="https://evil.example');
    expect(page.html).toContain('Remove Grantcast in the app and add it again');
  });
});

describe('redirect URIs that only look like the registered ones', () => {
  const WEB = 'https://app.example/oauth/callback?tenant=1';
  const NATIVE = 'http://127.0.0.1:33418/callback';
  it.each([
    ...[
      'https://app.example/oauth/callback',
      'https://app.example/oauth/callback?tenant=2',
      'https://app.example/oauth/callback?tenant=1&tenant=2',
      'https://app.example/oauth/callback?tenant=1#x',
      'https://app.example/oauth/callback/?tenant=1',
      'https://app.example/oauth/../oauth/callback?tenant=1',
      'https://app.example/oauth/%2e%2e/oauth/callback?tenant=1',
      'https://app.example/oauth//callback?tenant=1',
      'https://app.example/oauth/callback%3Ftenant=1',
      'https://app.example/oauth/callback%00?tenant=1',
      'https://app.example/OAuth/callback?tenant=1',
      'https://APP.example/oauth/callback?tenant=1',
      'https://app.example:443/oauth/callback?tenant=1',
      'https://app.example:8443/oauth/callback?tenant=1',
      'https://app.example./oauth/callback?tenant=1',
      'https://app.example.evil.example/oauth/callback?tenant=1',
      'https://evil.example/app.example/oauth/callback?tenant=1',
      'https://app.example@evil.example/oauth/callback?tenant=1',
      'https://evil.example\\@app.example/oauth/callback?tenant=1',
      'https://user@app.example/oauth/callback?tenant=1',
      'https://аpp.example/oauth/callback?tenant=1',
      'https://app。example/oauth/callback?tenant=1',
      'http://app.example/oauth/callback?tenant=1',
      '//app.example/oauth/callback?tenant=1',
      ' https://app.example/oauth/callback?tenant=1',
      'https://app.example/oauth/callback?tenant=1 ',
      'https://app.example\t/oauth/callback?tenant=1',
      'javascript:https://app.example/oauth/callback?tenant=1',
      'data:text/html,https://app.example/oauth/callback?tenant=1',
      'https://app.example',
    ].map((uri) => [WEB, uri] as const),
    ...[
      'http://127.0.0.1:33418/callback/',
      'http://127.0.0.1:33418/other',
      'http://127.0.0.1:33418/callback?x=1',
      'http://127.0.0.1:33418/callback#x',
      'http://localhost:33418/callback',
      'http://[::1]:33418/callback',
      'http://127.0.0.2:33418/callback',
      'http://127.1:33418/callback',
      'http://2130706433:33418/callback',
      'http://0.0.0.0:33418/callback',
      'http://127.0.0.1.evil.example:33418/callback',
      'http://127.0.0.1:33418@evil.example/callback',
      'http://user@127.0.0.1:33418/callback',
      'http://127.0.0.1:99999/callback',
      'http://127.0.0.1:33418:80/callback',
      'https://127.0.0.1:33418/callback',
      'cursor://127.0.0.1:33418/callback',
    ].map((uri) => [NATIVE, uri] as const),
  ])('%s is not %s', async (registered, asked) => {
    const client = await registerAt(registered);
    const page = await browser.open(client.startAuthorization({ redirect_uri: asked }).url);
    expect([page.status, page.leavesFor]).toEqual([400, null]);
    expect(page.html).toContain('unknown address');
    expect(page.html).not.toContain('Allow');
  });

  it('are refused when there are two, or none', async () => {
    const client = await registerAt(WEB);
    const url = new URL(client.startAuthorization().url);
    url.searchParams.append('redirect_uri', EVIL);
    const twice = await browser.open(url.href);
    expect([twice.status, twice.leavesFor]).toEqual([400, null]);
    expect(twice.html).not.toContain('evil.example');
  });

  it('but another port of this computer is the same app', async () => {
    const client = await registerAt(NATIVE);
    for (const port of [1024, 51_234, 65_535]) {
      const page = await browser.open(
        client.startAuthorization({ redirect_uri: `http://127.0.0.1:${port}/callback` }).url,
      );
      expect(page.html).toContain('Allow');
    }
  });
});

describe('an address that starts too much', () => {
  it('is told to wait, except whoever is signed in there', async () => {
    const client = await registerAt(EVIL);
    const { url } = client.startAuthorization();
    const start = () => fetch(url, { redirect: 'manual' });
    expect((await start()).status).toBe(303);
    await app.context.db.$executeRaw`
      update rate_limit set points = 300 where key like 'authorize_address%'`;
    const refused = await start();
    const html = await refused.text();
    expect([refused.status, refused.headers.get('location')]).toEqual([429, null]);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(html).toContain('start again from your app');
    expect((await browser.open(url)).html).toContain('Allow');
    await moveTime(app.context, { seconds: 601 });
    expect((await start()).status).toBe(303);
  });
});
