// Every page as owner, editor and viewer, at three widths, light and dark, with and without JavaScript: pictures in
// screenshots/, and everything that is wrong with one of them.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { furnishOpenPages, furnishPages } from '../browser/support/furnish-pages.ts';
import {
  inspectPage,
  judgePage,
  judgeWeight,
  openLooker,
  openPage,
  ROLES,
  SCHEMES,
  turn,
  WIDTHS,
} from '../browser/support/walk.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { addMember, OWNER } from '../http/support/scene.ts';
import { launchBrowser } from '../support/browser.ts';

const FOLDER = path.join(import.meta.dirname, '../../screenshots');
const SLOWEST_PAINT_MS = 500;
/** Only pages whose name begins so: SCREENSHOTS_OF=calendar npm run screenshots */
const WANTED = process.env['SCREENSHOTS_OF'] ?? '';

let browser: Browser;
let server: PagesServer;
let paths: Record<string, string>;
let openPaths: Record<string, string>;
let people: Record<(typeof ROLES)[number], string>;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startPagesServer({ NODE_ENV: 'development' });
  const { context } = server;
  const isWanted = ([name]: [string, string]) => name.startsWith(WANTED);
  paths = Object.fromEntries(Object.entries(await furnishPages(context)).filter(isWanted));
  openPaths = Object.fromEntries(Object.entries(await furnishOpenPages(context)).filter(isWanted));
  const { teamId, personId } = await context.db.membership.findFirstOrThrow({
    where: { person: { email: OWNER.email } },
  });
  people = {
    owner: personId,
    editor: (await addMember(context, teamId, 'editor')).caller.personId,
    viewer: (await addMember(context, teamId, 'viewer')).caller.personId,
  };
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

it('how soon every page is painted, in a browser that has nothing of it yet', async () => {
  const paint = async (address: string, personId: string | null) => {
    const looker = await openLooker(browser, server, { personId, hasScripts: true, isTimed: true });
    const { weight } = await openPage(looker, server.url + address, { width: 1440, scheme: 'light' });
    await looker.visit.close();
    return { address, ms: Math.round(weight?.firstPaintMs ?? 0) };
  };
  // What a server and a browser do once in their lives is no property of a page: it is told by itself.
  const first = await paint('/sign-in', null);
  /** The middle one of three browsers: what else the machine does is no property of a page either. */
  const paintThrice = async (address: string, personId: string | null) => {
    const three = [];
    for (let no = 0; no < 3; no += 1) three.push(await paint(address, personId));
    return three.toSorted((a, b) => a.ms - b.ms)[1]!;
  };
  const paints: { address: string; ms: number }[] = [];
  for (const address of Object.values(paths)) paints.push(await paintThrice(address, people.owner));
  for (const address of Object.values(openPaths)) paints.push(await paintThrice(address, null));
  paints.sort((a, b) => a.ms - b.ms);
  const at = (share: number) => paints[Math.floor((paints.length - 1) * share)]!;
  const slow = paints.filter(({ ms }) => ms > SLOWEST_PAINT_MS);
  process.stdout.write(
    `First contentful paint of ${paints.length} pages: median ${at(0.5).ms} ms, slowest ${at(1).ms} ms (${at(1).address}), ${slow.length} above ${SLOWEST_PAINT_MS} ms | goal 0 | ${slow.length === 0 ? 'ok' : 'short'}\nThe first page of all, of a server and a browser that have just begun: ${first.ms} ms\n`,
  );
  expect(paints.every(({ ms }) => ms > 0)).toBe(true);
});

it('every page in every look', async () => {
  await rm(FOLDER, { recursive: true, force: true });
  const problems: string[] = [];
  let looks = 0;
  let heaviest = { path: '', bytes: 0 };
  let mostShift = 0;

  for (const role of [...ROLES, 'nobody'] as const) {
    for (const hasScripts of [true, false]) {
      const signedInAs = role === 'nobody' ? null : people[role];
      const looker = await openLooker(browser, server, { personId: signedInAs, hasScripts });
      for (const [name, address] of Object.entries(role === 'nobody' ? openPaths : paths)) {
        for (const width of WIDTHS) {
          for (const scheme of SCHEMES) {
            const look = `${name}-${role}-${width}-${scheme}${hasScripts ? '' : '-no-scripts'}`;
            const say = (found: readonly string[]) =>
              problems.push(...found.map((problem) => `${address} (${look}): ${problem}`));
            if (scheme === SCHEMES[0]) {
              const { status, weight } = await openPage(looker, server.url + address, { width, scheme });
              if (status >= 500) say([`answered ${status}`]);
              say(judgeWeight(address, weight));
              if (weight) {
                mostShift = Math.max(mostShift, weight.shift);
                if (weight.scriptBytes > heaviest.bytes)
                  heaviest = { path: address, bytes: weight.scriptBytes };
              }
            } else if (hasScripts) await turn(looker.page, { width, scheme });
            else await looker.page.emulateMedia({ colorScheme: scheme });
            say(await inspectPage(looker));
            if (hasScripts) say(await judgePage(looker));
            await mkdir(path.join(FOLDER, name), { recursive: true });
            await looker.page.screenshot({ path: path.join(FOLDER, name, `${look}.png`), fullPage: true });
            looks += 1;
          }
        }
      }
      const errors = looker.errors.filter((text) => !/status of 40[34]/.test(text));
      problems.push(...errors.map((error) => `${role}: ${error}`));
      await looker.visit.close();
    }
  }
  const pages = Object.keys(paths).length + Object.keys(openPaths).length;
  const lines = [
    `TARGET E3 ${problems.length} of ${looks} looks at ${pages} pages with a violation | goal 0 | ${problems.length === 0 ? 'ok' : 'short'}`,
    `Layout shift: at most ${mostShift.toFixed(3)} | goal 0.05`,
    `Compressed JavaScript: at most ${heaviest.bytes} bytes, on ${heaviest.path} | goal 61440 but for the calendar`,
    ...problems,
  ];
  process.stdout.write(`${lines.join('\n')}\nPictures: screenshots/\n`);
  await writeFile(path.join(FOLDER, 'report.txt'), `${lines.join('\n')}\n`);
  expect(problems).toEqual([]);
});
