import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { CARD_COLOURS, CARD_LAYOUTS, footOf } from '../../server/media/card-ground.ts';
import { isRightToLeft } from '../../server/media/card-text.ts';
import { createImageEngine, type CardSpec, type ImageEngine } from '../../server/media/image-engine.ts';

let engine: ImageEngine;

beforeAll(() => {
  engine = createImageEngine({ processes: 1 });
});
afterAll(async () => engine[Symbol.asyncDispose]());

const card: CardSpec = {
  title: 'Launch week starts on Monday',
  subtitle: 'Five days, five releases',
  theme: 'light',
  size: 'landscape',
  brand: 'Northwind Studio',
};
const sizes = Object.keys(CARD_LAYOUTS) as CardSpec['size'][];
const themes = Object.keys(CARD_COLOURS) as CardSpec['theme'][];
const pixelsOf = (bytes: Uint8Array) => sharp(bytes).raw().toBuffer({ resolveWithObject: true });

/** Where two cards of one size differ: the smallest box around it, in pixels; null when they are the same. */
async function differenceOf(one: CardSpec, other: CardSpec) {
  const [a, b] = await Promise.all(
    [one, other].map(async (spec) => pixelsOf((await engine.drawCard(spec)).bytes)),
  );
  const { width, channels } = a!.info;
  const box = { left: Infinity, top: Infinity, right: -1, bottom: -1, count: 0 };
  for (let index = 0; index < a!.data.length; index += channels) {
    if (a!.data.subarray(index, index + 3).equals(b!.data.subarray(index, index + 3))) continue;
    const [x, y] = [(index / channels) % width, Math.floor(index / channels / width)];
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
    box.count += 1;
  }
  return box.count === 0 ? null : box;
}

test.each(sizes.flatMap((size) => themes.map((theme) => [size, theme] as const)))(
  'a %s card in %s has its size, its words, and the same bytes every time',
  async (size, theme) => {
    const spec = { ...card, size, theme };
    const { width, height, margin } = CARD_LAYOUTS[size];
    const drawn = await engine.drawCard(spec);
    expect(drawn).toMatchObject({ mimeType: 'image/png', width, height });
    expect(drawn.bytes.length).toBeLessThan(500_000);
    expect(Buffer.compare((await engine.drawCard(spec)).bytes, drawn.bytes)).toBe(0);

    const words = await differenceOf(spec, { ...spec, title: '', subtitle: '', brand: '' });
    expect(words!.count).toBeGreaterThan(0.02 * width * height);
    expect(words!.left).toBeGreaterThanOrEqual(margin - 1);
    expect(words!.right).toBeLessThanOrEqual(width - margin);
    expect(words!.top).toBeGreaterThanOrEqual(margin - 1);
    expect(words!.bottom).toBeLessThanOrEqual(height - margin / 2);
  },
);

test.each(themes)(
  'in %s every word has a contrast of at least 7:1 to the ground around it',
  async (theme) => {
    for (const size of sizes) {
      const ground = await pixelsOf(
        (await engine.drawCard({ ...card, size, theme, title: '', subtitle: '', brand: '' })).bytes,
      );
      const { channels } = ground.info;
      const { margin, width } = CARD_LAYOUTS[size];
      let least = Infinity;
      for (let y = margin; y < footOf(CARD_LAYOUTS[size]); y += 7) {
        for (let x = margin; x < width - margin; x += 7) {
          const at = (y * width + x) * channels;
          const pixel = [...ground.data.subarray(at, at + 3)];
          for (const colour of [CARD_COLOURS[theme].title, CARD_COLOURS[theme].text]) {
            least = Math.min(
              least,
              contrast(luminance(pixel), luminance([...Buffer.from(colour.slice(1), 'hex')])),
            );
          }
        }
      }
      expect(least).toBeGreaterThanOrEqual(7);
    }
  },
);

test.each([
  ['markup of Pango', '<span size="200000" foreground="red">x</span>'],
  ['an entity', '&lt;b&gt; &unknown; &#0; &#xD800;'],
  ['SVG', '</text><image href="file:///etc/passwd"/><script>alert(1)</script>'],
  ['a document type', '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>&x;'],
  ['control characters and half a character', 'a\u0000b\u0007c\ud800d\uffff'],
  ['right to left', 'שלום עולם، مرحبا بالعالم'],
  ['characters that the font does not have', '日本語のタイトル 🎉 한국어'],
  ['direction overrides', 'abc\u202edef\u2066ghi'],
  ['a thousand characters in one word', 'x'.repeat(1000)],
  ['many lines', 'a\n'.repeat(200)],
  ['combining characters in a heap', `Z${'\u0300'.repeat(500)}`],
  ['nothing', ''],
  ['spaces', ' \n\t '],
])('%s is drawn as text and stays in its place', async (_, text) => {
  const spec = { ...card, title: text, subtitle: text, brand: text };
  const { width, height, margin } = CARD_LAYOUTS.landscape;
  expect(await engine.drawCard(spec)).toMatchObject({ width, height });
  const other = { ...spec, title: isRightToLeft(text) ? 'ש' : '', subtitle: '', brand: '' };
  const words = await differenceOf(spec, other);
  expect(words?.right ?? 0).toBeLessThanOrEqual(width - 1);
  expect(words?.bottom ?? 0).toBeLessThanOrEqual(height - margin / 2);
});

test('markup is neither obeyed nor lost: it differs from what it would have become', async () => {
  expect(await differenceOf({ ...card, title: '<b>x</b>' }, { ...card, title: 'x' })).not.toBeNull();
  expect(await differenceOf({ ...card, title: '&amp;' }, { ...card, title: '&' })).not.toBeNull();
  expect(
    await differenceOf({ ...card, title: '<span foreground="#ff0000">x</span>' }, { ...card, title: 'x' }),
  ).not.toBeNull();
});

test('words from right to left begin at the right', async () => {
  const { width, margin } = CARD_LAYOUTS.landscape;
  const words = await differenceOf(
    { ...card, title: 'שלום', subtitle: '', brand: '' },
    { ...card, title: 'ש', subtitle: '', brand: '' },
  );
  expect(words!.right).toBeGreaterThan(width - margin - 40);
});

/** WCAG 2.2, relative luminance and contrast ratio. */
function luminance(rgb: readonly number[]): number {
  const [r, g, b] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}
