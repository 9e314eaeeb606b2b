import { generateKeyPairSync, sign } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import type { Context } from '../../server/context.ts';
import { createClientDocuments } from '../../server/oauth/client-documents.ts';
import { moveTime } from '../support/move-time.ts';
import { approve, createClient, openScriptedBrowser } from '../support/oauth-client.ts';
import { openTestContext } from '../support/test-context.ts';
import { OWNER, startTestServer } from '../support/test-server.ts';
import {
  REDIRECT_URI,
  sendJson,
  sendStatus,
  startDocumentHost,
  type DocumentHost,
} from './support/document-host.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';

const METADATA = '/.well-known/oauth-authorization-server';
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

let host: DocumentHost;
beforeAll(async () => {
  host = await startDocumentHost();
});
afterAll(() => host[Symbol.asyncDispose]());

async function readMetadata(app: { origin: string }): Promise<Record<string, unknown>> {
  return (await (await fetch(`${app.origin}${METADATA}`)).json()) as Record<string, unknown>;
}

describe('documents are offered', () => {
  let context: Context;
  beforeAll(async () => {
    context = await openTestContext();
  });
  beforeEach(() => context.db.clientDocument.deleteMany());
  afterAll(() => context[Symbol.asyncDispose]());

  /** The internet as one server sees it: what each known host answers. */
  function open(input: {
    publicUrl?: string;
    setting?: 'auto' | 'on' | 'off';
    answers?: Record<string, number | Error>;
  }) {
    const { publicUrl = 'https://grantcast.example.com', setting = 'auto', answers = {} } = input;
    const asked: string[] = [];
    const answer = async (url: string | URL) => {
      asked.push(String(url));
      const found = answers[new URL(url).host] ?? 200;
      if (found instanceof Error) throw found;
      const document = { client_id: String(url), redirect_uris: [REDIRECT_URI] };
      return new Response(JSON.stringify(document), { status: found });
    };
    const documents = createClientDocuments({
      ...context,
      publicUrl,
      config: { ...context.config, clientDocuments: setting },
      fetch: Object.assign(answer, { close: async () => undefined }),
    });
    return { documents, asked };
  }

  it('where the server is public and each known host lets it read', async () => {
    const { documents, asked } = open({});
    expect(documents.isOffered()).toBe(false);
    await vi.waitUntil(() => documents.isOffered());
    expect(asked.map((url) => new URL(url).host).toSorted()).toEqual([
      'chatgpt.com',
      'claude.ai',
      'vscode.dev',
    ]);
    documents[Symbol.dispose]();
  });

  it('also where a known document has moved, because its host still answers', async () => {
    const { documents } = open({ answers: { 'claude.ai': 404, 'chatgpt.com': 410 } });
    await expect.poll(() => documents.isOffered()).toBe(true);
    documents[Symbol.dispose]();
  });

  it.each<[string, Record<string, number | Error>]>([
    ['one host keeps this server out', { 'claude.ai': 403 }],
    ['one host has too many questions', { 'chatgpt.com': 429 }],
    ['one host cannot be reached', { 'vscode.dev': new TypeError('fetch failed') }],
    ['all have moved', { 'vscode.dev': 404, 'claude.ai': 404, 'chatgpt.com': 404 }],
  ])('not where %s', async (_name, answers) => {
    const { documents, asked } = open({ answers });
    await vi.waitUntil(() => asked.length === 3);
    await new Promise(setImmediate);
    expect([documents.isEnabled, documents.isOffered()]).toEqual([true, false]);
    await expect(documents.ensureReadable('https://a.example.com/c', '192.0.2.1')).rejects.toMatchObject({
      error: 'invalid_client',
      error_description: expect.stringContaining('register instead'),
    });
    expect(asked).toHaveLength(3);
    documents[Symbol.dispose]();
  });

  it('again as soon as the hourly look finds that it can', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const answers: Record<string, number> = { 'claude.ai': 403 };
    const { documents, asked } = open({ answers });
    await vi.waitUntil(() => asked.length === 3);
    answers['claude.ai'] = 200;
    vi.advanceTimersByTime(3_600_000);
    vi.useRealTimers();
    await vi.waitUntil(() => documents.isOffered());
    expect(asked).toHaveLength(6);
    documents[Symbol.dispose]();
  });

  it.each([
    'http://grantcast.example.com',
    'https://localhost',
    'https://127.0.0.1',
    'https://10.0.0.5',
    'https://[::1]',
    'https://[fd00::1]',
    'https://grantcast',
    'https://grantcast.local',
    'https://grantcast.internal',
  ])('never at %s unless told so', (publicUrl) => {
    const auto = open({ publicUrl });
    expect([auto.documents.isEnabled, auto.documents.isOffered(), auto.asked]).toEqual([false, false, []]);
    const on = open({ publicUrl, setting: 'on' });
    expect([on.documents.isEnabled, on.documents.isOffered(), on.asked]).toEqual([true, true, []]);
    const off = open({ setting: 'off' });
    expect([off.documents.isEnabled, off.documents.isOffered(), off.asked]).toEqual([false, false, []]);
  });

  it('to nobody new while they cannot be read, but those that are known go on', async () => {
    const known = 'https://a.example.com/c';
    const before = open({ setting: 'on' });
    await before.documents.ensureReadable(known, undefined);
    const { documents, asked } = open({ answers: { 'claude.ai': 403, 'a.example.com': 403 } });
    await vi.waitUntil(() => asked.length === 3);
    await moveTime(context, { days: 2 });
    await documents.ensureReadable(known, undefined);
    expect(((await (await documents.fetch(known)).json()) as { client_id: string }).client_id).toBe(known);
    documents[Symbol.dispose]();
  });
});

