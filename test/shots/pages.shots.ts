// Every page as owner, editor and viewer, at three widths, light and dark, with and without JavaScript: pictures in
// screenshots/, and everything that is wrong with one of them.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { expect, it } from 'vitest';

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
import { startPagesServer } from '../http/support/pages-server.ts';
import { addMember, OWNER } from '../http/support/scene.ts';
import { launchBrowser } from '../support/browser.ts';

const FOLDER = path.join(import.meta.dirname, '../../screenshots');
const SLOWEST_PAINT_MS = 500;
/** Only pages whose name begins so: SCREENSHOTS_OF=calendar npm run screenshots */
const WANTED = process.env['SCREENSHOTS_OF'] ?? '';

it('every page in every look', async () => {
  await using server = await startPagesServer({ NODE_ENV: 'development' });
  const { context } = server;
  const paths = await furnishPages(context);
  const openPaths = await furnishOpenPages(context);
  const { teamId, personId } = await context.db.membership.findFirstOrThrow({
    where: { person: { email: OWNER.email } },
  });
  const people = {
    owner: personId,
    editor: (await addMember(context, teamId, 'editor')).caller.personId,
    viewer: (await addMember(context, teamId, 'viewer')).caller.personId,
  };
  const browser = await launchBrowser();
  await rm(FOLDER, { recursive: true, force: true });
  const problems: string[] = [];
  const paints: number[] = [];
  const slow: string[] = [];
  let looks = 0;
  let heaviest = { path: '', bytes: 0 };
  let mostShift = 0;

  for (const role of [...ROLES, 'nobody'] as const) {
    for (const hasScripts of [true, false]) {
      const signedInAs = role === 'nobody' ? null : people[role];
      const looker = await openLooker(browser, server, { personId: signedInAs, hasScripts });
      for (const [name, address] of Object.entries(role === 'nobody' ? openPaths : paths)) {
        if (!name.startsWith(WANTED)) continue;
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
                if (weight.firstPaintMs !== null) paints.push(weight.firstPaintMs);
                if ((weight.firstPaintMs ?? 0) > SLOWEST_PAINT_MS) {
                  slow.push(`${look}: ${Math.round(weight.firstPaintMs!)} ms`);
                }
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
  await browser.close();
  const pages = Object.keys(paths).length + Object.keys(openPaths).length;
  const sorted = paints.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
  const lines = [
    `TARGET E3 ${problems.length} of ${looks} looks at ${pages} pages with a violation | goal 0 | ${problems.length === 0 ? 'ok' : 'short'}`,
    `First contentful paint: median ${at(0.5)} ms, 95 % within ${at(0.95)} ms, slowest ${at(1)} ms, ${slow.length} of ${sorted.length} above ${SLOWEST_PAINT_MS} ms | goal 500 ms`,
    `Layout shift: at most ${mostShift.toFixed(3)} | goal 0.05`,
    `Compressed JavaScript: at most ${heaviest.bytes} bytes, on ${heaviest.path} | goal 61440 but for the calendar`,
    ...slow,
    ...problems,
  ];
  process.stdout.write(`${lines.join('\n')}\nPictures: screenshots/\n`);
  await writeFile(path.join(FOLDER, 'report.txt'), `${lines.join('\n')}\n`);
  expect(problems).toEqual([]);
});
