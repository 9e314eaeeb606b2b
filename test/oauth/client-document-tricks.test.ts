import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { createGuardedFetch, type AddressLookup } from '../../server/fetch.ts';
import { createClientDocuments } from '../../server/oauth/client-documents.ts';
import { createClient, type Page } from '../support/oauth-client.ts';
import {
  REDIRECT_URI,
  sendJson,
  sendStatus,
  startDocumentHost,
  type Answer,
  type DocumentHost,
} from './support/document-host.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';

let host: DocumentHost;
let app: OAuthApp;
beforeAll(async () => {
  host = await startDocumentHost();
  app = await startOAuthApp({ CLIENT_DOCUMENTS: 'on', ALLOW_PRIVATE_HOSTS: host.host });
});
beforeEach(() => app.context.db.rateLimit.deleteMany());
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

async function openPage(clientId: string, redirectUri = REDIRECT_URI): Promise<Page> {
  const browser = await app.openBrowser();
  return browser.open(createClient(app.origin, clientId, redirectUri).startAuthorization().url);
}

/** No consent, no redirect, and nothing that would serve later. */
async function expectRefused(clientId: string, page: Page): Promise<void> {
  expect([page.status, page.leavesFor]).toEqual([400, null]);
  expect(page.html).not.toContain('Allow');
  expect(await app.context.db.clientDocument.count({ where: { url: clientId, body: { not: null } } })).toBe(
    0,
  );
  expect(await app.context.db.client.count({ where: { id: clientId } })).toBe(0);
}

type Tricky = (clientId: string) => unknown;
const good = (clientId: string) => ({ client_id: clientId, redirect_uris: [REDIRECT_URI] });
const withMember =
  (member: Record<string, unknown>): Tricky =>
  (clientId) => ({ ...good(clientId), ...member });

const TRICKY_DOCUMENTS: Record<string, Tricky> = {
  'no JSON': () => 'client_id=x',
  'an empty body': () => '',
  null: () => 'null',
  'a list': (clientId) => [good(clientId)],
  'a string': (clientId) => JSON.stringify(clientId),
  'no client_id': () => ({ redirect_uris: [REDIRECT_URI] }),
  'the client_id of another': withMember({ client_id: 'https://vscode.dev/oauth/client-metadata.json' }),
  'its client_id in capitals': (clientId) => ({ ...good(clientId), client_id: clientId.toUpperCase() }),
  'its client_id with a slash more': (clientId) => ({ ...good(clientId), client_id: `${clientId}/` }),
  'its client_id with a query': (clientId) => ({ ...good(clientId), client_id: `${clientId}?` }),
  'a list of client_ids': (clientId) => ({ ...good(clientId), client_id: [clientId] }),
  'its client_id only in a second member of that name': (clientId) =>
    `{"client_id":${JSON.stringify(clientId)},"client_id":"https://a.example/c","redirect_uris":["${REDIRECT_URI}"]}`,
  'a client_secret': withMember({ client_secret: 'a'.repeat(40) }),
  'an empty client_secret': withMember({ client_secret: '' }),
  'a client_secret_expires_at': withMember({ client_secret_expires_at: 0 }),
  client_secret_basic: withMember({ token_endpoint_auth_method: 'client_secret_basic' }),
  client_secret_post: withMember({ token_endpoint_auth_method: 'client_secret_post' }),
  client_secret_jwt: withMember({ token_endpoint_auth_method: 'client_secret_jwt' }),
  tls_client_auth: withMember({ token_endpoint_auth_method: 'tls_client_auth' }),
  'a list of methods': withMember({ token_endpoint_auth_method: ['none'] }),
  'private_key_jwt without keys': withMember({ token_endpoint_auth_method: 'private_key_jwt' }),
  'private_key_jwt with two sources of keys': withMember({
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [] },
    jwks_uri: 'https://a.example/jwks',
  }),
  'private_key_jwt with keys over http': withMember({
    token_endpoint_auth_method: 'private_key_jwt',
    jwks_uri: 'http://127.0.0.1/jwks',
  }),
  'no redirect_uris': (clientId) => ({ client_id: clientId }),
  'empty redirect_uris': withMember({ redirect_uris: [] }),
  'redirect_uris that are no list': withMember({ redirect_uris: REDIRECT_URI }),
  'http on another machine': withMember({ redirect_uris: [REDIRECT_URI, 'http://192.168.1.10/cb'] }),
  'a javascript: redirect': withMember({ redirect_uris: [REDIRECT_URI, 'javascript:alert(1)'] }),
  'an unknown scheme': withMember({ redirect_uris: [REDIRECT_URI, 'evil://callback'] }),
  'a redirect with a user name': withMember({ redirect_uris: [REDIRECT_URI, 'https://a@b.example/cb'] }),
  'a redirect with a fragment': withMember({ redirect_uris: [REDIRECT_URI, 'https://b.example/cb#x'] }),
  'eleven redirects': withMember({
    redirect_uris: Array.from({ length: 11 }, (_, n) => `https://a.example/${n}`),
  }),
  'a NUL in its name': withMember({ client_name: 'a\0b' }),
  'half a character in its name': withMember({ client_name: 'a\ud800b' }),
  'more than 20 KiB': withMember({ client_name: 'x'.repeat(21_000) }),
  'a key set instead': () => ({ keys: [] }),
};

