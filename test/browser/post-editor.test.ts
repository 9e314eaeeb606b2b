import { mkdirSync } from 'node:fs';

import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { discardPost } from '../../server/posts/discard-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { previewPost } from '../../server/posts/preview-post.ts';
import { updatePost } from '../../server/posts/update-post.ts';
import { addPicture } from '../domain/draft-scene.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { launchBrowser } from '../support/browser.ts';
import type { TestOwner } from '../support/test-context.ts';

/** A first answer waits for a library of 70 MB. */
const PATIENT = { timeout: 10_000 };
/** A folder for pictures, to look at; none are taken when unset. */
const SHOTS = process.env['SHOTS_DIR'];

let browser: Browser;
let server: PagesServer;
let scene: Scene;
let blueskyId: string;
let mediaId: string;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startPagesServer();
  scene = await createScene(server.context);
  const { teamId, personId } = scene.owner;
  const owner = { team: { id: teamId }, person: { id: personId }, caller: scene.owner } as TestOwner;
  mediaId = await addPicture(server.context, owner, { altText: 'Loaves by the window', colour: '#b5894e' });
  await addPicture(server.context, owner, { altText: '', colour: '#5e7f8a', width: 900, height: 1200 });
  blueskyId = newId('channel');
  await server.context.db.channel.create({
    data: {
      ...{ id: blueskyId, teamId, network: 'playground', handle: 'harbour.example' },
      ...{ remoteAccountId: blueskyId, imitates: 'bluesky' },
    },
  });
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel('Email').fill(OWNER.email);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${server.url}/`);
  await page.goto(`${server.url}${path}`);
  return page;
}

async function shoot(page: Page, name: string): Promise<void> {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

async function draft(text = 'Fresh bread from seven'): Promise<string> {
  const { postId } = await createPost(server.context, scene.owner, {
    ...{ campaignId: scene.campaignId, channelIds: [scene.channelId, blueskyId], text },
    mediaIds: [mediaId],
  });
  return postId;
}

const captionOn = (page: Page) => page.locator(`#part_${blueskyId}_0`);
const countOn = (page: Page) => page.locator(`#part_${blueskyId}_0-count`);
const lookOn = (page: Page) => page.locator(`#caption-${blueskyId}-look .caption`);

