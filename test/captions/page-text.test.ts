import { describe, expect, test } from 'vitest';

import { readPageText } from '../../server/captions/page-text.ts';

const FILL = 'Words that fill the page. '.repeat(12);
const textOf = (html: string) => readPageText(html).text;

describe('the text of a page', () => {
  test('is one line per block, whatever the spaces in the source', () => {
    expect(
      textOf('<h1>One</h1>\n\n  two   <b>three</b><br><p>four<p>\nfive&nbsp;&nbsp;six<ul><li>a<li>b'),
    ).toBe('One\ntwo three\nfour\nfive six\na\nb');
  });

  test.each([
    'script',
    'style',
    'noscript',
    'template',
    'svg',
    'iframe',
    'textarea',
    'button',
    'nav',
    'footer',
    'form',
  ])('leaves out what stands in %s, and goes on behind it', (name) => {
    expect(textOf(`<p>a</p><${name}>hidden <em>words</em> ></${name}><p>b</p>`)).toBe('a\nb');
    const inUpperCase = name.toUpperCase();
    expect(textOf(`<p>a</p><${inUpperCase} x='>'>hidden</${inUpperCase} ><p>b</p>`)).toBe('a\nb');
  });

  test('leaves out comments, declarations and what only looks like a tag to nobody', () => {
    expect(textOf('<!doctype html><!-- <p>no</p> --><?php no ?><p title="</p>no">1 < 2 & 3 > 2</p>')).toBe(
      '1 < 2 & 3 > 2',
    );
  });

  test('of a nav that is never closed, only what is in the same part is left out', () => {
    expect(textOf('<div><nav>Home</div><p>Words</p>')).toBe('Words');
  });

  test('is that of main where there is enough of it, else all of it', () => {
    expect(textOf(`<p>Menu</p><main><p>${FILL}</p></main><p>Imprint</p>`)).toBe(FILL.trim());
    expect(textOf('<p>All</p><main>Loading</main><p>words</p>')).toBe('All\nLoading\nwords');
  });
});

describe('title and description', () => {
  test('are those for sharing, else those of the page; the first counts', () => {
    const page = `<title>Old &amp; <b>kept</b></title><title>second</title><meta name=Description content='about "it"'>
      <meta name="description" content="later"><svg><title>of a drawing</title></svg>`;
    expect(readPageText(page)).toEqual({ title: 'Old & <b>kept</b>', description: 'about "it"', text: '' });
    const shared = `${page}<meta property="og:title" content="New"><meta property="og:description" content="Other">`;
    expect(readPageText(shared)).toMatchObject({ title: 'New', description: 'Other' });
  });

  test('are empty where a page has none, and a field of another name is no title', () => {
    const empty = { title: '', description: '', text: 'x' };
    expect(readPageText('<meta name=title content=no><meta property=__proto__ content=no><p>x')).toEqual(
      empty,
    );
  });
});

describe('entities', () => {
  test('are read once, as browsers do', () => {
    expect(textOf('&Auml;pfel &mdash; &#8364; &#x20AC; &notin; &copy 2026 AT&T &amp;amp; &unknown;')).toBe(
      'Äpfel — € € ∉ © 2026 AT&T &amp; &unknown;',
    );
    expect(textOf('<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>')).toBe('<script>alert(1)</script>');
  });

  test('that name no character, half of one or none at all do no harm', () => {
    expect(textOf('a&#0;b&#xD800;c&#x110000;d&#99999999999;e')).toBe('a\ufffdb\ufffdc\ufffdd\ufffde');
    expect(textOf('a&').concat(textOf('&#'), textOf('&#x;'))).toBe('a&&#&#x;');
  });
});

const LONGEST = 2_000_000;
const fill = (piece: string) => piece.repeat(LONGEST / piece.length);

describe('a page made to keep the server busy', () => {
  test.each([
    ['nests without an end', fill('<b>')],
    [
      'closes what it never opened',
      `${fill('<b>').slice(0, LONGEST / 2)}${fill('</i>').slice(0, LONGEST / 2)}`,
    ],
    ['closes what is not open, at the greatest depth', `${'<b>'.repeat(250)}${fill('</i>')}`],
    ['opens and closes', fill('<p></div>')],
    ['begins tags that never end', fill('<a b="')],
    ['begins comments that never end', fill('<!--')],
    ['is nothing but angle brackets', fill('<')],
    ['is nothing but half an entity', fill('&am')],
    ['is nothing but spaces that are no spaces', fill('&nbsp;')],
    ['is lines of them', fill('&nbsp;&nbsp;<br>')],
    ['opens scripts', fill('<script>')],
    ['has a title without an end', `<title>${fill('&lt;')}`],
    ['has a tag of many attributes', `<meta ${fill('name=description ')}>`],
  ])('is read in linear time: it %s', (_kind, html) => {
    const before = process.cpuUsage();
    readPageText(html);
    const { user, system } = process.cpuUsage(before);
    expect((user + system) / 1e6).toBeLessThan(5);
  });
});