describe('a document with a trick in it', () => {
  it.each(Object.keys(TRICKY_DOCUMENTS))('is refused: %s', async (name) => {
    const clientId = host.newId();
    host.answer(clientId, sendJson(TRICKY_DOCUMENTS[name]!(clientId)));
    const page = await openPage(clientId);
    expect([page.status, page.leavesFor]).toEqual([400, null]);
    expect(page.html).not.toContain('Allow');
    if (name !== 'a key set instead') await expectRefused(clientId, page);
    expect(host.countRequests(clientId)).toBe(1);
  });

  it.each(['https://evil.example/cb', 'http://127.0.0.1:43210/other', `${REDIRECT_URI}?x=1`, 'cursor://x/y'])(
    'cannot be answered at %s, which it does not name',
    async (redirectUri) => {
      const page = await openPage(host.publish(), redirectUri);
      expect([page.status, page.leavesFor]).toEqual([400, null]);
      expect(page.html).toContain('unknown address');
    },
  );

  it('keeps of a good one only what is used', async () => {
    const clientId = host.publish({
      logo_uri: 'https://a.example/logo.png',
      jwks_uri: 'https://a.example/jwks',
      sector_identifier_uri: 'https://a.example/sector',
      default_max_age: -1,
      client_uri: 'http://127.0.0.1/',
    });
    expect((await openPage(clientId)).status).toBe(200);
    const row = await app.context.db.clientDocument.findUniqueOrThrow({ where: { url: clientId } });
    expect(Object.keys(JSON.parse(row.body!) as object)).toEqual([
      'client_id',
      'redirect_uris',
      'token_endpoint_auth_method',
      'client_name',
    ]);
  });
});

describe('a host with a trick', () => {
  const forever: Answer = (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const chunk = ' '.repeat(4096);
    const more = () => response.write(chunk, () => setImmediate(more));
    response.on('error', () => undefined);
    more();
  };
  it.each<[string, Answer]>([
    ['a body without an end', forever],
    ['a length that is a lie', sendJson(good('x'), { 'content-length': '999999' })],
    ['201', sendStatus(201)],
    ['206', sendStatus(206)],
    ['304', sendStatus(304)],
    ['a redirect to itself', sendStatus(302, { location: '/clients/1.json' })],
    ['a broken header', (request) => request.socket.end('HTTP/1.1 200 OK\r\nbroken\r\n\r\n{}')],
  ])('is left after one request: %s', async (_name, answer) => {
    const clientId = host.newId();
    host.answer(clientId, answer);
    await expectRefused(clientId, await openPage(clientId));
    expect(host.countRequests(clientId)).toBe(1);
  });

  it('that never answers is left after five seconds', async () => {
    const clientId = host.newId();
    host.answer(clientId, () => undefined);
    await expectRefused(clientId, await openPage(clientId));
    const row = await app.context.db.clientDocument.findUniqueOrThrow({ where: { url: clientId } });
    expect(row.problem).toBe('its host did not answer within 5 seconds');
  });
});

