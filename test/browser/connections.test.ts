import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { addClient, addClientConnection, addClientEvents } from '../http/support/clients-scene.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { addMember, addPost, createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { launchBrowser } from '../support/browser.ts';

/** A folder for pictures of every page, to look at; none are taken when unset. */
const SHOTS = process.env['SHOTS_DIR'];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PAGES = [
  'list',
  'ended',
  'all',
  'nothingFound',
  'suspect',
  'lost',
  'client',
  'revoke',
  'revokeAll',
] as const;
/** Templates drop a line break together with the space that it stands for. */
const GLUED = /[a-z,:;)]<(a|time|strong|code|span)\b[^>]*>(?!<)[a-zA-Z]|<\/(a|time|strong|code)>[a-z(]/;
const LONG_NAME = 'Donaudampfschifffahrtselektrizitätenhauptbetriebswerk editor';

let browser: Browser;
let full: PagesServer;
let empty: PagesServer;
let paths: Record<(typeof PAGES)[number], string>;

beforeAll(async () => {
  [browser, full, empty] = await Promise.all([launchBrowser(), startPagesServer(), startPagesServer()]);
  await createScene(empty.context);
  paths = await furnish(full, await createScene(full.context));
});
afterAll(async () => {
  await browser.close();
  await full[Symbol.asyncDispose]();
  await empty[Symbol.asyncDispose]();
});

/** Twenty-three clients with all that can be the matter with them. */
async function furnish({ context }: PagesServer, scene: Scene): Promise<typeof paths> {
  const { owner } = scene;
  const { caller: editor } = await addMember(context, owner.teamId, 'editor');
  const code = await addClientConnection(context, owner, {
    clientName: 'Visual Studio Code',
    redirectHost: 'vscode.dev',
  });
  await addClientConnection(context, editor, {
    clientName: 'Visual Studio Code',
    redirectHost: 'vscode.dev',
    clientId: code.clientId,
  });
  for (let times = 0; times < 9; times += 1) {
    await addClientConnection(context, owner, {
      clientName: 'Visual Studio Code',
      redirectHost: 'vscode.dev',
      isRevoked: true,
    });
  }
  const suspect = await addClientConnection(context, owner, {
    clientName: LONG_NAME,
    scopes: ['schedule:read', 'schedule:write'],
    suspectMinutesAgo: 30,
    lastAddress: '2001:db8:85a3:8d3:1319:8a2e:370:7348',
    endsInMinutes: 60_000,
  });
  await addClientEvents(context, [
    { kind: 'registered', clientId: suspect.clientId, minutesAgo: 601 },
    { kind: 'metadata_read', minutesAgo: 602 },
    { kind: 'consent_shown', clientId: suspect.clientId, personId: owner.personId, minutesAgo: 600 },
    { kind: 'token_issued', clientId: suspect.clientId, connectionId: suspect.id, minutesAgo: 599 },
    {
      kind: 'token_refused',
      clientId: suspect.clientId,
      connectionId: suspect.id,
      minutesAgo: 3,
      reason: 'invalid_grant: refresh token already used',
    },
    {
      kind: 'scope_challenged',
      clientId: suspect.clientId,
      connectionId: suspect.id,
      minutesAgo: 9,
      reason: 'posts:publish',
    },
    {
      kind: 'scope_challenged',
      clientId: suspect.clientId,
      connectionId: suspect.id,
      minutesAgo: 7,
      reason: 'posts:publish',
    },
  ]);
  const lost = await addClientConnection(context, owner, {
    clientName: 'Laptop that was lost',
    isRevoked: true,
  });
  await addPost(context, scene, {
    text: 'Held because the laptop is gone, and nobody knows where it went.',
    state: 'held',
    connectionId: lost.id,
  });
  await addPost(context, scene, {
    text: `Held as well ${LONG_NAME.repeat(3)}`,
    state: 'held',
    connectionId: lost.id,
  });
  await addPost(context, scene, {
    text: 'Goes out on Saturday at seven.',
    state: 'scheduled',
    connectionId: suspect.id,
  });
  const asked = await addClient(context, 'Asked and denied', 'claude.ai');
  await addClientEvents(context, [
    { kind: 'consent_shown', clientId: asked, personId: owner.personId, minutesAgo: 40 },
    { kind: 'consent_denied', clientId: asked, personId: owner.personId, minutesAgo: 39 },
    { kind: 'wrong_path', address: '198.51.100.23', userAgent: 'node', reason: '/mcp/sse' },
    {
      kind: 'authorize_refused',
      clientId: 'dyn_gone',
      address: '198.51.100.24',
      userAgent: 'Mozilla/5.0',
      reason: 'invalid_client: client is invalid',
    },
  ]);
  for (let index = 1; index <= 19; index += 1) {
    await addClientConnection(context, index % 3 ? owner : editor, {
      clientName: `Client number ${index}`,
      redirectHost: index % 2 ? 'cursor:' : '127.0.0.1',
      lastUsedMinutesAgo: index * 700,
    });
  }
  return {
    list: '/connections',
    ended: '/connections?show=ended',
    all: '/connections?show=all',
    nothingFound: '/connections?q=no+such+client',
    suspect: `/connections/${suspect.id}`,
    lost: `/connections/${lost.id}`,
    client: await groupPath(context, suspect.id),
    revoke: `/connections/${suspect.id}/revoke`,
    revokeAll: `${await groupPath(context, code.id)}/revoke`,
  };
}

async function groupPath({ db }: PagesServer['context'], connectionId: string): Promise<string> {
  const [group] = await db.$queryRaw<[{ id: string }]>`
    select 'grp_' || md5(client_name || chr(10) || redirect_host) as id from connection where id = ${connectionId}`;
  return `/connections/clients/${group.id}`;
}

async function signIn(page: Page, server: PagesServer): Promise<void> {
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel('Email').fill(OWNER.email);
  await page.getByLabel('Password').fill(OWNER.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${server.url}/`);
}

/** Opens everything that is closed, so that it is looked at too. */
async function openDetails(page: Page): Promise<void> {
  await page.evaluate(() => document.querySelectorAll('details').forEach((one) => (one.open = true)));
}

async function shoot(page: Page, name: string): Promise<void> {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

interface AxeResult {
  violations: { id: string; nodes: { html: string }[] }[];
}

async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResult>('axe.run()');
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Colours are judged in both themes; what depends on the width, at both widths. */
describe.each([
  { width: 390, colorScheme: 'light' as const, isJudged: true },
  { width: 390, colorScheme: 'dark' as const, isJudged: false },
  { width: 1280, colorScheme: 'light' as const, isJudged: false },
  { width: 1280, colorScheme: 'dark' as const, isJudged: true },
])('at $width px, $colorScheme', ({ width, colorScheme, isJudged }) => {
  async function openPage(server: PagesServer): Promise<Page> {
    const visit = await browser.newContext({
      viewport: { width, height: 800 },
      colorScheme,
      bypassCSP: true,
    });
    const page = await visit.newPage();
    await signIn(page, server);
    return page;
  }

  let pages: { full: Page; empty: Page };
  beforeAll(async () => {
    pages = { full: await openPage(full), empty: await openPage(empty) };
  });
  afterAll(async () => {
    await pages.full.context().close();
    await pages.empty.context().close();
  });

  it.each([
    ...PAGES.map((name) => ({ kind: 'full' as const, name })),
    { kind: 'empty' as const, name: 'list' as const },
    { kind: 'empty' as const, name: 'ended' as const },
  ])(
    '$kind $name has one h1, no sideways scroll and, where colours are judged, nothing for axe',
    async ({ kind, name }) => {
      const page = pages[kind];
      await page.goto(`${{ full, empty }[kind].url}${paths[name]}`);
      await shoot(page, `${kind}-${name}-${width}-${colorScheme}`);
      await openDetails(page);
      if (name === 'suspect' || name === 'lost')
        await shoot(page, `${kind}-${name}-open-${width}-${colorScheme}`);
      expect(
        await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
      ).toBeLessThanOrEqual(0);
      expect(await page.locator('h1').count()).toBe(1);
      expect(await page.locator('main').innerHTML()).not.toMatch(GLUED);
      expect(isJudged ? await findViolations(page) : []).toEqual([]);
    },
  );
});

describe('by keyboard, without JavaScript', () => {
  it('finds a client, takes a permission away and revokes it, taking its posts over', async () => {
    const visit = await browser.newContext({
      viewport: { width: 390, height: 800 },
      javaScriptEnabled: false,
    });
    const page = await visit.newPage();
    await signIn(page, full);
    await page.goto(`${full.url}/connections`);
    await page.getByLabel('Find a client by name or host').focus();
    await page.keyboard.type('donaudampf');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=donaudampf/);
    expect(await page.locator('main h2').count()).toBeGreaterThan(0);
    await page.getByRole('link', { name: /^Details of/ }).press('Enter');
    await page.waitForURL(/con_/);
    await page.getByText('Take permissions away').press('Enter');
    const schedule = page.getByRole('checkbox', { name: /^Schedule posts/ });
    await schedule.press('Space');
    expect(await schedule.isChecked()).toBe(false);
    await page.getByRole('button', { name: 'Keep only what is ticked' }).press('Enter');
    await page.waitForURL(/done=limited/);
    expect(await page.getByText('It counts from its next call on.').isVisible()).toBe(true);
    await page.getByRole('link', { name: /^Revoke/ }).press('Enter');
    await page.waitForURL(/revoke$/);
    await page.getByRole('radio', { name: 'Hold it' }).press('ArrowDown');
    expect(await page.getByRole('radio', { name: 'Take it over now' }).isChecked()).toBe(true);
    await shoot(page, 'revoke-take-over-390');
    await page.getByRole('button', { name: 'Revoke' }).press('Enter');
    await page.waitForURL(/done=revoked_and_taken_over/);
    expect(await page.getByText('Revoked, and the posts are yours').isVisible()).toBe(true);
    await visit.close();
  });

  it('is shown the first call of a client as it comes, by itself', async () => {
    const scene = await full.context.db.connection.findFirstOrThrow();
    const { id } = await addClientConnection(
      full.context,
      { kind: 'person', role: 'owner', teamId: scene.teamId, personId: scene.personId },
      { clientName: 'Just connected', minutesAgo: 0, lastUsedMinutesAgo: null },
    );
    const visit = await browser.newContext({ javaScriptEnabled: false });
    const page = await visit.newPage();
    await signIn(page, full);
    await page.goto(`${full.url}/connections/${id}`);
    expect(await page.getByText('Waiting for its first call').isVisible()).toBe(true);
    await full.context.db.connection.update({
      where: { id },
      data: { firstUsedAt: new Date(), lastUsedAt: new Date() },
    });
    await page.getByText('its first call arrived').waitFor({ timeout: 15_000 });
    await visit.close();
  });
});
