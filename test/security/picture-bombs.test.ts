import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { AppError } from '../../server/errors.ts';
import {
  createImageEngine,
  type ImageEngine,
  type NormalisedImage,
} from '../../server/media/image-engine.ts';
import type { ImageUsage } from '../../server/media/image-jobs.ts';
import { box } from './support/picture-bytes.ts';
import { makeBombs } from './support/picture-bombs.ts';
import { makePolyglots, MARKER } from './support/picture-polyglots.ts';

const MAX_CPU_MS = 250;
const MAX_RSS_BYTES = 256_000_000;

let engine: ImageEngine;
let usage: ImageUsage | undefined;

beforeAll(() => {
  engine = createImageEngine({ processes: 1, observe: (observed) => (usage = observed) });
});
afterAll(async () => engine[Symbol.asyncDispose]());

interface Tried {
  image: NormalisedImage | undefined;
  /** Of the refusal. */
  code: string | undefined;
  usage: ImageUsage | undefined;
}

async function tryPicture(bytes: Buffer): Promise<Tried> {
  usage = undefined;
  try {
    const image = await engine.normalise(bytes);
    return { image, code: undefined, usage };
  } catch (error) {
    if (!(error instanceof AppError) || error.kind !== 'InvalidInput') throw error;
    return { image: undefined, code: error.message.includes(MARKER) ? MARKER : error.details.code, usage };
  }
}

const METADATA = [
  MARKER,
  'Exif',
  'eXIf',
  'iCCP',
  'ICC_PROFILE',
  'ns.adobe.com',
  'xmpmeta',
  'PK\x03\x04',
  '<script',
];

/** What of the foreign bytes came through. */
const leftovers = ({ bytes }: NormalisedImage): string[] =>
  METADATA.filter((sign) => Buffer.from(bytes).includes(sign, 0, 'latin1'));

test('seventy-two bombs and polyglots are refused or bounded, and nothing but pixels comes through', async () => {
  const bombs = (await makeBombs()).map(([name, bytes]) => ({ name, bytes, isPicture: undefined }));
  const polyglots = await makePolyglots();
  const cases = [...bombs, ...polyglots];
  expect([bombs.length, polyglots.length]).toEqual([40, 32]);

  const wrong: string[] = [];
  const slowest = { cpuMs: 0, name: '' };
  const largest = { peakRssBytes: 0, name: '' };
  let met = 0;
  for (const { name, bytes, isPicture } of cases) {
    const tried = await tryPicture(bytes);
    const wrongBefore = wrong.length;
    if (isPicture !== undefined && isPicture !== (tried.image !== undefined))
      wrong.push(`${name}: ${tried.code ?? 'taken'}`);
    if (tried.code === MARKER) wrong.push(`${name}: its words are in the refusal`);
    if (tried.image && leftovers(tried.image).length > 0)
      wrong.push(`${name}: ${leftovers(tried.image).join()}`);
    const { cpuMs = 0, peakRssBytes = 0 } = tried.usage ?? {};
    if (peakRssBytes > MAX_RSS_BYTES) wrong.push(`${name}: ${peakRssBytes} bytes`);
    if (cpuMs <= MAX_CPU_MS && wrong.length === wrongBefore) met += 1;
    if (cpuMs > slowest.cpuMs) Object.assign(slowest, { cpuMs, name });
    if (peakRssBytes > largest.peakRssBytes) Object.assign(largest, { peakRssBytes, name });
  }
  const isMet = met === cases.length;
  process.stdout.write(
    `TARGET S4 ${met} of ${cases.length} image bombs and polyglots refused or bounded, at most ${slowest.cpuMs.toFixed(0)} ms of processor time (${slowest.name}) and ${(largest.peakRssBytes / 1e6).toFixed(0)} MB (${largest.name}) | goal 72 of 72, <= 250 ms, <= 256 MB | ${isMet ? 'ok' : 'short'}\n`,
  );
  expect(wrong).toEqual([]);
}, 240_000);

test('a flood that is padded to a believable size is ended by the process itself', async () => {
  const flood = await sharp({ create: { width: 6300, height: 6300, channels: 3, background: '#808080' } })
    .avif({ effort: 0 })
    .toBuffer();
  const tried = await tryPicture(Buffer.concat([flood, box('free', Buffer.alloc(400_000))]));
  expect(tried).toMatchObject({ image: undefined, code: 'image_too_large' });
  expect(tried.usage!.cpuMs).toBeGreaterThan(0);
});