describe('addresses that this server does not call', () => {
  /** Listens on this computer, and counts whoever reaches it. */
  const target = { port: 0, connections: 0 };
  const server = createServer((socket) => {
    target.connections += 1;
    socket.destroy();
  });
  beforeAll(async () => {
    server.listen(0, '::');
    await once(server, 'listening');
    target.port = (server.address() as AddressInfo).port;
  });
  afterAll(() => void server.close());

  it.each([
    // Hosts of this computer and of the network around it, in every spelling
    'https://127.0.0.1:PORT/c.json',
    'https://localhost:PORT/c.json',
    'https://LOCALHOST:PORT/c.json',
    'https://localhost.:PORT/c.json',
    'https://127.1:PORT/c.json',
    'https://2130706433:PORT/c.json',
    'https://0x7f000001:PORT/c.json',
    'https://0177.0.0.1:PORT/c.json',
    'https://0.0.0.0:PORT/c.json',
    'https://[::1]:PORT/c.json',
    'https://[::]:PORT/c.json',
    'https://[0:0:0:0:0:0:0:1]:PORT/c.json',
    'https://[::ffff:127.0.0.1]:PORT/c.json',
    'https://[::ffff:7f00:1]:PORT/c.json',
    'https://[::127.0.0.1]:PORT/c.json',
    'https://[64:ff9b::7f00:1]:PORT/c.json',
    'https://１２７.０.０.１:PORT/c.json',
    'https://127。0。0。1:PORT/c.json',
    'https://127.0.0.1/c.json',
    'https://localhost/c.json',
    'https://[::1]/c.json',
    'https://10.0.0.1/c.json',
    'https://192.168.1.1/c.json',
    'https://169.254.169.254/latest/meta-data/',
    'https://168.63.129.16/c.json',
    'https://[fd00::1]/c.json',
    'https://[fe80::1]/c.json',
    'https://intranet/c.json',
    // Ports
    'https://example.com:22/c.json',
    'https://example.com:PORT/c.json',
    // User names, fragments, dots, spaces: no client id at all
    'https://user@localhost:PORT/c.json',
    'https://user:password@localhost:PORT/c.json',
    'https://example.com@localhost:PORT/c.json',
    'https://localhost:PORT/c.json#x',
    'https://localhost:PORT/a/../c.json',
    'https://localhost:PORT/%2e%2e/c.json',
    'https://localhost:PORT\\@example.com/c.json',
    'https://localhost:PORT/ c.json',
    'https://localhost:PORT/\tc.json',
    'https:localhost:PORT/c.json',
    'https:///localhost:PORT/c.json',
    'https://',
    // Other schemes
    'http://127.0.0.1:PORT/c.json',
    'http://localhost:PORT/c.json',
    'ftp://localhost:PORT/c.json',
    'file:///etc/passwd',
    'data:application/json,{}',
  ])('%s', async (pattern) => {
    const clientId = pattern.replace('PORT', String(target.port));
    await expectRefused(clientId, await openPage(clientId));
    expect(target.connections).toBe(0);
  });

  it('one that is too long to be kept', async () => {
    const clientId = `${host.newId()}?${'x'.repeat(1000)}`;
    await expectRefused(clientId, await openPage(clientId));
    expect(host.countRequests(clientId)).toBe(0);
  });

  it.each(['https://127.0.0.1:PORT/c.json', 'https://localhost:PORT/c.json', '//localhost:PORT/c.json'])(
    'a redirect to %s',
    async (pattern) => {
      const location = pattern.replace('PORT', String(target.port));
      for (const status of [301, 302, 303, 307, 308]) {
        const clientId = host.newId();
        host.answer(clientId, sendStatus(status, { location }));
        await expectRefused(clientId, await openPage(clientId));
      }
      expect(target.connections).toBe(0);
    },
  );

  it('keys of a good document that lie on this computer', async () => {
    const clientId = host.publish({
      token_endpoint_auth_method: 'private_key_jwt',
      jwks_uri: `https://localhost:${target.port}/jwks.json`,
    });
    const assertion = `${toSegment({ alg: 'ES256' })}.${toSegment({ iss: clientId, sub: clientId, aud: app.origin, jti: 'x', exp: 9_999_999_999 })}.AAAA`;
    const response = await fetch(`${app.origin}/token`, {
      method: 'POST',
      body: new URLSearchParams({
        grant_type: 'authorization_code',
        code: 'x',
        client_assertion: assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      }),
    });
    expect([response.status, await response.json()]).toMatchObject([401, { error: 'invalid_client' }]);
    expect(target.connections).toBe(0);
  });

  it('a name that is public when it is looked up first and private after that', async () => {
    const answers = ['93.184.216.34', '127.0.0.1', '169.254.169.254', '::1', '10.0.0.1'];
    const asked: string[] = [];
    const rebinding: AddressLookup = (hostname, callback) => {
      asked.push(hostname);
      const address = answers[asked.length % answers.length]!;
      callback(null, [{ address, family: address.includes(':') ? 6 : 4 }]);
    };
    const guardedFetch = createGuardedFetch([], rebinding);
    using documents = createClientDocuments({ ...app.context, fetch: guardedFetch });
    for (let count = 1; count < answers.length; count += 1) {
      const clientId = `https://rebind.example/${count}.json`;
      await expect(documents.ensureReadable(clientId, undefined)).rejects.toMatchObject({
        error_description: expect.stringContaining('has an address that is not public'),
      });
    }
    expect(asked).toHaveLength(answers.length - 1);
    await guardedFetch.close();
  });
});

function toSegment(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
