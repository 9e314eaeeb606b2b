import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { renderPage } from '../../server/http/render.ts';
import { newId } from '../../server/ids.ts';
import { html } from '../../views/html.ts';
import { StateBadge } from '../../views/state-badge.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { addConnection, addPost, createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { launchBrowser, openBrowserPerson } from '../support/browser.ts';

let browser: Browser;
let server: PagesServer;
let scene: Scene;
let postId: string;

/** A page with what live blocks have in them: a state, fields, something that opens. */
async function renderSample(): Promise<ReturnType<typeof html>> {
  const { state } = await server.context.db.delivery.findFirstOrThrow({ where: { postId } });
  return html`<html lang="en">
    <head>
      <title>Sample</title>
      <script type="module" src="/assets/live.js"></script>
    </head>
    <body>
      <div id="block" data-live>
        <p><${StateBadge} state=${state} /></p>
        <label>Note<input name="note" value="" /></label>
        <label
          >Tone<select name="tone">
            <option>calm</option>
            <option>loud</option>
          </select></label
        >
        <details>
          <summary>More</summary>
          <p>${state} inside</p>
        </details>
      </div>
    </body>
  </html>`;
}

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startPagesServer({}, async (ctx) => {
    if (ctx.path === '/sample') renderPage(ctx, await renderSample());
  });
  scene = await createScene(server.context);
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

async function openSignedIn(path: string): Promise<Page> {
  const person = await openBrowserPerson(browser, OWNER);
  await person.signIn(server.url);
  const streaming = person.page.waitForResponse(
    (response) => new URL(response.url()).pathname === '/live' && response.status() === 200,
  );
  await person.page.goto(`${server.url}${path}`);
  await streaming;
  // Gone after a reload.
  await person.page.evaluate(() => Object.assign(window, { isSamePage: true }));
  return person.page;
}

const isSamePage = (page: Page) => page.evaluate(() => 'isSamePage' in window);

test('a badge turns from Scheduled to Published without a reload, and what a person typed, chose and opened stays', async () => {
  postId = await addPost(server.context, scene, { text: 'Fresh rolls at seven', state: 'scheduled' });
  const page = await openSignedIn('/sample');
  const badge = page.locator('#block .badge');
  expect(await badge.textContent()).toBe('Scheduled');
  await page.getByLabel('Note').fill('half a thou');
  await page.getByLabel('Tone').selectOption('loud');
  await page.getByText('More').click();
  await page.getByLabel('Note').focus();

  await server.context.db.$executeRaw`
    update delivery set state = 'published', published_at = clock_timestamp(), remote_id = 'r' where post_id = ${postId}`;

  await expect.poll(() => badge.textContent(), { timeout: 5_000 }).toBe('Published');
  expect(await page.getByLabel('Note').inputValue()).toBe('half a thou');
  expect(await page.getByLabel('Tone').inputValue()).toBe('loud');
  expect(await page.getByText('published inside').isVisible()).toBe(true);
  await page.keyboard.type('ght');
  expect(await page.getByLabel('Note').inputValue()).toBe('half a thought');
  expect(await isSamePage(page)).toBe(true);
  await page.context().close();
});

test('Home moves a post from what goes out next to what went out', async () => {
  const text = 'The oven is warm';
  const id = await addPost(server.context, scene, { text, state: 'scheduled' });
  const page = await openSignedIn('/');
  const card = (title: string) =>
    page.locator('section.card', { has: page.getByRole('heading', { name: title }) });
  expect(await card('Going out next').getByText(text).count()).toBe(1);
  await server.context.db.$executeRaw`
    update delivery set state = 'published', published_at = clock_timestamp(), remote_id = 'r2' where post_id = ${id}`;
  await expect.poll(() => card('Went out').getByText(text).count(), { timeout: 5_000 }).toBe(1);
  expect(await card('Going out next').getByText(text).count()).toBe(0);
  expect(await isSamePage(page)).toBe(true);
  await page.context().close();
});

test('the first step ticks itself off at the first call, with its buttons to copy until then', async () => {
  const page = await openSignedIn('/');
  const step = page
    .getByRole('listitem')
    .filter({ has: page.getByRole('heading', { name: /^Connect your editor/ }) });
  expect(await step.getByText('Waiting for your first call…').isVisible()).toBe(true);
  const copy = page.getByRole('button', { name: 'Copy: MCP address' });
  expect(await copy.isVisible()).toBe(true);

  const connectionId = await addConnection(server.context, scene.owner, 'Editor');
  await step.getByText('Allowed. Waiting for its first call…').waitFor();
  expect(await copy.isVisible()).toBe(true);

  await server.context.db.$executeRaw`
    update connection set first_used_at = clock_timestamp() where id = ${connectionId}`;
  await step.getByText('Its first call has come.').waitFor();
  expect(await step.getByRole('heading').textContent()).toBe('Connect your editor: done');
  expect(await copy.count()).toBe(0);
  expect(await isSamePage(page)).toBe(true);
  await page.context().close();
});

test('Home of one team does not get the posts of another, at which another tab looks by now', async () => {
  const { db } = server.context;
  const { personId } = scene.owner;
  const page = await openSignedIn('/');
  const heading = page.getByRole('heading', { level: 1 });
  expect(await heading.textContent()).toBe('Harbour Bakery');
  const teamId = newId('team');
  await db.team.create({ data: { id: teamId, name: 'Night Bakery', timeZone: 'UTC' } });
  await db.membership.create({ data: { teamId, personId, role: 'owner' } });
  const other = await page.context().newPage();
  await other.goto(server.url);
  await other.getByRole('button', { name: 'Harbour Bakery' }).click();
  await other.getByRole('button', { name: 'Go to Night Bakery' }).click();
  await other.getByRole('heading', { level: 1, name: 'Night Bakery' }).waitFor();
  expect(await heading.textContent()).toBe('Harbour Bakery');

  await page.bringToFront();
  await addPost(server.context, scene, { text: 'Kept within the team', state: 'scheduled' });

  await expect.poll(() => heading.textContent(), { timeout: 5_000 }).toBe('Night Bakery');
  expect(await isSamePage(page)).toBe(false);
  await db.team.delete({ where: { id: teamId } });
  await page.context().close();
});

test('the first steps are put away, and come back', async () => {
  const page = (await openBrowserPerson(browser, OWNER)).page;
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel('Email').fill(OWNER.email);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'Put the first steps away' }).click();
  await page.getByRole('button', { name: 'Show the first steps' }).click();
  expect(await page.getByRole('button', { name: 'Put the first steps away' }).isVisible()).toBe(true);
  await page.context().close();
});
