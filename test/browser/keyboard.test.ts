// The three journeys that must always work, in a real browser, by somebody who has no mouse.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import {
  addConnection,
  addPost,
  createScene,
  OWNER as PAGES_OWNER,
  type Scene,
} from '../http/support/scene.ts';
import { launchBrowser } from '../support/browser.ts';
import { OWNER, startTestServer } from '../support/test-server.ts';
import { askForConsent, openCallback } from './support/consent-visit.ts';

const MOST_PRESSES = 80;

let browser: Browser;
let server: PagesServer;
let scene: Scene;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startPagesServer();
  scene = await createScene(server.context);
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

/** What has the focus, by the words that a screen reader says, and whether one sees that it has. */
async function readFocus(page: Page): Promise<{ name: string; isSeen: boolean }> {
  return page.evaluate(() => {
    const element = document.activeElement as HTMLInputElement;
    if (element === document.body) return { name: '', isSeen: false };
    const label = element.labels?.[0]?.textContent ?? element.ariaLabel ?? element.textContent;
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const isSeen = outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
    return { name: (label ?? '').trim().replaceAll(/\s+/g, ' '), isSeen };
  });
}

/** Presses Tab until this has the focus; everything on the way can be seen to have it. */
async function tabTo(page: Page, name: RegExp): Promise<void> {
  const passed: string[] = [];
  for (let presses = 0; presses < MOST_PRESSES; presses += 1) {
    await page.keyboard.press('Tab');
    const focus = await readFocus(page);
    if (focus.name && !focus.isSeen) throw new Error(`Nobody sees that "${focus.name}" has the focus.`);
    if (name.test(focus.name)) return;
    passed.push(focus.name);
  }
  throw new Error(`Tab never came to ${String(name)}, only to: ${passed.join(' | ')}`);
}

/** Within a group of choices the arrows choose. */
async function arrowTo(page: Page, name: RegExp): Promise<void> {
  for (let presses = 0; presses < 10; presses += 1) {
    if (name.test((await readFocus(page)).name)) return;
    await page.keyboard.press('ArrowDown');
  }
  throw new Error(`The arrows never came to ${String(name)}.`);
}

async function typeSignIn(page: Page, { email, password }: { email: string; password: string }) {
  // The browser focuses the first field a moment after the page is there.
  await page.locator('[name=email]:focus').waitFor();
  await page.keyboard.type(email);
  await tabTo(page, /^Password$/);
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname !== '/sign-in');
}

describe.each([
  { hasScripts: true, width: 1280 },
  { hasScripts: false, width: 390 },
])('by keyboard alone, JavaScript $hasScripts, at $width px', ({ hasScripts, width }) => {
  const open = async () => {
    const viewport = { width, height: 800 };
    const visit = await browser.newContext({ viewport, javaScriptEnabled: hasScripts });
    return { visit, page: await visit.newPage() };
  };

  it('connects a client: signs in, chooses what it may do, allows', async () => {
    await using whole = await startTestServer();
    const callback = await openCallback();
    const { url, client } = await askForConsent(whole, { redirect_uris: [callback.url] });
    const { visit, page } = await open();
    await page.goto(url);
    await typeSignIn(page, OWNER);
    await tabTo(page, /^(Look only|Write drafts|Schedule with my approval|Publish for me)$/);
    await arrowTo(page, /^Write drafts$/);
    await tabTo(page, /^Allow$/);
    await page.keyboard.press('Enter');
    expect((await callback.arrived).searchParams.has('code')).toBe(true);
    const { db } = whole.running.context;
    const { scopes } = await db.connection.findFirstOrThrow({ where: { clientId: client.clientId } });
    expect(scopes).toContain('captions:write');
    expect(scopes).not.toContain('posts:schedule');
    await visit.close();
    await callback.close();
  });

  it('approves a post: from the home page to the yes', async () => {
    const connectionId = await addConnection(server.context, scene.owner, `Editor ${width}`);
    const text = `Warm rolls from six, at ${width}`;
    const postId = await addPost(server.context, scene, { text, state: 'awaiting_approval', connectionId });
    const { visit, page } = await open();
    await page.goto(server.url);
    await typeSignIn(page, PAGES_OWNER);
    await tabTo(page, /^Skip to the content$/);
    await page.keyboard.press('Enter');
    await tabTo(page, new RegExp(text));
    await page.keyboard.press('Enter');
    await page.waitForURL(`${server.url}/posts/${postId}/approve`);
    await tabTo(page, /^Approve$/);
    await page.keyboard.press('Enter');
    await page.waitForURL(/done=approved/);
    const delivery = await server.context.db.delivery.findFirstOrThrow({ where: { postId } });
    expect(delivery.state).toBe('scheduled');
    await visit.close();
  });

  it('stops a client: finds it, takes over what it scheduled, revokes', async () => {
    const name = `Lost laptop ${width}`;
    const connectionId = await addConnection(server.context, scene.owner, name);
    const postId = await addPost(server.context, scene, { text: 'x', state: 'scheduled', connectionId });
    const { visit, page } = await open();
    await page.goto(`${server.url}/connections`);
    await typeSignIn(page, PAGES_OWNER);
    await tabTo(page, new RegExp(name));
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/connections\/(clients\/)?[a-z_0-9]+/);
    if (page.url().includes('/clients/')) {
      await tabTo(page, /^(Olivia Owner|Look|Details|Change)/);
      await page.keyboard.press('Enter');
      await page.waitForURL(`${server.url}/connections/${connectionId}`);
    }
    await tabTo(page, /^Revoke/);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${server.url}/connections/${connectionId}/revoke`);
    await tabTo(page, /^(Hold|Take) it/);
    await arrowTo(page, /^Take it over/);
    await tabTo(page, /^Revoke$/);
    await page.keyboard.press('Enter');
    await page.waitForURL((url) => !url.pathname.endsWith('/revoke'));
    const { db } = server.context;
    expect((await db.connection.findUniqueOrThrow({ where: { id: connectionId } })).revokedAt).not.toBeNull();
    expect(await db.delivery.findFirstOrThrow({ where: { postId } })).toMatchObject({
      scheduledByConnectionId: null,
      scheduledByPersonId: scene.owner.personId,
    });
    await visit.close();
  });
});
