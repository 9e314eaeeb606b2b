import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { newId } from '../../server/ids.ts';
import { addPicture } from '../../server/media/add-picture.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { addMember, createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { photo } from '../media/pictures.ts';
import { launchBrowser, type Credentials } from '../support/browser.ts';

const HOSTILE = '<img src=x onerror=document.title=1>.jpg';

let browser: Browser;
let server: PagesServer;
let scene: Scene;

beforeAll(async () => {
  browser = await launchBrowser();
  server = await startPagesServer({ MEDIA_MAX_MB: '2' });
  scene = await createScene(server.context);
  const channel = { teamId: scene.owner.teamId, network: 'playground', handle: 'practice' };
  const id = newId('channel');
  await server.context.db.channel.create({
    data: { ...channel, id, remoteAccountId: id, imitates: 'instagram' },
  });
});
afterAll(async () => {
  await browser.close();
  await server[Symbol.asyncDispose]();
});

async function open(
  path: string,
  options: BrowserContextOptions = {},
  credentials: Credentials = OWNER,
): Promise<Page> {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(`${server.url}/sign-in`);
  await page.getByLabel('Email').fill(credentials.email);
  await page.getByLabel('Password').fill(credentials.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(`${server.url}/`);
  await page.goto(`${server.url}${path}`);
  return page;
}

interface Dropped {
  name: string;
  base64: string;
}

/** As a person drops files from their desktop. */
async function drop(page: Page, files: Dropped[]): Promise<void> {
  const transfer = await page.evaluateHandle((dropped) => {
    const data = new DataTransfer();
    for (const { name, base64 } of dropped) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      data.items.add(new File([bytes], name, { type: 'image/jpeg' }));
    }
    return data;
  }, files);
  for (const type of ['dragenter', 'dragover', 'drop']) {
    await page.dispatchEvent('form[data-upload]', type, { dataTransfer: transfer });
  }
}

async function addOne(width: number, height: number, filename: string): Promise<string> {
  const bytes = new Uint8Array(await photo(width, height));
  return (await addPicture(server.context, scene.owner, { source: 'upload', bytes, filename })).id;
}

describe('upload', () => {
  it('takes several dropped files one after the other, with progress, and says of each what became of it', async () => {
    const page = await open('/media');
    await page.locator('form[data-upload] input[multiple]').waitFor();
    // Every state that a row went through.
    await page.evaluate(() => {
      const seen: string[] = [];
      Object.assign(globalThis, { seen });
      const look = () =>
        document.querySelectorAll('.uploads .hint, .uploads .error').forEach((state) => {
          if (!seen.includes(state.textContent)) seen.push(state.textContent);
        });
      const options = { subtree: true, childList: true, characterData: true };
      new MutationObserver(look).observe(document.querySelector('.uploads')!, options);
    });
    await drop(page, [
      { name: HOSTILE, base64: (await photo(900, 700)).toString('base64') },
      { name: 'letter.jpg', base64: Buffer.from('Dear all, this is no picture.').toString('base64') },
      { name: 'far-too-large.jpg', base64: Buffer.alloc(2_100_000).toString('base64') },
    ]);
    const rows = page.getByRole('list', { name: 'Uploads' }).getByRole('listitem');
    await rows.nth(0).getByRole('link', { name: 'Write its alt text' }).waitFor();
    await rows.nth(1).getByRole('button', { name: 'Try again' }).waitFor();
    await rows.nth(2).getByText('It is larger than the 2 MB that a picture may have.').waitFor();
    expect(await rows.nth(0).locator('.name').textContent()).toBe(HOSTILE);
    expect(await page.title()).toBe('Media · Grantcast');
    const seen = await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen);
    expect(seen).toContain('100 percent sent');
    expect(seen).toContain('Is being prepared');
    expect(await page.locator('p[role=status].hidden').textContent()).toMatch(
      /^far-too-large.jpg was not taken/,
    );
    await page.locator('#library .pictures li').waitFor();
    const kept = await server.context.db.media.findMany({ where: { source: 'upload', width: 900 } });
    expect(kept).toHaveLength(1);
    await page.context().close();
  });

  it('tries again what did not arrive', async () => {
    const page = await open('/media');
    await page.locator('form[data-upload] input[multiple]').waitFor();
    await page.route('**/media', (route) => route.abort('connectionreset'), { times: 1 });
    await page.getByLabel('Choose or drop pictures').setInputFiles({
      ...{ name: 'second-try.jpg', mimeType: 'image/jpeg', buffer: await photo(800, 333) },
    });
    const row = page.getByRole('list', { name: 'Uploads' }).getByRole('listitem');
    await row.getByText('The connection broke off on the way.').waitFor();
    await row.getByRole('button', { name: 'Try again' }).press('Enter');
    await row.getByRole('link', { name: 'Write its alt text' }).waitFor();
    expect(await server.context.db.media.count({ where: { filename: 'second-try.jpg' } })).toBe(1);
    await page.context().close();
  });

  it('without JavaScript the plain form sends a file with its alt text', async () => {
    const page = await open('/media', { javaScriptEnabled: false, viewport: { width: 390, height: 800 } });
    await page.getByLabel('File').setInputFiles({
      ...{ name: 'plain.jpg', mimeType: 'image/jpeg', buffer: await photo(640, 123) },
    });
    await page.getByLabel('Alt text', { exact: true }).fill('A plain picture');
    await page.getByRole('button', { name: 'Add it' }).click();
    await page.waitForURL(/\/media\/med_\w+\?done=media_added/);
    expect(await page.getByLabel('Alt text').inputValue()).toBe('A plain picture');
    await page.context().close();
  });

  it('is not offered to a viewer', async () => {
    const viewer = await addMember(server.context, scene.owner.teamId, 'viewer');
    const page = await open('/media', {}, viewer);
    expect(await page.locator('form[method=post][action^="/media"]').count()).toBe(0);
    await page.context().close();
  });
});

