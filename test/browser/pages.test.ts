import { mkdirSync } from 'node:fs';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createSetupLink } from '../../server/teams/first-owner.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { OWNER } from '../http/support/scene.ts';
import { launchBrowser } from '../support/browser.ts';
import { findViolations } from './support/consent-visit.ts';
import { furnishPages } from './support/furnish-pages.ts';

/** A folder for pictures of every page, to look at; none are taken when unset. */
const SHOTS = process.env['SHOTS_DIR'];

let browser: Browser;
let server: PagesServer;
let paths: Record<string, string>;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startPagesServer();
  paths = await furnishPages(server.context);
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

async function shoot(page: Page, name: string): Promise<void> {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

describe.each([
  // Under the policy of the pages, which lets axe-core not in.
  { width: 360, colorScheme: 'light' as const, isJudged: false },
  { width: 390, colorScheme: 'light' as const, isJudged: true },
  { width: 390, colorScheme: 'dark' as const, isJudged: true },
  { width: 1280, colorScheme: 'light' as const, isJudged: true },
  { width: 1280, colorScheme: 'dark' as const, isJudged: true },
])('at $width px, $colorScheme', ({ width, colorScheme, isJudged }) => {
  // Some fifty pages: each takes a second or two where several suites share a machine.
  it('every page has one h1, a title, a language, landmarks, labelled fields, no sideways scroll, and nothing that axe-core objects to', async () => {
    const viewport = { width, height: 800 };
    const visit = await browser.newContext({ viewport, colorScheme, bypassCSP: isJudged });
    const objections: string[] = [];
    const page = await visit.newPage();
    const errors: string[] = [];
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    page.on('pageerror', (error) => errors.push(error.message));
    await page.goto(`${server.url}/sign-in`);
    await shoot(page, `sign-in-${width}-${colorScheme}`);
    await signIn(page);
    for (const [name, path] of Object.entries(paths)) {
      await page.goto(`${server.url}${path}`);
      await shoot(page, `${name}-${width}-${colorScheme}`);
      if (isJudged) objections.push(...(await findViolations(page)).map((found) => `${path} ${found}`));
      const facts = await page.evaluate(() => ({
        headings: document.querySelectorAll('h1').length,
        title: document.title,
        language: document.documentElement.lang,
        landmarks: ['header', 'main'].filter((tag) => document.querySelectorAll(tag).length === 0),
        overflow: document.documentElement.scrollWidth - innerWidth,
        // Templates drop a line break together with the space that it stands for.
        glued:
          /[a-z,:;)]<(a|time|strong|code)\b[^>]*>|<\/(a|time|strong|code)>[a-z(]|<\/strong><a |[a-z]<\/span>[a-z]|Checked\d/.exec(
            document.querySelector('main')!.innerHTML,
          )?.[0],
        // A flex or grid box makes a line of each piece of a sentence, and drops the spaces between them.
        torn: [...document.querySelectorAll('main, main *')]
          .filter(
            (box) =>
              /flex|grid/.test(getComputedStyle(box).display) && box.querySelector(':scope > :not(input)'),
          )
          .filter((box) => [...box.childNodes].some((node) => node.nodeType === 3 && node.nodeValue?.trim()))
          .map((box) => box.textContent),
        unlabelled: [
          ...document.querySelectorAll<HTMLInputElement>('input:not([type=hidden]), select, textarea'),
        ]
          .filter((field) => !field.labels?.length)
          .map((field) => field.name),
      }));
      expect(facts, path).toMatchObject({
        headings: 1,
        language: 'en',
        landmarks: [],
        unlabelled: [],
        torn: [],
        glued: undefined,
      });
      expect(facts.overflow, path).toBeLessThanOrEqual(0);
      expect(facts.title, path).toMatch(/^\S.* · Grantcast$/);
    }
    expect(objections).toEqual([]);
    expect(errors.filter((text) => !text.includes('404'))).toEqual([]);
    await visit.close();
  }, 240_000);
});

describe('set-up', () => {
  it.each([390, 1280])('makes the first owner in a browser, with its time zone, at %i px', async (width) => {
    await using fresh = await startPagesServer();
    const link = (await createSetupLink(fresh.context))!;
    const visit = await browser.newContext({ viewport: { width, height: 800 }, timezoneId: 'Asia/Tokyo' });
    const page = await visit.newPage();
    await page.goto(`${fresh.url}/sign-in`);
    await shoot(page, `sign-in-first-${width}`);
    await page.goto(link);
    await page.getByLabel('Your name').fill('Olivia Owner');
    await page.getByLabel('Email').fill(OWNER.email);
    await page.getByLabel('Password').fill(OWNER.password);
    await page.getByLabel('Team name').fill('Harbour Bakery');
    await shoot(page, `set-up-${width}`);
    await page.getByRole('button', { name: 'Create my account' }).click();
    await page.waitForURL(`${fresh.url}/`);
    await shoot(page, `first-steps-${width}`);
    expect(await page.getByLabel('MCP address', { exact: true }).inputValue()).toBe(`${fresh.url}/mcp`);
    expect(await page.getByRole('link', { name: 'Add to VS Code' }).getAttribute('href')).toMatch(
      /^vscode:mcp\/install\?%7B/,
    );
    expect((await fresh.context.db.team.findFirstOrThrow()).timeZone).toBe('Asia/Tokyo');
    await visit.close();
  });
});

describe('by keyboard, without JavaScript', () => {
  it('signs in, opens the menu and approves', async () => {
    const visit = await browser.newContext({
      viewport: { width: 390, height: 800 },
      javaScriptEnabled: false,
    });
    const page = await visit.newPage();
    await page.goto(`${server.url}${paths['approval']}`);
    // The browser focuses the first field a moment after the page is there.
    await page.locator('[name=email]:focus').waitFor();
    await page.keyboard.type(OWNER.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type(OWNER.password);
    await page.keyboard.press('Enter');
    await page.waitForURL(`${server.url}${paths['approval']}`);
    await page.keyboard.press('Tab');
    expect(await page.locator(':focus').textContent()).toBe('Skip to the content');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.getByRole('link', { name: 'Connections' }).isVisible()).toBe(true);
    await shoot(page, 'menu-390');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Harbour Bakery' }).click();
    await shoot(page, 'account-390');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Approve' }).press('Enter');
    await page.waitForURL(/done=approved/);
    expect(await page.getByText('Approved. It goes out at its time.').isVisible()).toBe(true);
    await shoot(page, 'approved-390');
    await visit.close();
  });
});

describe('in a frame of another page', () => {
  it('nothing is shown', async () => {
    const visit = await browser.newContext();
    const page = await visit.newPage();
    for (const path of ['/sign-in', '/', paths['approval']!, '/nothing-here']) {
      const refusals: string[] = [];
      page.on('console', (message) => refusals.push(message.text()));
      await page.setContent(`<iframe src="${server.url}${path}"></iframe>`);
      await expect.poll(() => page.frames()[1]?.url()).toBe('chrome-error://chromewebdata/');
      expect(refusals.join()).toMatch(/frame-ancestors|X-Frame-Options/i);
    }
    await visit.close();
  });
});
