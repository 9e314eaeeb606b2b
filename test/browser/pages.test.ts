import { mkdirSync } from 'node:fs';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { requestApproval } from '../../server/deliveries/request-approval.ts';
import { setKillSwitch } from '../../server/deliveries/set-kill-switch.ts';
import { newId } from '../../server/ids.ts';
import { addCard } from '../../server/media/add-card.ts';
import { addPicture } from '../../server/media/add-picture.ts';
import { addWebhook } from '../../server/notices/webhooks.ts';
import { createSetupLink } from '../../server/teams/first-owner.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { addConnection, addMember, addPost, createScene, OWNER } from '../http/support/scene.ts';
import { photo } from '../media/pictures.ts';
import { launchBrowser } from '../support/browser.ts';
import { findViolations } from './support/consent-visit.ts';
import { furnishPosts } from './support/furnish-posts.ts';

/** A folder for pictures of every page, to look at; none are taken when unset. */
const SHOTS = process.env['SHOTS_DIR'];
const LONG_WORD = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(
  2,
);

let browser: Browser;
let server: PagesServer;
let paths: Record<string, string>;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startPagesServer();
  paths = await furnish(server);
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

async function furnish({ context }: PagesServer): Promise<Record<string, string>> {
  const scene = await createScene(context);
  const connectionId = await addConnection(context, scene.owner, 'Visual Studio Code');
  const lostId = await addConnection(context, scene.owner, 'Laptop that was lost');
  await context.db.connection.update({ where: { id: lostId }, data: { revokedAt: new Date() } });
  const waiting = await addPost(context, scene, {
    text: 'We open on Saturday at seven.\n\nThe first fifty loaves are on us. Come by, bring a friend, and tell us which one you liked best. 🥖',
    state: 'awaiting_approval',
    connectionId,
  });
  await addPost(context, scene, {
    text: 'Tomorrow the oven gets its first fire.',
    state: 'scheduled',
    connectionId,
  });
  const held = await addPost(context, scene, {
    text: `Held because the laptop is gone ${LONG_WORD}`,
    state: 'held',
    connectionId: lostId,
  });
  const published = await addPost(context, scene, {
    text: 'The sign is up! Thank you to everybody who helped.',
    state: 'published',
    hoursAhead: -3,
  });
  await addPost(context, scene, {
    text: 'Second coat of paint, and the counter has arrived.',
    state: 'published',
    hoursAhead: -30,
  });
  const requested = await addPost(context, scene, { text: 'Only an idea so far' });
  await requestApproval(context, scene.owner, {
    postId: requested,
    expectedRev: 1,
    note: 'Is the date right?',
  });
  const timeline = await context.db.playgroundPost.findFirstOrThrow();
  const bluesky = await context.db.channel.create({
    data: {
      id: newId('channel'),
      teamId: scene.owner.teamId,
      network: 'bluesky',
      handle: 'harbour-bakery.bsky.social',
      remoteAccountId: 'did:plc:x',
      status: 'needs_reconnect',
    },
  });
  await context.db.channel.create({
    data: {
      ...{ id: newId('channel'), teamId: scene.owner.teamId, network: 'linkedin', handle: 'Olivia Owner' },
      ...{ remoteAccountId: 'urn:li:person:a', grantedScopes: ['w_member_social'] },
      ...{
        tokenExpiresAt: new Date('2031-05-04T08:00:00Z'),
        rateLimitedUntil: new Date('2031-05-01T08:00:00Z'),
      },
      quota: { used: 12, total: 100, windowSeconds: 86_400 },
    },
  });
  await addMember(context, scene.owner.teamId, 'viewer');
  const { id: pictureId } = await addPicture(context, scene.owner, {
    ...{ source: 'upload', filename: 'a-very-long-name-of-a-picture-of-the-harbour-at-dawn.jpg' },
    bytes: await photo(640, 400),
  });
  await setKillSwitch(context, scene.owner, {
    ...{ kind: 'network', target: 'facebook', reason: 'Its Page is being handed to another owner.' },
  });
  await addWebhook(context, scene.owner, { url: `https://hooks.example.com/${LONG_WORD}` });
  const card = { title: 'Fresh from the oven', subtitle: 'Saturday from 8' };
  await addCard(context, scene.owner, { card });
  return {
    home: '/',
    posts: '/posts',
    post: `/posts/${published}`,
    held: `/posts/${held}`,
    settle: `/posts/${held}/settle/${scene.channelId}`,
    'take-down': `/posts/${published}/take-down`,
    approval: `/posts/${waiting}/approve`,
    campaigns: '/campaigns',
    campaign: `/campaigns/${scene.campaignId}`,
    connections: '/connections',
    revoke: `/connections/${connectionId}/revoke`,
    channels: '/channels',
    link: '/channels/link/bluesky',
    'link-server': '/channels/link/mastodon',
    'link-unready': '/channels/link/linkedin',
    'link-again': `/channels/link/bluesky?channel=${bluesky.id}`,
    disconnect: `/channels/${bluesky.id}/disconnect`,
    ...(await furnishPosts(context, scene)),
    slots: `/channels/${scene.channelId}/slots`,
    'slots-empty': `/channels/${bluesky.id}/slots`,
    requested: `/posts/${requested}/approve`,
    media: '/media',
    'media-missing-alt': '/media?show=missing-alt&q=nothing',
    picture: `/media/${pictureId}`,
    'picture-delete': `/media/${pictureId}/delete`,
    policy: '/policy',
    webhooks: '/webhooks',
    stops: '/stops',
    people: '/people',
    playground: '/playground',
    timeline: `/playground/${timeline.id}`,
    activity: '/activity',
    'activity-filtered': '/activity?what=posts&result=not_ok',
    'activity-days': '/activity/days',
    missing: '/nothing-here',
  };
}

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