describe('while somebody types', () => {
  it('count, problems and look follow, and the field keeps focus, caret and text', async () => {
    const postId = await draft();
    const page = await open(`/posts/${postId}/edit`);
    await captionOn(page).focus();
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('Look: #bread ');
    await expect.poll(() => countOn(page).textContent(), PATIENT).toContain('35 of 300 graphemes');
    expect(await lookOn(page).textContent()).toBe('Look: #bread Fresh bread from seven');
    expect(await lookOn(page).locator('.mark').textContent()).toBe('#bread');
    await page.keyboard.type('and ');
    expect(await captionOn(page).inputValue()).toBe('Look: #bread and Fresh bread from seven');
    expect(await captionOn(page).evaluate((field) => field === document.activeElement)).toBe(true);
    await captionOn(page).fill('More bread. '.repeat(40));
    await expect.poll(() => countOn(page).textContent(), PATIENT).toContain('180 too many: 480 of 300');
    expect(await captionOn(page).getAttribute('aria-invalid')).toBe('true');
    await shoot(page, 'editor-over-1280');
    await page.getByRole('button', { name: 'Split into a thread of 2' }).click();
    await page.getByLabel('Part 2').waitFor();
    await shoot(page, 'editor-thread-1280');
    expect(await page.getByText('2 of 2').isVisible()).toBe(true);
  });

  it('a channel that is ticked gets its fields, and a picture shows at once', async () => {
    const page = await open(`/posts/new?campaign=${scene.campaignId}`);
    const begun = page.locator(`#part_${scene.channelId}_0`);
    await page.getByLabel('Text to begin with').fill('We open');
    await expect.poll(() => begun.inputValue(), PATIENT).toBe('We open');
    await page.getByLabel('Text to begin with').fill('We open at seven');
    await page.getByLabel('Practice channel for Bluesky', { exact: true }).check();
    await captionOn(page).waitFor();
    expect(await captionOn(page).inputValue()).toBe('We open at seven');
    await begun.fill('Own words');
    await page.getByLabel('Text to begin with').fill('We open at eight');
    await expect.poll(() => captionOn(page).inputValue(), PATIENT).toBe('We open at eight');
    expect(await begun.inputValue()).toBe('Own words');
    await page.getByLabel('Loaves by the window').focus();
    await page.keyboard.press('Space');
    await page.locator(`#caption-${blueskyId}-look img`).waitFor();
    // It has moved to the pictures of the post, and the keyboard goes on from there.
    await page.locator('#chosen-pictures input:checked').waitFor();
    expect(await page.locator(':focus').getAttribute('value')).toBe(mediaId);
    await shoot(page, 'new-1280');
    await page.getByRole('button', { name: 'Save as a draft' }).click();
    await page.waitForURL(/done=drafted/);
    expect(await page.getByText('Saved as a draft.').isVisible()).toBe(true);
    await shoot(page, 'post-1280');
  });

  it('a caption that goes out meanwhile can no longer be changed, and what was typed for it is shown', async () => {
    const postId = await draft();
    const page = await open(`/posts/${postId}/edit`);
    await captionOn(page).fill('Too late');
    await schedulePost(server.context, scene.owner, {
      ...{ postId, expectedRev: 1, at: '2036-12-01T09:00', onlyChannelIds: [blueskyId] },
    });
    await server.context.db.delivery.updateMany({
      where: { postId, channelId: blueskyId },
      data: { state: 'published', remoteId: newId('playgroundPost'), publishedAt: new Date() },
    });
    await page.locator(`#part_${scene.channelId}_0`).fill('In time');
    await expect.poll(() => captionOn(page).getAttribute('readonly'), PATIENT).not.toBeNull();
    expect(await captionOn(page).inputValue()).toBe('Too late');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const kept = page.getByLabel('What you typed for Practice channel for Bluesky');
    expect(await kept.inputValue()).toBe('Too late');
    await shoot(page, 'editor-too-late-1280');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForURL(/done=edited/);
    const { deliveries } = await getPost(server.context, scene.owner, { postId });
    expect(deliveries.flatMap(({ parts }) => parts).toSorted()).toEqual([
      'Fresh bread from seven',
      'In time',
    ]);
  });

  it('a post that is thrown away meanwhile leaves what was typed', async () => {
    const postId = await draft();
    const page = await open(`/posts/${postId}/edit`, { viewport: { width: 390, height: 844 } });
    await captionOn(page).fill('Typed for long\nand well');
    await discardPost(server.context, scene.owner, { postId, expectedRev: 1 });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    const kept = page.getByLabel('What you typed for Practice channel for Bluesky');
    expect(await kept.inputValue()).toBe('Typed for long\nand well');
    await shoot(page, 'editor-trash-390');
  });

  it('a second click on Save makes no second post', async () => {
    const page = await open(`/posts/new?campaign=${scene.campaignId}`);
    await page.getByLabel('Text to begin with').fill('Saved once');
    const sent: string[] = [];
    const { promise: isHeld, resolve: letGo } = Promise.withResolvers<void>();
    await page.route('**/posts/new', async (route) => {
      sent.push(route.request().method());
      await isHeld;
      await route.continue();
    });
    const save = page.getByRole('button', { name: 'Save as a draft' });
    await save.scrollIntoViewIfNeeded();
    const box = (await save.boundingBox())!;
    // By hand: a locator would wait for the answer before it clicks again.
    const click = () => page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
    await click();
    await expect.poll(() => sent).toEqual(['POST']);
    await click();
    letGo();
    await page.waitForURL(/done=drafted/);
    expect(sent).toEqual(['POST']);
    const revisions = await server.context.db.postRevision.count({ where: { text: 'Saved once' } });
    expect(revisions).toBe(1);
  });

  it('leaving asks first, and not after it was saved', async () => {
    const page = await open(`/posts/${await draft()}/edit`);
    const asked: string[] = [];
    page.on('dialog', (dialog) => {
      asked.push(dialog.type());
      void dialog.dismiss();
    });
    await captionOn(page).fill('Half a sentence');
    await page.getByRole('link', { name: 'Leave', exact: true }).click({ noWaitAfter: true });
    await expect.poll(() => asked).toEqual(['beforeunload']);
    expect(await captionOn(page).inputValue()).toBe('Half a sentence');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForURL(/done=edited/);
    expect(asked).toHaveLength(1);
  });

  it('an answer that never comes is said, and what was typed stays', async () => {
    const page = await open(`/posts/${await draft()}/edit`);
    await page.route('**/edit/check', (route) => route.abort());
    await captionOn(page).fill('Still here');
    await page.getByText('The server did not answer').waitFor();
    expect(await captionOn(page).inputValue()).toBe('Still here');
  });
});

