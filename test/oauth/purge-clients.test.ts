import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { purgeClients } from '../../server/clients/purge-clients.ts';
import { createClientDocuments } from '../../server/oauth/client-documents.ts';
import { moveTime } from '../support/move-time.ts';
import {
  approve,
  connectClient,
  createClient,
  openScriptedBrowser,
  registerClient,
} from '../support/oauth-client.ts';
import { REDIRECT_URI, startDocumentHost, type DocumentHost } from './support/document-host.ts';
import { PASSWORD, startOAuthApp, type OAuthApp } from './support/oauth-app.ts';

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

const isKnown = async (clientId: string) =>
  (await app.context.db.client.count({ where: { id: clientId } })) === 1;

describe('clients that nobody allowed', () => {
  it('are forgotten after a day, not before', async () => {
    const { clientId } = await registerClient(app.origin);
    await moveTime(app.context, { hours: 23 });
    await purgeClients(app.context);
    expect(await isKnown(clientId)).toBe(true);
    await moveTime(app.context, { hours: 1 });
    expect(await purgeClients(app.context)).toBe(1);
    expect(await isKnown(clientId)).toBe(false);
  });

  it('stay while a person is on the way to being asked, and after that as long as it is on record', async () => {
    const client = await registerClient(app.origin);
    const browser = openScriptedBrowser(app.origin);
    await moveTime(app.context, { days: 2 });
    const signInPage = await browser.open(client.startAuthorization().url);
    await purgeClients(app.context);
    expect(await isKnown(client.clientId)).toBe(true);
    const { email } = app.owner.person;
    const consent = await browser.submit(signInPage, 'Sign in', { email, password: PASSWORD });
    expect(consent.html).toContain('Allow');
    await app.context.clientEvents.flush();
    await moveTime(app.context, { days: 2 });
    await purgeClients(app.context);
    expect(await isKnown(client.clientId)).toBe(true);
    await app.context.db.clientEvent.deleteMany();
    await purgeClients(app.context);
    expect(await isKnown(client.clientId)).toBe(false);
  });

  it('go early, the oldest first, when there are too many', async () => {
    const clients = [];
    for (let count = 0; count < 5; count += 1) clients.push(await registerClient(app.origin));
    await purgeClients(app.context, 2);
    const known = await Promise.all(clients.map(({ clientId }) => isKnown(clientId)));
    expect(known).toEqual([false, false, true, true, true]);
  });

  it('go a thousand at a time', async () => {
    await app.context.db.$executeRaw`
      insert into client (id, payload, created_at)
      select 'dyn_flood_' || n, '{}', now() - interval '2 days' from generate_series(1, 1500) n`;
    expect(await purgeClients(app.context)).toBe(1000);
    expect(await purgeClients(app.context)).toBeGreaterThanOrEqual(500);
    expect(await app.context.db.client.count({ where: { id: { startsWith: 'dyn_flood_' } } })).toBe(0);
  });
});

describe('clients that somebody allowed', () => {
  it('are never forgotten: not when that was revoked, nor should its row be gone one day', async () => {
    const { db } = app.context;
    const browser = await app.openBrowser();
    const revoked = await connectClient(app.origin, browser);
    await revoked.revoke(revoked.tokens.refresh_token);
    const { lastUsedAt } = await db.client.findUniqueOrThrow({ where: { id: revoked.clientId } });
    expect(lastUsedAt).not.toBeNull();
    const before = await connectClient(app.origin, browser);
    await db.client.update({ where: { id: before.clientId }, data: { lastUsedAt: null } });
    const rowless = await registerClient(app.origin);
    await db.client.update({ where: { id: rowless.clientId }, data: { lastUsedAt } });
    await moveTime(app.context, { days: 400 });
    await db.clientEvent.deleteMany();
    await purgeClients(app.context, 1);
    for (const { clientId } of [revoked, before, rowless]) expect(await isKnown(clientId)).toBe(true);
  });
});

describe('documents', () => {
  it('that no connection needs are forgotten after a day; others serve for ever', async () => {
    using documents = createClientDocuments(app.context);
    const [unused, granted, broken] = [host.publish(), host.publish(), host.newId()];
    await documents.ensureReadable(unused, undefined);
    await documents.ensureReadable(broken, undefined).catch(() => undefined);
    const client = createClient(app.origin, granted, REDIRECT_URI);
    await approve(await app.openBrowser(), client.startAuthorization().url);
    const isKept = async (url: string) =>
      (await app.context.db.clientDocument.count({ where: { url } })) === 1;
    const areKept = async () => [await isKept(unused), await isKept(broken), await isKept(granted)];
    await purgeClients(app.context);
    expect(await areKept()).toEqual([true, true, true]);
    await moveTime(app.context, { days: 60 });
    await purgeClients(app.context);
    expect(await areKept()).toEqual([false, false, true]);
    expect(await isKnown(granted)).toBe(true);
  });
});
