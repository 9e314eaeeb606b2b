// The four pictures of the README, in readme/ beside this: run again when a page that they show looks different.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import sharp from 'sharp';
import { expect, it } from 'vitest';

import { startPagesServer } from '../http/support/pages-server.ts';
import { launchBrowser } from '../support/browser.ts';
import { openLooker } from '../browser/support/walk.ts';
import { furnishBakery } from './bakery.ts';

const FOLDER = path.join(import.meta.dirname, 'readme');
const MOST_BYTES = 150_000;
const LAPTOP = { width: 1280, height: 960 };
/** Room for whole weeks. */
const MONTH = { width: 1280, height: 1060 };
const PHONE = { width: 390, height: 844 };

it('home, calendar, editor, and an approval on a phone', async () => {
  await using server = await startPagesServer();
  const { scene, draftId, waitingId } = await furnishBakery(server.context);
  const browser = await launchBrowser();
  const looker = await openLooker(browser, server, { personId: scene.owner.personId, hasScripts: true });
  const { page } = looker;
  await page.goto(server.url);
  await page.getByRole('button', { name: 'Put the first steps away' }).click();
  const shots = [
    { name: 'home', path: '/', view: LAPTOP, scheme: 'light' },
    { name: 'calendar', path: '/calendar', view: MONTH, scheme: 'light' },
    { name: 'post-editor', path: `/posts/${draftId}/edit`, view: LAPTOP, scheme: 'dark' },
    { name: 'approval-phone', path: `/posts/${waitingId}/approve`, view: PHONE, scheme: 'light' },
  ] as const;
  await mkdir(FOLDER, { recursive: true });
  for (const { name, path: address, view, scheme } of shots) {
    await page.setViewportSize(view);
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto(server.url + address, { waitUntil: 'load' });
    // The calendar's script has put its own in place of the table then.
    if (name === 'calendar') await page.locator('.dragging').waitFor();
    await page.waitForFunction(() =>
      [...document.images].every(({ complete, loading }) => complete || loading === 'lazy'),
    );
    const picture = await compress(await page.screenshot());
    expect(picture.byteLength, name).toBeLessThan(MOST_BYTES);
    await writeFile(path.join(FOLDER, `${name}.png`), picture);
    process.stdout.write(`readme/${name}.png ${Math.round(picture.byteLength / 1000)} kB\n`);
  }
  expect(looker.errors).toEqual([]);
  await browser.close();
});

/** With as many colours as fit. */
async function compress(picture: Buffer): Promise<Buffer> {
  let smallest = picture;
  for (const colours of [256, 128, 64, 32]) {
    smallest = await sharp(picture)
      .png({ palette: true, colours, effort: 10, compressionLevel: 9 })
      .toBuffer();
    if (smallest.byteLength < MOST_BYTES) break;
  }
  return smallest;
}