describe('without JavaScript', () => {
  it('Check shows count and look, a newer revision is shown beside what was typed, and Save saves', async () => {
    const postId = await draft();
    const page = await open(`/posts/${postId}/edit`, {
      javaScriptEnabled: false,
      viewport: { width: 390, height: 844 },
    });
    await captionOn(page).fill('Warm bread from eight @harbour.bsky.social');
    await page.getByRole('button', { name: 'Check' }).last().click();
    expect(await countOn(page).textContent()).toContain('42 of 300');
    expect(await lookOn(page).locator('.mark').textContent()).toBe('@harbour.bsky.social');
    await shoot(page, 'editor-390');
    const changes = { text: 'Fresh bread from nine' };
    await updatePost(server.context, scene.owner, { postId, expectedRev: 1, changes });
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    expect(await page.getByText('Olivia Owner saved revision 2 while you wrote').isVisible()).toBe(true);
    expect(await captionOn(page).inputValue()).toBe('Warm bread from eight @harbour.bsky.social');
    await shoot(page, 'editor-stale-390');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.waitForURL(/done=edited/);
    const { channels } = await previewPost(server.context, scene.owner, { postId });
    expect(channels.find(({ channelId }) => channelId === blueskyId)).toMatchObject({
      ...{ count: 42, parts: ['Warm bread from eight @harbour.bsky.social'] },
    });
  });
});

describe('by keyboard alone', () => {
  it('a post is written, looked at and saved', async () => {
    const postId = await draft();
    const page = await open(`/posts/${postId}`);
    await page.getByRole('link', { name: 'Edit' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/edit$/);
    const tabTo = async (selector: string) => {
      for (let step = 0; step < 60; step += 1) {
        await page.keyboard.press('Tab');
        if (await page.locator(':focus').evaluate((element, wanted) => element.matches(wanted), selector))
          return;
      }
      throw new Error(`Tab never came to ${selector}.`);
    };
    await tabTo(`#part_${blueskyId}_0`);
    await page.keyboard.press('Control+A');
    await page.keyboard.type('By hand');
    await expect.poll(() => countOn(page).textContent(), PATIENT).toContain('7 of 300');
    await tabTo('button[value=save]');
    await page.keyboard.press('Enter');
    await page.waitForURL(/done=edited/);
    const { deliveries } = await getPost(server.context, scene.owner, { postId });
    expect(deliveries.find(({ channelId }) => channelId === blueskyId)!.parts).toEqual(['By hand']);
  });
});

it('a board shows what changes elsewhere without being loaded again', async () => {
  const page = await open('/campaigns');
  const streaming = page.waitForResponse((response) => new URL(response.url()).pathname === '/live');
  await page.goto(`${server.url}/campaigns/${scene.campaignId}`);
  await streaming;
  await page.evaluate(() => document.body.setAttribute('data-loaded-once', ''));
  await draft('Drafted by somebody else');
  await page.locator('#column-drafts').getByText('Drafted by somebody else').waitFor();
  expect(await page.locator('body').getAttribute('data-loaded-once')).toBe('');
});
