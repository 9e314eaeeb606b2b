import fc from 'fast-check';
import { expect, test } from 'vitest';

import { escapeLittleText, readVisibleText } from '../../server/networks/little-text.ts';
import { anyText, RUNS } from './texts.ts';

const RESERVED = '\\|{}@[]()<>#*_~';

/** What a reader of the format shows: reads elements in order and refuses a reserved character that starts none. */
function showLittleText(little: string): string {
  let shown = '';
  let rest = little;
  const take = (pattern: RegExp) => {
    const match = pattern.exec(rest);
    if (match) rest = rest.slice(match[0].length);
    return match;
  };
  while (rest !== '') {
    const escaped = take(/^\\([\\|{}@[\]()<>#*_~])/u);
    const hashtag = escaped ? null : take(/^\{hashtag\|\\#\|((?:\\.|[^\\{}|])+)\}/u);
    const mention =
      escaped || hashtag ? null : take(/^@\[((?:\\.|[^\\\]])+)\]\(urn:li:(?:person|organization):[\w-]+\)/u);
    if (escaped) shown += escaped[1]!;
    else if (hashtag) shown += `#${showLittleText(hashtag[1]!)}`;
    else if (mention) shown += showLittleText(mention[1]!);
    else if (RESERVED.includes(rest[0]!)) throw new Error(`cut at ${rest.slice(0, 20)}`);
    else {
      shown += rest[0]!;
      rest = rest.slice(1);
    }
  }
  return shown;
}

const mention = fc
  .tuple(
    fc.constantFrom('Acme Corp', 'A_b (c)', '日本', '{x}'),
    fc.constantFrom('person:a-B_1', 'organization:1234'),
  )
  .map(([name, urn]) => `@[${name}](urn:li:${urn})`);
const reserved = fc.string({ unit: fc.constantFrom(...RESERVED, 'a', ' ', '1'), maxLength: 12 });
const text = fc
  .array(fc.oneof(anyText, reserved, mention), { minLength: 1, maxLength: 6 })
  .map((pieces) => pieces.join(''));

test('what is escaped shows as it was written, and no reserved character cuts it', () => {
  fc.assert(
    fc.property(text, (written) => {
      expect(showLittleText(escapeLittleText(written))).toBe(readVisibleText(written));
    }),
    { numRuns: RUNS },
  );
});
