import fc from 'fast-check';
import { expect, test } from 'vitest';

import { fitOf, LEAST_KEPT_SHARE, planRendition, scaleDown } from '../../server/media/plan-rendition.ts';
import { findRules } from '../../server/networks/find-rules.ts';
import { NETWORK_IDS } from '../../server/networks/network-rules.ts';

const rulesOf = (network: string) => findRules({ network })!;
const picture = fc.record({
  mimeType: fc.constantFrom('image/jpeg', 'image/png', 'image/webp'),
  width: fc.integer({ min: 1, max: 4096 }),
  height: fc.integer({ min: 1, max: 4096 }),
  byteCount: fc.integer({ min: 100, max: 20_000_000 }),
});
const focal = fc.record({
  focalX: fc.double({ min: 0, max: 1, noNaN: true }),
  focalY: fc.double({ min: 0, max: 1, noNaN: true }),
});

test.each(NETWORK_IDS)(
  'what is planned for %s keeps all of its limits, and never makes a picture larger',
  (network) => {
    const rules = rulesOf(network);
    const { mimeTypes, maxWidth, maxHeight, minAspect = 0, maxAspect = Infinity } = rules.pictures;
    fc.assert(
      fc.property(picture, focal, fc.double({ min: 0.2, max: 1, noNaN: true }), (media, at, step) => {
        const plan = planRendition(media, rules, at);
        if (!plan) return fitOf(media, rules) === 'no';
        const { crop, width, height } = plan;
        const smaller = scaleDown(plan, step, rules.pictures);
        return (
          mimeTypes.includes(plan.mimeType) &&
          width <= Math.min(maxWidth, media.width) &&
          height <= Math.min(maxHeight, media.height) &&
          [plan, smaller].every(
            (size) =>
              size.width < 2 ||
              size.height < 2 ||
              (size.width / size.height >= minAspect && size.width / size.height <= maxAspect),
          ) &&
          crop.left >= 0 &&
          crop.top >= 0 &&
          crop.left + crop.width <= 1 + 1e-9 &&
          crop.top + crop.height <= 1 + 1e-9 &&
          crop.width * crop.height >= LEAST_KEPT_SHARE - 1e-9 &&
          (!plan.isUnchanged || (media.byteCount <= plan.maxBytes && crop.width === 1 && crop.height === 1))
        );
      }),
      { numRuns: 3000 },
    );
  },
);

const photograph = { mimeType: 'image/jpeg', width: 1080, height: 1350, byteCount: 500_000 };

test.each([
  ['instagram', photograph, 'ok'],
  ['instagram', { ...photograph, height: 1920 }, 'will_convert'],
  ['instagram', { ...photograph, mimeType: 'image/png' }, 'will_convert'],
  ['instagram', { ...photograph, width: 3000, height: 300 }, 'no'],
  ['bluesky', { ...photograph, byteCount: 1_500_000 }, 'will_convert'],
  ['x', { ...photograph, width: 4096, height: 4096, byteCount: 4_900_000 }, 'ok'],
] as const)('%s: %o is %s', (network, media, fit) => {
  expect(fitOf(media, rulesOf(network))).toBe(fit);
});

test('the cut lies around the focal point, as far as the edges let it', () => {
  const media = { ...photograph, width: 3000, height: 1000 };
  const leftOf = (focalX: number) =>
    planRendition(media, rulesOf('instagram'), { focalX, focalY: 0.5 })!.crop.left;
  expect(leftOf(0)).toBe(0);
  expect(leftOf(0.5)).toBeCloseTo(0.5 - 1.91 / 6, 3);
  expect(leftOf(1)).toBeCloseTo(1 - 1.91 / 3, 3);
});

test('a drawing with too many bytes becomes WebP where that is taken, and JPEG elsewhere', () => {
  const drawing = { mimeType: 'image/png', width: 2000, height: 1500, byteCount: 6_000_000 };
  const typeFor = (network: string) =>
    planRendition(drawing, rulesOf(network), { focalX: 0.5, focalY: 0.5 })!.mimeType;
  expect(['x', 'linkedin'].map(typeFor)).toEqual(['image/webp', 'image/jpeg']);
});
