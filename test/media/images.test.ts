import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

import sharp from 'sharp';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { createImageEngine, type ImageEngine } from '../../server/media/image-engine.ts';
import type { ImageUsage } from '../../server/media/image-jobs.ts';
import { photo, whole } from './pictures.ts';

let engine: ImageEngine;
const used: (ImageUsage & { pid: number })[] = [];

beforeAll(() => {
  engine = createImageEngine({ processes: 1, observe: (usage) => used.push(usage) });
});
afterAll(async () => engine[Symbol.asyncDispose]());

const lastPid = () => used.at(-1)!.pid;
const isRunning = (pid: number) => {
  try {
    // Signal 0 only asks.
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test('a photograph is turned upright, freed of its metadata and kept as a JPEG in sRGB', async () => {
  const source = await sharp(await photo(600, 400))
    .withMetadata({ orientation: 6 })
    .withExifMerge({ IFD0: { Artist: 'somebody' }, IFD3: { GPSLatitude: '52/1 31/1 0/1' } })
    .keepIccProfile()
    .toBuffer();
  const { wasAnimated, ...image } = await engine.normalise(source);
  expect(image).toMatchObject({ mimeType: 'image/jpeg', width: 400, height: 600 });
  expect(wasAnimated).toBe(false);
  const metadata = await sharp(image.bytes).metadata();
  expect(metadata).toMatchObject({ space: 'srgb', depth: 'uchar' });
  expect([metadata.exif, metadata.icc, metadata.xmp, metadata.iptc, metadata.orientation]).toEqual(
    Array(5).fill(undefined),
  );
  expect(Buffer.from(image.bytes).includes('somebody')).toBe(false);
});

test('the longer side is at most 4096 pixels', async () => {
  const { width, height } = await engine.normalise(await photo(5000, 1000));
  expect({ width, height }).toEqual({ width: 4096, height: 819 });
});

test('what is see-through stays so, drawings stay lossless', async () => {
  const drawing = await sharp({
    create: { width: 40, height: 30, channels: 4, background: { r: 200, g: 10, b: 10, alpha: 0.5 } },
  })
    .png()
    .toBuffer();
  const image = await engine.normalise(drawing);
  expect(image.mimeType).toBe('image/png');
  expect(await sharp(image.bytes).raw().toBuffer()).toEqual(await sharp(drawing).raw().toBuffer());
});

test.each(['webp', 'avif', 'gif'] as const)('%s is taken', async (format) => {
  const source = await sharp(await photo(64, 48))
    .toFormat(format)
    .toBuffer();
  expect(await engine.normalise(source)).toMatchObject({ width: 64, height: 48, wasAnimated: false });
});

test('of an animated picture the first frame is kept, and it is said', async () => {
  const frames = Buffer.alloc(20 * 60 * 3, 0);
  frames.fill(255, 0, 20 * 20 * 3).fill(90, 2 * 20 * 20 * 3);
  const gif = await sharp(frames, { raw: { width: 20, height: 60, channels: 3, pageHeight: 20 } })
    .gif()
    .toBuffer();
  expect((await sharp(gif).metadata()).pages).toBe(3);
  const image = await engine.normalise(gif);
  expect(image).toMatchObject({ width: 20, height: 20, wasAnimated: true });
  expect((await sharp(image.bytes).stats()).channels[0]!.mean).toBe(255);
});

test.each([
  ['an SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), 'not_an_image'],
  ['a PDF', Buffer.from('%PDF-1.7\n'), 'not_an_image'],
  ['a web page', Buffer.from('<!doctype html><script>alert(1)</script>'), 'not_an_image'],
  ['nothing', Buffer.alloc(0), 'not_an_image'],
  ['a signature with nothing behind it', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'image_refused'],
])('%s is refused with a sentence', async (_, bytes, code) => {
  await expect(engine.normalise(bytes)).rejects.toMatchObject({
    kind: 'InvalidInput',
    details: { code, message: expect.stringMatching(/^This .*\.$/) as string },
  });
});

test('a TIFF is refused', async () => {
  const tiff = await sharp(await photo(20, 20))
    .tiff()
    .toBuffer();
  await expect(engine.normalise(tiff)).rejects.toMatchObject({ details: { code: 'not_an_image' } });
});

test('what has more bytes than pictures have is refused before anything reads it', async () => {
  const before = used.length;
  await expect(engine.normalise(Buffer.alloc(25_000_001, 0xff))).rejects.toMatchObject({
    details: { code: 'image_too_large' },
  });
  expect(used.length).toBe(before);
});

test('the part around the focal point stays when the shape changes', async () => {
  const source = await sharp({ create: { width: 900, height: 300, channels: 3, background: '#0000ff' } })
    .composite([
      {
        input: { create: { width: 300, height: 300, channels: 3, background: '#ff0000' } },
        left: 600,
        top: 0,
      },
    ])
    .png()
    .toBuffer();
  const image = await engine.render(source, {
    ...{ mimeType: 'image/jpeg', width: 300, height: 300, maxBytes: 100_000 },
    crop: { left: 2 / 3, top: 0, width: 1 / 3, height: 1 },
  });
  expect(image).toMatchObject({ mimeType: 'image/jpeg', width: 300, height: 300 });
  const { channels } = await sharp(image.bytes).stats();
  expect(channels.map(({ mean }) => Math.round(mean / 10))).toEqual([25, 0, 0]);
});

test('first the quality goes down, then the size, until the bytes suffice; the same input gives the same bytes', async () => {
  const source = await photo(1200, 900);
  const spec = { mimeType: 'image/jpeg', width: 1200, height: 900, crop: whole } as const;
  const free = await engine.render(source, { ...spec, maxBytes: 5_000_000 });
  const tighter = await engine.render(source, { ...spec, maxBytes: free.bytes.length - 1 });
  expect(tighter).toMatchObject({ width: 1200, height: 900 });
  expect(tighter.bytes.length).toBeLessThan(free.bytes.length);
  const tight = await engine.render(source, { ...spec, maxBytes: 60_000 });
  expect(tight.bytes.length).toBeLessThanOrEqual(60_000);
  expect(tight.width).toBeLessThan(1200);
  const again = await engine.render(source, { ...spec, maxBytes: 60_000 });
  expect(Buffer.compare(again.bytes, tight.bytes)).toBe(0);
  await expect(engine.render(source, { ...spec, maxBytes: 500 })).rejects.toMatchObject({
    details: { code: 'image_too_heavy' },
  });
});

test.each(['image/jpeg', 'image/png'] as const)(
  'the largest picture of one colour, a few kilobytes, is drawn as %s',
  async (mimeType) => {
    const [width, height] = [4096, 4096];
    const plain = await sharp({ create: { width, height, channels: 4, background: '#2a6b' } })
      .webp()
      .toBuffer();
    expect(plain.length).toBeLessThan(100_000);
    const drawn = await engine.render(plain, { mimeType, width, height, maxBytes: 900_000, crop: whole });
    expect(drawn).toMatchObject({ mimeType, width, height });
  },
);

test('JPEG shows white where a drawing is see-through', async () => {
  const clear = await sharp({
    create: { width: 20, height: 20, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } },
  })
    .png()
    .toBuffer();
  const image = await engine.render(clear, {
    ...{ mimeType: 'image/jpeg', width: 20, height: 20, maxBytes: 9000, crop: whole },
  });
  expect((await sharp(image.bytes).stats()).channels[0]!.min).toBe(255);
});

test('the process is the same for the next picture, and a new one after a picture that it refused', async () => {
  await engine.normalise(await photo(20, 20));
  const first = lastPid();
  await engine.normalise(await photo(20, 20));
  expect(lastPid()).toBe(first);
  const cutOff = (await photo(200, 200)).subarray(0, 3000);
  await expect(engine.normalise(cutOff)).rejects.toMatchObject({ details: { code: 'image_refused' } });
  await engine.normalise(await photo(20, 20));
  expect(lastPid()).not.toBe(first);
  expect(isRunning(first)).toBe(false);
});

test('a process that is killed while it works is a refused picture, and one killed between pictures is nothing', async () => {
  await engine.normalise(await photo(20, 20));
  process.kill(lastPid(), 'SIGKILL');
  await vi.waitFor(() => expect(isRunning(lastPid())).toBe(false));
  const pictures = await Promise.all(
    Array.from({ length: 5 }, async () => engine.normalise(await photo(20, 20))),
  );
  expect(pictures).toHaveLength(5);
});

test.runIf(process.platform === 'linux')(
  'the process has no environment of the server and no right to write, start programs or read beyond its code',
  async () => {
    await engine.normalise(await photo(20, 20));
    const read = (file: string) =>
      readFileSync(`/proc/${lastPid()}/${file}`, 'latin1').split('\0').filter(Boolean);
    const names = read('environ').map((line) => line.split('=')[0]);
    expect(names.filter((name) => !name!.startsWith('NODE_CHANNEL'))).toEqual([
      'MALLOC_ARENA_MAX',
      'UV_THREADPOOL_SIZE',
    ]);
    const options = read('cmdline').slice(1, -1);
    expect(options.filter((option) => !option.startsWith('--allow-fs-read='))).toEqual([
      '--permission',
      '--allow-addons',
    ]);
    expect(options.filter((option) => option.endsWith('=*') || option.endsWith('=/'))).toEqual([]);
  },
);

test('an engine that is disposed leaves no process, and who waits is told', async () => {
  const pids = new Set<number>();
  const short = createImageEngine({ processes: 1, observe: ({ pid }) => pids.add(pid) });
  await short.normalise(await photo(20, 20));
  const source = await photo(2000, 2000);
  const results = Promise.allSettled(Array.from({ length: 4 }, () => short.normalise(source)));
  await short[Symbol.asyncDispose]();
  const settled = await results;
  expect(settled.at(-1)?.status).toBe('rejected');
  for (const result of settled.filter(({ status }) => status === 'rejected')) {
    expect(result).toMatchObject({ reason: { kind: 'Unavailable' } });
  }
  for (const pid of pids) expect(isRunning(pid)).toBe(false);
  await expect(short.normalise(await photo(20, 20))).rejects.toMatchObject({
    details: { code: 'image_engine_busy', isRetriable: true },
  });
});

test('it ends with its parent, however that ends', async () => {
  const script = `
    import { createImageEngine } from ${JSON.stringify(new URL('../../server/media/image-engine.ts', import.meta.url).href)};
    const engine = createImageEngine({ observe: ({ pid }) => { console.log(pid); process.kill(process.pid, 'SIGKILL'); } });
    await engine.drawCard({ title: 'x', brand: 'y', theme: 'dark', size: 'landscape' });`;
  let output = '';
  try {
    execFileSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
  } catch (error) {
    output = (error as { stdout: string }).stdout;
  }
  const pid = Number(output.trim());
  expect(pid).toBeGreaterThan(0);
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), { timeout: 10_000 });
});

test('at most fifty pictures wait; the next is told to come back', async () => {
  const full = createImageEngine({ processes: 1 });
  const source = await photo(300, 300);
  const results = await Promise.allSettled(Array.from({ length: 60 }, () => full.normalise(source)));
  await full[Symbol.asyncDispose]();
  const refused = results.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(9);
  expect(refused[0]).toMatchObject({ reason: { details: { code: 'image_engine_busy', isRetriable: true } } });
});
