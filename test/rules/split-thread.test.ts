import { expect, test } from 'vitest';

import { findRules } from '../../server/networks/find-rules.ts';
import { splitThread } from '../../server/posts/split-thread.ts';

/** The rules of a network with parts of another length. */
function rulesWith(limit: number, network = 'playground') {
  const { textRules } = findRules({ network })!;
  return { textRules: textRules.map((rule) => (rule.id === 'text_length' ? { ...rule, limit } : rule)) };
}

const split = (limit: number, text: string, network?: string) => splitThread(rulesWith(limit, network), text);

test('a text that fits is one part, and an empty one none', () => {
  expect(split(20, '  Hello there. \n')).toEqual(['Hello there.']);
  expect(split(20, ' \n ')).toEqual([]);
});

test('it is cut between paragraphs first, then sentences, then words', () => {
  expect(split(24, 'One. Two and three.\n\nFour. Five and six.')).toEqual([
    'One. Two and three.',
    'Four. Five and six.',
  ]);
  expect(split(24, 'One, two and three. Four, five and six.')).toEqual([
    'One, two and three.',
    'Four, five and six.',
  ]);
  expect(split(12, 'one two three four five')).toEqual(['one two', 'three four', 'five']);
});

test('a heading does not stand alone when more fits below it', () => {
  const parts = split(40, 'News\n\nThe first sentence is here. The second one is here.')!;
  expect(parts).toEqual(['News\n\nThe first sentence is here.', 'The second one is here.']);
});

test('a word longer than a part is cut between characters, never in one', () => {
  expect(split(3, '👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦')).toEqual(['👨‍👩‍👧‍👦👨‍👩‍👧‍👦👨‍👩‍👧‍👦', '👨‍👩‍👧‍👦']);
  expect(split(4, '汉字没有空格')!.join('')).toBe('汉字没有空格');
});

test.each([
  'https://example.com/a/long/path?with=query&and=more#fragment',
  'example.com/a/long/path/without/a/scheme',
  '@a_very_long_name@mastodon.example.social',
  '#AVeryLongHashtagThatIsOneWord',
])('%s stays whole, or there is no way to split', (whole) => {
  const text = `Some words before ${whole} and some words behind it`;
  expect(split(60, text)!.some((part) => part.includes(whole))).toBe(true);
  expect(split(20, text)).toBeUndefined();
});

test('on X a link takes 23 of a part, however long it is', () => {
  const link = `https://example.com/${'a'.repeat(200)}`;
  expect(split(40, `${link} sixteen letters. ${link}`, 'x')).toEqual([`${link} sixteen letters.`, link]);
});

test('on X the cashtags of a text go to different parts', () => {
  expect(split(30, 'Buy $ABC now. Sell $DEF then, not before.', 'x')).toEqual([
    'Buy $ABC now.',
    'Sell $DEF then, not before.',
  ]);
});

test('numbers take their room from the parts', () => {
  const text = Array.from({ length: 12 }, () => 'eleven char').join(' ');
  const parts = splitThread(rulesWith(17), text, { isNumbered: true })!;
  expect(parts).toHaveLength(12);
  expect(parts[0]).toBe('eleven char 1/12');
  expect(parts[11]).toBe('eleven char 12/12');
});

test('a line end before a combining mark is dropped whole', () => {
  expect(split(40, '\r\n\u0301  #tag ')).toEqual(['\u0301  #tag']);
});

test('a space that carries a mark is kept', () => {
  expect(split(4, 'aaaa \u0301bbb')).toEqual(['aaaa', ' \u0301bbb']);
});