describe('the setting', () => {
  it('off: nothing is said of documents, and none is read', async () => {
    await using app = await startOAuthApp({ CLIENT_DOCUMENTS: 'off', ALLOW_PRIVATE_HOSTS: host.host });
    expect(await readMetadata(app)).not.toHaveProperty('client_id_metadata_document_supported');
    const clientId = host.publish();
    const browser = await app.openBrowser();
    const page = await browser.open(
      createClient(app.origin, clientId, REDIRECT_URI).startAuthorization().url,
    );
    expect([page.status, page.leavesFor]).toEqual([400, null]);
    expect(host.countRequests(clientId)).toBe(0);
  });

  it('on: metadata says so, and that a client may show a key', async () => {
    await using app = await startOAuthApp({ CLIENT_DOCUMENTS: 'on' });
    const metadata = await readMetadata(app);
    expect(metadata['client_id_metadata_document_supported']).toBe(true);
    expect(metadata['token_endpoint_auth_methods_supported']).toEqual([
      'none',
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ]);
    expect(metadata['token_endpoint_auth_signing_alg_values_supported']).toContain('ES256');
  });
});

describe('a client whose document has keys', () => {
  let app: OAuthApp;
  beforeAll(async () => {
    app = await startOAuthApp({ CLIENT_DOCUMENTS: 'on', ALLOW_PRIVATE_HOSTS: host.host });
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it.each(['jwks', 'jwks_uri'])(
    'proves who it is with one of them (%s), and is nobody without',
    async (source) => {
      const { assert, jwks } = createKeys();
      const keysAt = host.newId();
      host.answer(keysAt, sendJson(jwks));
      const clientId = host.publish({
        token_endpoint_auth_method: 'private_key_jwt',
        ...(source === 'jwks' ? { jwks } : { jwks_uri: keysAt }),
      });
      const client = createClient(app.origin, clientId, REDIRECT_URI);
      const request = client.startAuthorization();
      const back = await approve(await app.openBrowser(), request.url);
      const code = back.searchParams.get('code')!;
      expect((await client.exchange(code, request)).status).toBe(401);
      const stranger = createKeys();
      const forged = stranger.assert(clientId, app.origin);
      expect((await client.exchange(code, request, prove(forged))).status).toBe(401);
      const assertion = assert(clientId, app.origin);
      const response = await client.exchange(code, request, prove(assertion));
      const tokens = (await response.json()) as { access_token: string; refresh_token: string };
      expect([response.status, await app.judge(tokens.access_token)]).toEqual([200, 'ok']);
      expect((await client.refresh(tokens.refresh_token, prove(assertion))).status).toBe(401);
      const again = assert(clientId, `${app.origin}/token`);
      expect((await client.refresh(tokens.refresh_token, prove(again))).status).toBe(200);
      // Nor is the answer that was kept for a repeated request given to a thief of the refresh token.
      expect((await client.refresh(tokens.refresh_token)).status).toBe(401);
      expect((await client.refresh(tokens.refresh_token, prove(forged))).status).toBe(401);
      const repeated = assert(clientId, app.origin);
      expect((await client.refresh(tokens.refresh_token, prove(repeated))).status).toBe(200);
      expect(host.countRequests(clientId)).toBe(1);
      expect(host.countRequests(keysAt)).toBe(source === 'jwks' ? 0 : 1);
    },
  );
});

describe('a client with keys, where a proxy that nobody told of ends TLS', () => {
  it('addresses its proof to the endpoint as it knows it', async () => {
    const publicUrl = 'https://grantcast.example';
    await using app = await startOAuthApp({
      PUBLIC_URL: publicUrl,
      CLIENT_DOCUMENTS: 'on',
      ALLOW_PRIVATE_HOSTS: host.host,
    });
    const { assert, jwks } = createKeys();
    const clientId = host.publish({ token_endpoint_auth_method: 'private_key_jwt', jwks });
    const exchangeFor = (audience: string) =>
      postAs(new URL(publicUrl).host, `${app.origin}/token`, {
        grant_type: 'authorization_code',
        ...{ code: 'none', redirect_uri: REDIRECT_URI, code_verifier: 'x'.repeat(43) },
        ...prove(assert(clientId, audience)),
      });
    expect(await exchangeFor(`${publicUrl}/token`)).toMatchObject({ error: 'invalid_grant' });
    expect(await exchangeFor(publicUrl)).toMatchObject({ error: 'invalid_grant' });
    expect(await exchangeFor('http://grantcast.example/token')).toMatchObject({ error: 'invalid_client' });
    expect(await exchangeFor('https://other.example/token')).toMatchObject({ error: 'invalid_client' });
  });
});

describe('through a restart', () => {
  it('a client refreshes although the host of its document keeps this server out since', async () => {
    await using server = await startTestServer({
      CLIENT_DOCUMENTS: 'on',
      ALLOW_PRIVATE_HOSTS: host.host,
    });
    const origin = server.url;
    const clientId = host.publish();
    const client = createClient(origin, clientId, REDIRECT_URI);
    const request = client.startAuthorization({ resource: server.mcpUrl });
    const back = await approve(openScriptedBrowser(origin), request.url, OWNER);
    const response = await client.exchange(back.searchParams.get('code')!, request);
    const { refresh_token: refreshToken } = (await response.json()) as { refresh_token: string };
    host.answer(clientId, sendStatus(403));
    await moveTime(server.running.context, { days: 2 });
    await server.restart();
    const refreshed = await client.refresh(refreshToken);
    expect([refreshed.status, await refreshed.json()]).toMatchObject([200, { token_type: 'Bearer' }]);
    expect(host.countRequests(clientId)).toBe(2);
  });
});

function createKeys() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const kid = crypto.randomUUID();
  const assert = (clientId: string, audience: string) => {
    const iat = Math.floor(Date.now() / 1000);
    const claims = { iss: clientId, sub: clientId, aud: audience, iat, exp: iat + 60 };
    const signed = [
      { alg: 'ES256', kid },
      { ...claims, jti: crypto.randomUUID() },
    ]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    const signature = sign('sha256', Buffer.from(signed), {
      key: privateKey,
      dsaEncoding: 'ieee-p1363',
    });
    return `${signed}.${signature.toString('base64url')}`;
  };
  const jwk = publicKey.export({ format: 'jwk' });
  return { assert, jwks: { keys: [{ ...jwk, kid, use: 'sig', alg: 'ES256' }] } };
}

function prove(assertion: string) {
  return { client_assertion: assertion, client_assertion_type: JWT_BEARER };
}

/** Under another name than the one it is reached at, which fetch cannot do. */
async function postAs(name: string, url: string, parameters: Record<string, string>): Promise<unknown> {
  const body = new URLSearchParams(parameters).toString();
  const headers = { host: name, 'content-type': 'application/x-www-form-urlencoded' };
  const request = http.request(url, { method: 'POST', headers }).end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return json(response);
}
