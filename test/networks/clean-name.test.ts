import { expect, test } from 'vitest';

import { cleanName } from '../../server/networks/clean-name.ts';

test.each([
  ['Harbour \u202Erekab', 'Harbour rekab'],
  ['a\0b\r\nc\u2028d', 'a b c d'],
  ['\u2067Page\u2069', 'Page'],
  ['Admin\u200B\uFEFF\u{E0041}', 'Admin'],
  ['نان\u200Cوایی', 'نان\u200Cوایی'],
  ['👩\u200D🍳', '👩\u200D🍳'],
  ['<b>', '<b>'],
  ['\u202E \u00AD', ''],
])('%j is shown as %j', (name, shown) => expect(cleanName(name, 100)).toBe(shown));

test('a long name is cut between characters', () => {
  expect(cleanName('🎣'.repeat(300), 100)).toBe('🎣'.repeat(100));
  expect(cleanName(`${'x'.repeat(99)}\uD83C`, 100)).toBe('x'.repeat(99));
});
