import { mkdirSync } from 'node:fs';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { startLinkRig, type LinkRig } from '../channels/link-rig.ts';
import { createScene, OWNER } from '../http/support/scene.ts';
import { launchBrowser } from '../support/browser.ts';
import { findViolations } from './support/consent-visit.ts';

const SHOTS = process.env['SHOTS_DIR'];

let rig: LinkRig;
let browser: Browser;
beforeAll(async () => {
  rig = await startLinkRig();
  browser = await launchBrowser();
  await createScene(rig.server.context);
});
afterAll(async () => {
  await browser.close();
  await rig[Symbol.asyncDispose]();
});

async function signIn(page: Page): Promise<void> {
  await page.goto(`${rig.server.url}/sign-in`);
  await page.getByLabel('Email').fill(OWNER.email);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${rig.server.url}/`);
}

async function shoot(page: Page, name: string): Promise<void> {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

/** To the network's pages, which are another site, and back. */
async function goThrough(page: Page, answer: 'Allow' | 'Deny'): Promise<void> {
  await page.goto(`${rig.server.url}/channels`);
  await page.getByRole('link', { name: 'Link an account of X' }).click();
  await page.getByRole('button', { name: 'Continue to X' }).click();
  await page.waitForURL((url) => url.hostname === 'localhost');
  await page.getByRole('button', { name: answer }).click();
  await page.waitForURL((url) => url.origin === rig.server.url);
}

it('links accounts of another site without JavaScript, under the policy of the pages', async () => {
  rig.endWith(() =>
    ['Bakery', 'Café', 'Harbour'].map((name) => ({ remoteAccountId: name, handle: name, kind: 'Page' })),
  );
  const visit = await browser.newContext({ viewport: { width: 390, height: 800 }, javaScriptEnabled: false });
  const page = await visit.newPage();
  await signIn(page);
  await goThrough(page, 'Allow');
  expect(new URL(page.url()).pathname).toMatch(/^\/channels\/accounts\/lnk_/);
  await shoot(page, 'choose-account-390');
  await page.getByLabel('Bakery').press('Space');
  await page.getByLabel('Harbour').press('Space');
  await page.getByRole('button', { name: 'Link what is chosen' }).press('Enter');
  await page.waitForURL(`${rig.server.url}/channels?done=linked`);
  const names = await page.getByRole('heading', { level: 2 }).allTextContents();
  expect(names).toEqual(expect.arrayContaining(['X · Bakery', 'X · Harbour']));
  expect(names).not.toContain('X · Café');
  await shoot(page, 'channels-linked-390');
  await visit.close();
});

it.each(['light', 'dark'] as const)(
  'the pages on the way have nothing that axe-core objects to, %s',
  async (colorScheme) => {
    const visit = await browser.newContext({
      viewport: { width: 390, height: 800 },
      colorScheme,
      bypassCSP: true,
    });
    const page = await visit.newPage();
    await signIn(page);
    const objections: string[] = [];
    const judge = async (name: string) => {
      await shoot(page, `${name}-${colorScheme}`);
      objections.push(...(await findViolations(page)).map((found) => `${name} ${found}`));
    };
    await goThrough(page, 'Deny');
    await judge('link-denied');
    expect(await page.textContent('main')).toContain('You did not allow it on Stand-in');
    await page.goto(`${rig.server.url}/channels/link/x/callback?state=none`);
    await judge('link-gone');
    await goThrough(page, 'Allow');
    await judge('choose-account');
    expect(objections).toEqual([]);
    await visit.close();
  },
);
