// Another time for a post: by dragging, by keyboard, on a phone and without scripts.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { addPost, createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { launchBrowser } from '../support/browser.ts';
import { findViolations } from './support/consent-visit.ts';

const WAIT = { timeout: 10_000 };

let browser: Browser;
let server: PagesServer;
let scene: Scene;
let postId: string;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startPagesServer();
  scene = await createScene(server.context);
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

beforeEach(async () => {
  await server.context.db.post.updateMany({ data: { discardedAt: new Date() } });
  postId = await postAt('2031-03-12T09:00:00Z');
});

async function postAt(at: string, text = 'Fresh bread from seven', state = 'scheduled'): Promise<string> {
  const id = await addPost(server.context, scene, { text, state });
  const dueAt = new Date(at);
  const notAfter = new Date(dueAt.getTime() + 1_800_000);
  await server.context.db.delivery.updateMany({
    where: { postId: id },
    data: { dueAt, notBefore: dueAt, notAfter },
  });
  return id;
}
const dueAt = async (id = postId) =>
  (await server.context.db.delivery.findFirstOrThrow({ where: { postId: id } })).dueAt?.toISOString();

interface Visit {
  page: Page;
  problems: string[];
  close(): Promise<void>;
}

/** In a browser of another zone than the team's: it must not matter. */
async function visit(
  options: { width?: number; hasScripts?: boolean; hasTouch?: boolean } = {},
): Promise<Visit> {
  const { width = 1280, hasScripts = true, hasTouch = width < 500 } = options;
  const context = await browser.newContext({
    ...{ viewport: { width, height: 900 }, javaScriptEnabled: hasScripts },
    ...{ timezoneId: 'America/Los_Angeles', hasTouch },
  });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel('Email').fill(OWNER.email);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${server.url}/`);
  return { page, problems, close: () => context.close() };
}

/** Past the few pixels after which the library takes it for dragging. */
async function drag(page: Page, from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move(from.x + 12, from.y + 12, { steps: 3 });
  await page.mouse.move(to.x, to.y, { steps: 8 });
  await page.mouse.up();
}

async function middleOf(page: Page, selector: string): Promise<{ x: number; y: number }> {
  const box = (await page.locator(selector).first().boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
const dayCell = (date: string) => `.grid [data-date="${date}"]`;

/** Once the week is laid out. */
const HOUR_PX = 52;

function hourHeight(page: Page): Promise<number> {
  return page.evaluate(() => {
    const leaves = [...document.querySelectorAll('.grid *')].filter((node) => node.childElementCount === 0);
    const topOf = (words: string) =>
      leaves.find(({ textContent }) => textContent === words)?.getBoundingClientRect().top ?? 0;
    return topOf('12:00') - topOf('11:00');
  });
}

describe('dragging', () => {
  it('moves a post to the day it is dropped on, at its time, and takes that back', async () => {
    const { page, problems, close } = await visit();
    await page.goto(`${server.url}/calendar?from=2031-03-01`);
    await page.locator('.grid .event').waitFor();
    await drag(page, await middleOf(page, '.grid .event'), await middleOf(page, dayCell('2031-03-18')));
    await page.getByText('Moved to Tue, 18 Mar 2031, 10:00 CET.').waitFor();
    expect(await dueAt()).toBe('2031-03-18T09:00:00.000Z');
    expect(await page.locator(dayCell('2031-03-18')).textContent()).toContain('10:00 Fresh bread');
    expect(await findViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByText('Undone. Moved to Wed, 12 Mar 2031, 10:00 CET.').waitFor();
    expect(await dueAt()).toBe('2031-03-12T09:00:00.000Z');
    await expect.poll(() => page.locator(dayCell('2031-03-12')).textContent()).toContain('Fresh bread');
    expect(problems).toEqual([]);
    await close();
  });

  it('moves a post by a finger that stays on it first', async () => {
    const { page, problems, close } = await visit({ width: 820, hasTouch: true });
    await page.goto(`${server.url}/calendar?from=2031-03-01`);
    await page.locator('.grid .event').waitFor();
    const from = await middleOf(page, '.grid .event');
    const to = await middleOf(page, dayCell('2031-03-20'));
    const finger = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', at?: { x: number; y: number }) =>
      finger.send('Input.dispatchTouchEvent', { type, touchPoints: at ? [at] : [] });
    await touch('touchStart', from);
    await page.locator('.event.is-held').first().waitFor({ state: 'attached' });
    for (const share of [0.2, 0.6, 1]) {
      await touch('touchMove', {
        x: from.x + (to.x - from.x) * share,
        y: from.y + (to.y - from.y) * share,
      });
    }
    await touch('touchEnd');
    await page.getByText('Moved to Thu, 20 Mar 2031, 10:00 CET.').waitFor();
    expect(await dueAt()).toBe('2031-03-20T09:00:00.000Z');
    expect(problems).toEqual([]);
    await close();
  });

  it('moves a post to the hour it is dropped on in a week', async () => {
    const { page, problems, close } = await visit();
    await page.goto(`${server.url}/calendar?view=week&from=2031-03-12`);
    await page.locator('.grid .event').waitFor();
    await expect.poll(() => hourHeight(page)).toBe(HOUR_PX);
    const from = await middleOf(page, '.grid .event');
    await drag(page, from, { x: from.x, y: from.y + 3 * HOUR_PX });
    await page.getByText('Moved to Wed, 12 Mar 2031, 13:00 CET.').waitFor();
    expect(await dueAt()).toBe('2031-03-12T12:00:00.000Z');
    expect(problems).toEqual([]);
    await close();
  });

  it('brings a post back that cannot go there, and says why and which time can', async () => {
    await server.context.db.post.updateMany({ data: { discardedAt: new Date() } });
    postId = await postAt('2031-03-29T01:15:00Z');
    const { page, close } = await visit();
    await page.goto(`${server.url}/calendar?from=2031-03-01`);
    await page.locator('.grid .event').waitFor();
    await drag(page, await middleOf(page, '.grid .event'), await middleOf(page, dayCell('2031-03-30')));
    await page.getByText('The next one that does is 03:00.').waitFor();
    await expect.poll(() => page.locator(dayCell('2031-03-29')).textContent()).toContain('02:15 Fresh bread');
    expect(await dueAt()).toBe('2031-03-29T01:15:00.000Z');
    await page.getByRole('link', { name: 'Look at it' }).click();
    expect(await page.getByLabel('Day').inputValue()).toBe('2031-03-30');
    expect(await page.getByLabel('Time').inputValue()).toBe('03:00');
    await close();
  });

  it('approves nothing: what waits is brought back, with a way to the page where it is read first', async () => {
    await server.context.db.post.updateMany({ data: { discardedAt: new Date() } });
    postId = await postAt('2031-03-12T09:00:00Z', 'It waits', 'awaiting_approval');
    const { page, close } = await visit();
    await page.goto(`${server.url}/calendar?from=2031-03-01`);
    await page.locator('.grid .event').waitFor();
    await drag(page, await middleOf(page, '.grid .event'), await middleOf(page, dayCell('2031-03-18')));
    await page.getByRole('link', { name: 'Look at it' }).click();
    await page.getByText('Moving it is your yes to it.').waitFor();
    expect(await page.getByLabel('Day').inputValue()).toBe('2031-03-18');
    expect(await dueAt()).toBe('2031-03-12T09:00:00.000Z');
    await close();
  });
});

it('what somebody else moves meanwhile is shown without a reload', async () => {
  const { page, problems, close } = await visit();
  await page.goto(`${server.url}/calendar?from=2031-03-01`);
  await page.locator('.grid .event').waitFor();
  await schedulePost(server.context, scene.owner, { postId, expectedRev: 1, at: '2031-03-20T15:00' });
  await expect
    .poll(() => page.locator(dayCell('2031-03-20')).textContent(), WAIT)
    .toContain('15:00 Fresh bread');
  expect(problems).toEqual([]);
  await close();
});

describe('without dragging', () => {
  it('the keyboard alone moves a post', async () => {
    const { page, close } = await visit();
    await page.goto(`${server.url}/calendar?from=2031-03-01`);
    await page.locator('.grid .event').waitFor();
    const mover = page.locator('.grid').getByRole('link', { name: 'Move “Fresh bread from seven”, 10:00' });
    for (let presses = 0; presses < 120; presses += 1) {
      await page.keyboard.press('Tab');
      if (await mover.evaluate((node) => node === document.activeElement)) break;
    }
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Move the post' }).waitFor();
    await page.getByLabel('Day').focus();
    await page.keyboard.type('03192031');
    await page.getByLabel('Time').focus();
    await page.keyboard.type('0230PM');
    await page.keyboard.press('Enter');
    await page.waitForURL(/done=moved/);
    expect(await dueAt()).toBe('2031-03-19T13:30:00.000Z');
    await close();
  });

  it('a phone has the days that hold something, one below the other, and moves a post by a form', async () => {
    const { page, problems, close } = await visit({ width: 360 });
    await page.goto(`${server.url}/calendar?from=2031-03-01`);
    expect(await page.getByText('Wednesday 12 March').isVisible()).toBe(true);
    expect(await page.getByText('Thursday 13 March').isVisible()).toBe(false);
    expect(await page.getByText('Clocks go forward at 02:00, to 03:00').isVisible()).toBe(true);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    await page.getByRole('link', { name: /^Move/ }).tap();
    await page.getByLabel('Time').fill('18:45');
    await page.getByRole('button', { name: 'Move' }).tap();
    await page.waitForURL(/done=moved/);
    expect(await dueAt()).toBe('2031-03-12T17:45:00.000Z');
    expect(problems).toEqual([]);
    await close();
  });

  it('no script is needed for a month, a day with many posts, or another time', async () => {
    for (const minute of ['10', '20', '30']) await postAt(`2031-03-12T09:${minute}:00Z`, `At ${minute}`);
    const { page, close } = await visit({ hasScripts: false });
    await page.goto(`${server.url}/calendar?from=2031-03-01`);
    expect(await page.getByRole('columnheader').count()).toBe(7);
    await page.getByRole('link', { name: '+1 more on Wednesday 12 March' }).click();
    await page.getByRole('link', { name: '10:30 At 30' }).waitFor();
    await page.getByRole('link', { name: 'Move “At 20”, 10:20' }).click();
    await page.getByLabel('Day').fill('2031-03-14');
    await page.getByRole('button', { name: 'Move' }).click();
    await page.getByText('Moved. It goes out at its new time').waitFor();
    expect(await page.getByRole('heading', { name: 'Friday 14 March' }).isVisible()).toBe(true);
    await close();
  });
});
