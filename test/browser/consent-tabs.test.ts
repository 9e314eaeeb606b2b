import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { launchBrowser } from '../support/browser.ts';
import { createOwner } from '../support/test-context.ts';
import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';
import { askForConsent, openCallback, openSignedIn, sessionCookie } from './support/consent-visit.ts';

let browser: Browser;
let server: TestServer;
beforeAll(async () => {
  browser = await launchBrowser();
  server = await startTestServer();
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

const allow = (page: Page) => page.getByRole('button', { name: 'Allow' }).click();

async function askFromNewClient(name: string) {
  const callback = await openCallback();
  const asked = await askForConsent(server, { client_name: name, redirect_uris: [callback.url] });
  return { ...asked, callback };
}

const countConnections = (clientId: string) =>
  server.running.context.db.connection.count({ where: { clientId } });

describe('two clients that ask at once in one browser', () => {
  it('are both answered, in whatever order, each with its own code', async () => {
    const visit = await openSignedIn(browser, server);
    const clients = await Promise.all([askFromNewClient('First'), askFromNewClient('Second')]);
    const pages = await Promise.all(
      clients.map(async ({ url }) => {
        const page = await visit.newPage();
        await page.goto(url);
        return page;
      }),
    );
    for (const page of pages.toReversed()) await allow(page);
    const codes = await Promise.all(clients.map(({ callback }) => callback.arrived));
    expect(codes.every((answer) => answer.searchParams.has('code'))).toBe(true);
    expect(await Promise.all(clients.map(({ client }) => countConnections(client.clientId)))).toEqual([1, 1]);
    await visit.close();
    await Promise.all(clients.map(({ callback }) => callback.close()));
  });

  it('are both answered when one sign-in serves both', async () => {
    const visit = await browser.newContext();
    const clients = await Promise.all([askFromNewClient('Third'), askFromNewClient('Fourth')]);
    const [first, second] = [await visit.newPage(), await visit.newPage()];
    await first.goto(clients[0].url);
    await second.goto(clients[1].url);
    await first.getByLabel('Email').fill(OWNER.email);
    await first.getByLabel('Password').fill(OWNER.password);
    await first.getByRole('button', { name: 'Sign in' }).click();
    await allow(first);
    // The other tab still shows the sign-in page; reloaded, it goes on by itself.
    await second.reload();
    await allow(second);
    for (const { callback } of clients) expect((await callback.arrived).searchParams.has('code')).toBe(true);
    await visit.close();
    await Promise.all(clients.map(({ callback }) => callback.close()));
  });
});

describe('a person who leaves meanwhile', () => {
  it('by signing out is asked to sign in, and connects after that', async () => {
    const visit = await openSignedIn(browser, server);
    const { url, client, callback } = await askFromNewClient('Left open');
    const page = await visit.newPage();
    await page.goto(url);
    const other = await visit.newPage();
    await other.goto(server.url);
    await other.getByRole('button', { name: 'My team' }).click();
    await other.getByRole('button', { name: 'Sign out' }).click();
    await other.waitForURL(/sign-in/);
    await allow(page);
    await page.waitForLoadState();
    expect(await countConnections(client.clientId)).toBe(0);
    await page.goto(url);
    await page.getByLabel('Email').fill(OWNER.email);
    await page.getByLabel('Password').fill(OWNER.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await allow(page);
    expect((await callback.arrived).searchParams.has('code')).toBe(true);
    await visit.close();
    await callback.close();
  });

  it('and somebody else in their place allows nothing for them', async () => {
    const visit = await openSignedIn(browser, server);
    const { url, client, callback } = await askFromNewClient('Shared computer');
    const page = await visit.newPage();
    await page.goto(url);
    const { person } = await createOwner(server.running.context);
    await visit.addCookies([await sessionCookie(server, person.id)]);
    await allow(page);
    await page.waitForLoadState();
    expect(await countConnections(client.clientId)).toBe(0);
    await page.goto(url);
    await allow(page);
    expect((await callback.arrived).searchParams.has('code')).toBe(true);
    const { personId } = await server.running.context.db.connection.findFirstOrThrow({
      where: { clientId: client.clientId },
    });
    expect(personId).toBe(person.id);
    await visit.close();
    await callback.close();
  });
});

describe('an impatient person', () => {
  it('who presses Allow twice makes one connection and arrives', async () => {
    const visit = await openSignedIn(browser, server, { javaScriptEnabled: false });
    const { url, client, callback } = await askFromNewClient('Pressed twice');
    const page = await visit.newPage();
    await page.goto(url);
    const button = page.getByRole('button', { name: 'Allow' });
    await button.dblclick();
    expect((await callback.arrived).searchParams.has('code')).toBe(true);
    expect(await countConnections(client.clientId)).toBe(1);
    await visit.close();
    await callback.close();
  });
});
