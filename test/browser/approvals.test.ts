import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { addConnection, addPost, createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { launchBrowser } from '../support/browser.ts';

const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true };
const LONG = 'We open on Saturday at seven. The first fifty loaves are on us.\n\n'.repeat(12);

let browser: Browser;
let server: PagesServer;
let scene: Scene;
let connectionId: string;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startPagesServer();
  scene = await createScene(server.context);
  connectionId = await addConnection(server.context, scene.owner, 'Visual Studio Code');
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await server.context.db.delivery.updateMany({ data: { state: 'cancelled' } });
});

const wait = (text: string, hoursAhead: number) =>
  addPost(server.context, scene, { text, hoursAhead, connectionId, state: 'awaiting_approval' });

const stateOf = async (postId: string) =>
  (await server.context.db.delivery.findFirstOrThrow({ where: { postId } })).state;

async function open(path: string, options: BrowserContextOptions): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel('Email').fill(OWNER.email);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${server.url}/`);
  await page.goto(`${server.url}${path}`);
  return page;
}

describe('on a phone', () => {
  it('the link and one tap approve, and the next post that waits comes with word of it', async () => {
    const [first, second] = [await wait(LONG, 1), await wait('The second', 2)];
    const page = await open('/approvals', PHONE);
    await page.getByRole('link', { name: 'We open on Saturday' }).tap();
    await page.waitForURL(`**/posts/${first}/approve`);
    await page.getByRole('button', { name: 'Approve' }).tap();
    await page.waitForURL(`**/posts/${second}/approve?done=approved**`);
    expect(await stateOf(first)).toBe('scheduled');
    expect(await stateOf(second)).toBe('awaiting_approval');
    expect(await page.locator(':focus').textContent()).toContain('Approved. It goes out at its time.');
    expect(await page.title()).toMatch(/^Approved\./);
    await page.context().close();
  });

  it('both answers lie within reach of the thumb wherever the text stands, and cover nothing at its end', async () => {
    const postId = await wait(LONG, 1);
    const page = await open(`/posts/${postId}/approve`, PHONE);
    const boxOf = async (name: string) => (await page.getByRole('button', { name }).boundingBox())!;
    for (const name of ['Approve', 'Reject']) {
      const box = await boxOf(name);
      expect(box.y, name).toBeGreaterThan(780 / 2);
      expect(box.y + box.height, name).toBeLessThanOrEqual(780);
      expect(box.height, name).toBeGreaterThanOrEqual(44);
    }
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    const last = (await page.getByRole('link', { name: 'All of this post' }).boundingBox())!;
    const bar = (await page.getByRole('form', { name: 'Decide' }).boundingBox())!;
    expect(last.y + last.height).toBeLessThanOrEqual(bar.y);
    await page.context().close();
  });

  it('what has the focus is never under the bar', async () => {
    const postId = await wait(LONG, 1);
    const page = await open(`/posts/${postId}/approve`, PHONE);
    for (const link of await page.locator('main a, main summary').all()) {
      await link.focus();
      const hidden = await link.evaluate((element) => {
        const { x, y, width, height } = element.getBoundingClientRect();
        const top = document.elementFromPoint(x + width / 2, y + height / 2);
        return !top || !(element.contains(top) || top.contains(element));
      });
      expect(hidden, (await link.textContent()) ?? '').toBe(false);
    }
    await page.context().close();
  });
});

describe('without JavaScript, by keyboard', () => {
  it('a note is added and the post is rejected', async () => {
    const postId = await wait('Rather not', 1);
    const page = await open(`/posts/${postId}/approve`, { javaScriptEnabled: false });
    await page.locator('summary', { hasText: 'Note' }).press('Enter');
    await page.getByLabel('Note').fill('The date is wrong.');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/posts/${postId}?done=rejected`);
    const approval = await server.context.db.approval.findFirstOrThrow({ where: { postId } });
    expect(approval).toMatchObject({ decision: 'rejected', note: 'The date is wrong.' });
    await page.context().close();
  });
});
