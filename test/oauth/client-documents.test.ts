import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createClientDocuments } from '../../server/oauth/client-documents.ts';
import { verifiedHostOf } from '../../server/oauth/client-document.ts';
import { moveTime } from '../support/move-time.ts';
import {
  approve,
  createClient,
  type ConnectedClient,
  type OAuthClient,
  type TokenAnswer,
} from '../support/oauth-client.ts';
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
afterAll(async () => {
  await app[Symbol.asyncDispose]();
  await host[Symbol.asyncDispose]();
});

async function connect(client: OAuthClient): Promise<ConnectedClient> {
  const request = client.startAuthorization();
  const back = await approve(await app.openBrowser(), request.url);
  const response = await client.exchange(back.searchParams.get('code') ?? back.href, request);
  const tokens = (await response.json()) as TokenAnswer;
  expect([response.status, tokens]).toMatchObject([200, { token_type: 'Bearer' }]);
  return { ...client, tokens };
}

const connectDocument = (document: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  connect(createClient(app.origin, host.publish(document, headers), REDIRECT_URI));

/** Another process of the same server: it shares the database, but none of this one's memory. */
const openOtherProcess = () => createClientDocuments(app.context);

const openPage = async (clientId: string) =>
  (await app.openBrowser()).open(createClient(app.origin, clientId, REDIRECT_URI).startAuthorization().url);

describe('a client that is known by its document', () => {
  it('connects and refreshes with one request to its host, which is told who asks', async () => {
    const client = await connectDocument();
    expect(await app.judge(client.tokens.access_token)).toBe('ok');
    expect((await client.refresh(client.tokens.refresh_token)).status).toBe(200);
    expect(host.countRequests(client.clientId)).toBe(1);
    const { headers } = host.requests.findLast(({ path }) => client.clientId.endsWith(path))!;
    expect(headers['user-agent']).toMatch(/^Grantcast\/\d+\.\d+\.\d+ \(\+http:\/\/127\.0\.0\.1:\d+\)$/);
    expect(headers.accept).toBe('application/json');
    expect(headers).not.toHaveProperty('cookie');
  });

  it('has a row for its connections, which is not a registration', async () => {
    const { clientId } = await connectDocument();
    expect(await app.context.db.connection.count({ where: { clientId } })).toBe(1);
    const row = await app.context.db.client.findUniqueOrThrow({ where: { id: clientId } });
    expect(row.payload).toMatchObject({ client_id: clientId, client_name: 'Documented editor' });
    // Were the row a registration, what it says would count, and not the document.
    await app.context.db.client.update({
      where: { id: clientId },
      data: { payload: { client_id: clientId, redirect_uris: ['https://evil.example/cb'] } },
    });
    const { tokens } = await connect(createClient(app.origin, clientId, REDIRECT_URI));
    expect(await app.judge(tokens.access_token)).toBe('ok');
  });

  it('is shared: every person and every authorization has a connection of its own', async () => {
    const clientId = host.publish();
    for (let count = 0; count < 3; count += 1)
      await connect(createClient(app.origin, clientId, REDIRECT_URI));
    expect(await app.context.db.connection.count({ where: { clientId } })).toBe(3);
  });

  it('may leave out all that RFC 7591 has a default for, and use any port of this computer', async () => {
    const clientId = host.newId();
    host.answer(clientId, sendJson({ client_id: clientId, redirect_uris: ['http://localhost/callback'] }));
    const client = createClient(app.origin, clientId, 'http://localhost:51234/callback');
    expect(await app.judge((await connect(client)).tokens.access_token)).toBe('ok');
  });

  it('may have grant types, response types and scopes that are unknown here', async () => {
    const { tokens } = await connectDocument({
      grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
      response_types: ['code', 'none'],
      scope: 'claudeai',
      application_type: 'web',
      contacts: ['nobody'],
      logo_uri: 'http://localhost/logo.png',
    });
    expect(await app.judge(tokens.access_token)).toBe('ok');
  });

  it('may be long, as long as it is not longer than 20 KiB', async () => {
    const long = Array.from({ length: 9 }, (_, count) => `https://a.example/${count}/${'x'.repeat(1900)}`);
    const { tokens } = await connectDocument({ redirect_uris: [REDIRECT_URI, ...long] });
    expect(await app.judge(tokens.access_token)).toBe('ok');
  });

  it('is vouched for by the host of the document; a registered client by none', () => {
    expect(verifiedHostOf('https://vscode.dev/oauth/client-metadata.json')).toBe('vscode.dev');
    expect(verifiedHostOf('https://a.example:8443/c')).toBe('a.example:8443');
    expect(verifiedHostOf('https://xn--80ak6aa92e.com/c')).toBe('xn--80ak6aa92e.com');
    expect(verifiedHostOf('dyn_0123456789abcdef')).toBeNull();
    expect(verifiedHostOf('http://a.example/c')).toBeNull();
  });
});

describe('a document', () => {
  const restSecondsOf = async (clientId: string) => {
    const [row] = await app.context.db.$queryRaw<{ seconds: number }[]>`
      select extract(epoch from fresh_until - clock_timestamp())::float8 as seconds
      from client_document where url = ${clientId}`;
    return row!.seconds;
  };

  it.each([
    ['nothing about it', {}, 3600],
    ['max-age=7200', { 'cache-control': 'public, max-age=7200' }, 7200],
    ['max-age=1', { 'cache-control': 'max-age=1' }, 300],
    ['no-store', { 'cache-control': 'no-store, max-age=7200' }, 300],
    ['a year', { 'cache-control': 'max-age=31536000' }, 86_400],
    ['nonsense', { 'cache-control': 'max-age=soon' }, 3600],
  ])('is kept as its host says: %s', async (_name, headers, seconds) => {
    const clientId = host.publish({}, headers);
    await openPage(clientId);
    expect(Math.abs((await restSecondsOf(clientId)) - seconds)).toBeLessThan(30);
  });

  it('is fetched once for all processes, and again when its time is over', async () => {
    const clientId = host.publish();
    await openPage(clientId);
    using other = openOtherProcess();
    await other.ensureReadable(clientId, '192.0.2.1');
    expect((await (await other.fetch(clientId)).json()) as unknown).toMatchObject({ client_id: clientId });
    expect(host.countRequests(clientId)).toBe(1);
    await moveTime(app.context, { seconds: 3700 });
    host.answer(clientId, sendJson({ client_id: clientId, redirect_uris: ['https://b.example/cb'] }));
    await other.ensureReadable(clientId, '192.0.2.1');
    expect(host.countRequests(clientId)).toBe(2);
    expect((await (await other.fetch(clientId)).json()) as unknown).toMatchObject({
      redirect_uris: ['https://b.example/cb'],
    });
  });

  it('is fetched once by however many who ask at the same time', async () => {
    using documents = openOtherProcess();
    const clientId = host.newId();
    const answer = sendJson({ client_id: clientId, redirect_uris: [REDIRECT_URI] });
    // Not before everybody else had the time to get here too.
    host.answer(clientId, (request, response) => {
      void (async () => {
        for (let count = 0; count < 100; count += 1) await app.context.db.$queryRaw`select 1`;
        answer(request, response);
      })();
    });
    await Promise.all([1, 2, 3, 4, 5, 6].map(() => documents.ensureReadable(clientId, undefined)));
    expect(host.countRequests(clientId)).toBe(1);
    const pages = await Promise.all([1, 2, 3].map(() => openPage(clientId)));
    expect(pages.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(host.countRequests(clientId)).toBe(1);
  });

  it('that cannot be read costs its host one request, then one a minute, then ever fewer', async () => {
    const clientId = host.newId();
    for (let count = 0; count < 5; count += 1) {
      const page = await openPage(clientId);
      expect([page.status, page.leavesFor]).toEqual([400, null]);
      expect(page.html).toContain('its host answered 404');
    }
    expect(host.countRequests(clientId)).toBe(1);
    for (const [seconds, requests] of [
      [61, 2],
      [61, 2],
      [61, 3],
      [241, 4],
      [481, 5],
      [601, 6],
      [601, 7],
    ] as const) {
      await moveTime(app.context, { seconds });
      await openPage(clientId);
      expect([seconds, host.countRequests(clientId)]).toEqual([seconds, requests]);
    }
  });

  it('that cannot be read at first can be read later', async () => {
    const clientId = host.publish();
    const publish = sendJson({ client_id: clientId, redirect_uris: [REDIRECT_URI] });
    host.answer(clientId, sendStatus(503));
    expect((await openPage(clientId)).status).toBe(400);
    host.answer(clientId, publish);
    await moveTime(app.context, { seconds: 61 });
    expect((await openPage(clientId)).status).toBe(200);
    const row = await app.context.db.clientDocument.findUniqueOrThrow({ where: { url: clientId } });
    expect([row.failedAt, row.problem]).toEqual([null, null]);
  });

  it.each<[string, Answer]>([
    ['403', sendStatus(403)],
    ['404', sendStatus(404)],
    ['500', sendStatus(500)],
    ['a redirect', sendStatus(302, { location: 'https://localhost/' })],
    ['a page', sendJson('<!doctype html><title>Just a moment...</title>')],
    ['nothing', (_request, response) => response.destroy()],
    ['too much', sendJson('x'.repeat(30_000))],
    [
      'another client’s document',
      sendJson({ client_id: 'https://a.example/c', redirect_uris: [REDIRECT_URI] }),
    ],
  ])('serves on from its last good copy when its host answers %s', async (_name, answer) => {
    const clientId = host.publish();
    await openPage(clientId);
    host.answer(clientId, answer);
    await moveTime(app.context, { days: 40 });
    using other = openOtherProcess();
    for (let count = 0; count < 3; count += 1) {
      await other.ensureReadable(clientId, '192.0.2.1');
      expect((await (await other.fetch(clientId)).json()) as unknown).toMatchObject({ client_id: clientId });
    }
    expect(host.countRequests(clientId)).toBe(2);
    const row = await app.context.db.clientDocument.findUniqueOrThrow({ where: { url: clientId } });
    expect(row.problem).not.toBeNull();
  });

  it('leaves its steps for the connection doctor', async () => {
    const [good, bad] = [host.publish(), host.newId()];
    await openPage(good);
    await openPage(bad);
    await app.context.clientEvents.flush();
    const events = await app.context.db.clientEvent.findMany({
      where: { clientId: { in: [good, bad] }, kind: { startsWith: 'document_' } },
      select: { clientId: true, kind: true, address: true, reason: true },
      orderBy: { at: 'asc' },
    });
    const address = '127.0.0.1';
    expect(events).toEqual([
      { clientId: good, kind: 'document_read', address, reason: null },
      { clientId: bad, kind: 'document_failed', address, reason: 'its host answered 404' },
    ]);
  });
});

describe('whoever asks for many documents', () => {
  it('is stopped by address, while documents that are known serve on', async () => {
    using documents = openOtherProcess();
    const known = host.publish();
    await documents.ensureReadable(known, '198.51.100.7');
    const before = host.requests.length;
    for (let count = 0; count < 70; count += 1) {
      await documents.ensureReadable(host.newId(), '198.51.100.7').catch(() => undefined);
    }
    expect(host.requests.length - before).toBe(59);
    await expect(documents.ensureReadable(host.newId(), '198.51.100.7')).rejects.toMatchObject({
      error_description: 'the document of this client cannot be used: too many documents were asked for',
    });
    await moveTime(app.context, { seconds: 3000 });
    await app.context.db.$executeRaw`update client_document set fresh_until = fresh_until - interval '1 day'`;
    await app.context.db.$executeRaw`update rate_limit set points = 1000000, expire = expire + 10000000`;
    await documents.ensureReadable(known, '198.51.100.7');
    expect(host.countRequests(known)).toBe(1);
    await app.context.db.rateLimit.deleteMany();
  });
});