describe('the focal point', () => {
  it('is moved with the arrow keys, and the crops follow at once and as they are kept', async () => {
    const id = await addOne(1200, 400, 'wide.jpg');
    const page = await open(`/media/${id}`);
    const handle = page.getByRole('slider', { name: 'Focal point' });
    const crop = page.getByRole('img', { name: 'As Instagram shows it' });
    const before = await crop.getAttribute('viewBox');
    await handle.focus();
    for (let step = 0; step < 4; step += 1) await page.keyboard.press('Shift+ArrowRight');
    await page.keyboard.press('ArrowUp');
    expect(await handle.getAttribute('aria-valuetext')).toBe(
      '90 percent from the left, 49 percent from the top',
    );
    expect(await page.getByLabel('Percent from the left').inputValue()).toBe('90');
    const moved = await crop.getAttribute('viewBox');
    expect(moved).not.toBe(before);
    await page.getByRole('button', { name: 'Save' }).click();
    await page.waitForURL(/done=media_changed/);
    expect(await crop.getAttribute('viewBox')).toBe(moved);
    expect(await server.context.db.media.findUniqueOrThrow({ where: { id } })).toMatchObject({
      ...{ focalX: 0.9, focalY: 0.49 },
    });
    await page.context().close();
  });

  it('is where a person clicks or drags it', async () => {
    const id = await addOne(1000, 500, 'click.jpg');
    const page = await open(`/media/${id}`);
    await page.getByRole('slider', { name: 'Focal point' }).waitFor();
    const box = (await page.locator('[data-focal-stage] img').boundingBox())!;
    const at = (x: number, y: number) => [box.x + box.width * x, box.y + box.height * y] as const;
    await page.mouse.click(...at(0.2, 0.25));
    const field = page.getByLabel('Percent from the left');
    expect(Number(await field.inputValue())).toBeCloseTo(20, 0);
    await page.mouse.move(...at(0.2, 0.25));
    await page.mouse.down();
    await page.mouse.move(...at(0.7, 0.75), { steps: 4 });
    await page.mouse.up();
    expect(Number(await field.inputValue())).toBeCloseTo(70, 0);
    expect(Number(await page.getByLabel('Percent from the top').inputValue())).toBeCloseTo(75, 0);
    await page.context().close();
  });
});

describe('pictures without alt text', () => {
  it('are described one after the other by keyboard, and may be skipped', async () => {
    await server.context.db.media.updateMany({ data: { altText: 'Known' } });
    const [last, middle, first] = [
      await addOne(310, 200, 'last.jpg'),
      await addOne(311, 200, 'middle.jpg'),
      await addOne(312, 200, 'first.jpg'),
    ];
    const page = await open('/media', { javaScriptEnabled: false });
    expect(await page.getByText('3 pictures have no alt text.').isVisible()).toBe(true);
    await page.getByRole('link', { name: 'Write them one after the other' }).press('Enter');
    await page.locator('textarea:focus').waitFor();
    await page.keyboard.type('The first');
    await page.getByRole('button', { name: 'Save, and the next' }).press('Enter');
    await page.getByText('middle.jpg').waitFor();
    await page.getByRole('link', { name: 'Skip it' }).press('Enter');
    await page.getByText('last.jpg').waitFor();
    await page.getByLabel('Alt text').fill('The last');
    await page.getByRole('button', { name: 'Save, and the next' }).press('Enter');
    await page.getByText('That was the last one.').waitFor();
    const rows = await server.context.db.media.findMany({ where: { id: { in: [first, middle, last] } } });
    expect(Object.fromEntries(rows.map(({ id, altText }) => [id, altText]))).toEqual({
      ...{ [first]: 'The first', [middle]: null, [last]: 'The last' },
    });
    await page.context().close();
  });
});

it('the library moves nothing while its pictures come', async () => {
  const page = await open('/media', { viewport: { width: 390, height: 800 } });
  const shift = await page.evaluate(
    () =>
      new Promise<number>((resolve) => {
        let sum = 0;
        new PerformanceObserver((entries) => {
          for (const entry of entries.getEntries() as unknown as { value: number; hadRecentInput: boolean }[])
            if (!entry.hadRecentInput) sum += entry.value;
        }).observe({ type: 'layout-shift', buffered: true });
        const images = [...document.querySelectorAll('img')];
        for (const image of images) image.loading = 'eager';
        void Promise.all(images.map((image) => image.decode())).then(() =>
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(sum))),
        );
      }),
  );
  expect(shift).toBeLessThan(0.05);
  await page.context().close();
});
