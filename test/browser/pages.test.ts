import { mkdirSync } from 'node:fs';

import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createSetupLink } from '../../server/teams/first-owner.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { addMember, OWNER } from '../http/support/scene.ts';
import { launchBrowser } from '../support/browser.ts';
import { listShownRoutes, routeOf } from '../support/page-routes.ts';
import { chooseLooks, findUnseenPairs } from './support/choose-looks.ts';
import { furnishOpenPages, furnishPages } from './support/furnish-pages.ts';
import {
  closeAll,
  inspectPage,
  judgePage,
  judgeWeight,
  openLooker,
  openPage,
  turn,
  type OpenLooker,
} from './support/walk.ts';

/** A folder for pictures of every page, to look at; none are taken when unset. */
const SHOTS = process.env['SHOTS_DIR'];

/** Looked at where what they need is: a first owner, a company, an account that a network told. */
const ELSEWHERE = {
  '/set-up/:token': 'below',
  '/sign-in/company/link': 'company-sign-in.test.ts',
  '/channels/accounts/:id': 'link-networks.test.ts',
};

let browser: Browser;
let server: PagesServer;
let paths: Record<string, string>;
/** Without signing in. */
let openPaths: Record<string, string>;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startPagesServer({ NODE_ENV: 'development' });
  paths = await furnishPages(server.context);
  openPaths = await furnishOpenPages(server.context);
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

async function shoot(page: Page, name: string): Promise<void> {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

describe('every page', () => {
  it('is one that this walk knows', () => {
    const routes = listShownRoutes(server.context);
    const walked = new Set(
      [...Object.values(paths), ...Object.values(openPaths)].map((path) =>
        routeOf(routes, new URL(path, server.url).pathname),
      ),
    );
    expect(routes.filter((route) => !walked.has(route) && !Object.hasOwn(ELSEWHERE, route))).toEqual([]);
  });

  it('is seen in both schemes, at every width, by every role, with and without JavaScript', () => {
    expect(findUnseenPairs(Object.keys(paths).length)).toEqual([]);
  });

  it('has nothing that axe-core objects to, does not scroll sideways, shift or weigh too much, and works without JavaScript', async () => {
    const { context } = server;
    const teamId = (await context.db.team.findFirstOrThrow()).id;
    const people = {
      owner: (await context.db.person.findFirstOrThrow({ where: { email: OWNER.email } })).id,
      editor: (await addMember(context, teamId, 'editor')).caller.personId,
      viewer: (await addMember(context, teamId, 'viewer')).caller.personId,
    };
    const lookers = new Map<string, OpenLooker>();
    const openAs = async (role: keyof typeof people | null, hasScripts: boolean) => {
      const known = lookers.get(`${role} ${hasScripts}`);
      if (known) return known;
      const opened = await openLooker(browser, server, { personId: role && people[role], hasScripts });
      lookers.set(`${role} ${hasScripts}`, opened);
      return opened;
    };
    const problems: string[] = [];
    const all = [...Object.entries(paths), ...Object.entries(openPaths)];
    for (const [no, [name, path]] of all.entries()) {
      const { judged, plain } = chooseLooks(no);
      const isOpen = Object.hasOwn(openPaths, name);
      const say = (look: { width: number; scheme: string }, found: readonly string[]) =>
        problems.push(...found.map((problem) => `${path} at ${look.width} px, ${look.scheme}: ${problem}`));
      // Who may not see it is told so, on a page like any other: the owner is who looks at what is behind it.
      let looker = await openAs(isOpen ? null : judged.role, true);
      const [first, second] = judged.looks as [(typeof judged.looks)[0], (typeof judged.looks)[0]];
      let opened = await openPage(looker, server.url + path, first);
      if (opened.status === 403 && judged.role !== 'owner') {
        say(first, [...(await judgePage(looker)), ...(await inspectPage(looker))]);
        looker = await openAs('owner', true);
        opened = await openPage(looker, server.url + path, first);
      }
      if (opened.status !== (name === 'missing' ? 404 : 200)) say(first, [`answered ${opened.status}`]);
      say(first, judgeWeight(path, opened.weight));
      for (const look of [first, second]) {
        if (look === second) await turn(looker.page, look);
        say(look, [...(await judgePage(looker)), ...(await inspectPage(looker))]);
        await shoot(looker.page, `${name}-${look.width}-${look.scheme}`);
      }
      const bare = await openAs(isOpen ? null : plain.role, false);
      const { status } = await openPage(bare, server.url + path, plain);
      if (![200, 403, 404].includes(status)) say(plain, [`answered ${status} without scripts`]);
      say(plain, await inspectPage(bare));
    }
    const errors = [...lookers.values()].flatMap((looker) => looker.errors);
    await closeAll([...lookers.values()]);
    expect(problems).toEqual([]);
    expect(errors.filter((text) => !/status of 40[34]/.test(text))).toEqual([]);
  }, 300_000);
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
