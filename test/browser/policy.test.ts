import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { addRule } from '../../server/policy/edit-rules.ts';
import { addClientConnection } from '../http/support/clients-scene.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { createScene, OWNER } from '../http/support/scene.ts';
import { launchBrowser } from '../support/browser.ts';

/** A folder for pictures of every page, to look at; none are taken when unset. */
const SHOTS = process.env['SHOTS_DIR'];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const LONG_NAME = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerk editor';

let browser: Browser;
let server: PagesServer;
let paths: Record<string, string>;

beforeAll(async () => {
  [browser, server] = await Promise.all([launchBrowser(), startPagesServer()]);
  const { context } = server;
  const { owner, channelId } = await createScene(context);
  const { id, clientId } = await addClientConnection(context, owner, { clientName: LONG_NAME });
  const bare = await addClientConnection(context, owner, {
    clientName: 'Claude',
    scopes: ['schedule:write'],
  });
  const always = { condition: 'always', effect: 'ask' };
  const removed = await addRule(context, owner, { ...always, tool: 'create_post', effect: 'deny' });
  await addRule(context, owner, {
    ...{ clientId, channelId, condition: 'daily_cap', postsPerDay: '3', effect: 'deny' },
  });
  await addRule(context, owner, { ...always, connectionId: id, channelId, effect: 'allow' });
  await addRule(context, owner, {
    connectionId: id,
    condition: 'after',
    afterAt: '2036-12-31',
    effect: 'ask',
  });
  paths = {
    team: '/policy',
    connection: `/connections/${id}/policy`,
    bare: `/connections/${bare.id}/policy`,
    remove: `/policy/rules/${removed}/remove`,
  };
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

async function signIn(page: Page): Promise<void> {
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel('Email').fill(OWNER.email);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${server.url}/`);
}

async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<{ violations: { id: string; nodes: { html: string }[] }[] }>(
    'axe.run()',
  );
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

describe.each([
  { width: 390, colorScheme: 'light' as const },
  { width: 390, colorScheme: 'dark' as const },
  { width: 1280, colorScheme: 'dark' as const },
])('at $width px, $colorScheme', ({ width, colorScheme }) => {
  it('axe finds nothing on the pages about rules, and nothing scrolls sideways', async () => {
    const visit = await browser.newContext({
      viewport: { width, height: 800 },
      colorScheme,
      bypassCSP: true,
    });
    const page = await visit.newPage();
    await signIn(page);
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(`${server.url}${path}`);
      await page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = true)));
      if (SHOTS) {
        mkdirSync(SHOTS, { recursive: true });
        await page.screenshot({
          path: `${SHOTS}/policy-${name}-${width}-${colorScheme}.png`,
          fullPage: true,
        });
      }
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
        path,
      ).toBeLessThanOrEqual(0);
      expect(await findViolations(page), path).toEqual([]);
    }
    await visit.close();
  });
});

it('a rule is added with the keyboard alone, and only the fields that it needs are there', async () => {
  const visit = await browser.newContext({ javaScriptEnabled: false });
  const page = await visit.newPage();
  await signIn(page);
  await page.goto(`${server.url}/policy`);
  const posts = page.getByLabel('Posts a day');
  expect(await posts.isVisible()).toBe(false);
  await page.getByLabel('When').focus();
  await page.keyboard.type('Once');
  expect(await posts.isVisible()).toBe(true);
  await page.keyboard.press('Tab');
  await page.keyboard.type('5');
  await page.keyboard.press('Enter');
  await page.waitForURL(/done=rule_added/);
  expect(await page.locator('.rules').innerText()).toContain('each post beyond 5 a day on a channel');
  await visit.close();
});
