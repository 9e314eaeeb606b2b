import { describe, expect, it, test } from 'vitest';

import { describeRules } from '../../server/networks/describe-rules.ts';
import { findRules, listNetworkRules } from '../../server/networks/find-rules.ts';
import { NETWORK_IDS, type NetworkId } from '../../server/networks/network-rules.ts';
import { checkCaption, findBrokenRule } from '../../server/posts/check-caption.ts';

const DESCRIBED = { altText: 'A harbour at dawn' };

const brokenBy = (
  network: NetworkId,
  parts: string[],
  pictures: { altText: string | null }[] = [DESCRIBED],
) =>
  checkCaption({ network }, parts, pictures).problems.map(({ ruleId, severity }) => `${severity} ${ruleId}`);

describe.each(NETWORK_IDS)('the rules of %s', (network) => {
  it('each have an id of their own, a limit, a sentence, and a source with the date it was read', () => {
    const rules = listNetworkRules(findRules({ network })!);
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const { id, limit, unit, says, source } of rules) {
      expect(id).toMatch(/^[a-z]+(_[a-z]+)+$/);
      expect(Number.isInteger(limit)).toBe(true);
      expect(unit).not.toBe('');
      expect(says).toMatch(/^[A-Z].*\.$/);
      expect(source.checkedAt).toMatch(/^2026-\d\d-\d\d$/);
      expect(source.url).toMatch(network === 'playground' ? /^(\/playground$|https:)/ : /^https:\/\/\S+$/);
    }
  });

  it('are all that a check names', () => {
    const known = new Set(listNetworkRules(findRules({ network })!).map(({ id }) => id));
    const hostile = `${'#tag @user $ABC $DEF https://a.co/1 '.repeat(40)}${'字'.repeat(70_000)}`;
    const pictures = Array.from({ length: 30 }, () => ({ altText: 'a'.repeat(5000) }));
    const found = [
      ...checkCaption({ network }, [hostile], [...pictures, { altText: null }]).problems,
      ...checkCaption(
        { network },
        Array.from({ length: 30 }, () => ' '),
        [],
      ).problems,
    ];
    expect(found.filter(({ ruleId }) => !known.has(ruleId))).toEqual([]);
    expect(new Set(found.map(({ ruleId }) => ruleId)).size).toBeGreaterThanOrEqual(6);
    for (const { fix } of found) expect(fix).toMatch(/^[A-Z].*\.$/);
  });

  it('let a plain post through', () => {
    expect(brokenBy(network, ['We open on Saturday.'])).toEqual([]);
  });

  it('are told in brief to whoever writes, the length first', () => {
    const brief = describeRules(network)!;
    expect(brief).toMatchObject({ network, limit: findRules({ network })!.maxLength });
    expect(brief.rules[0]).toContain(`At most ${brief.limit} `);
    expect(brief.rules.join(' ').length).toBeLessThan(400);
  });
});

test.each(['字.', '日本.', 'a.', '字a.', '字-', '字/', 'https://字.'])(
  'twenty thousand characters of %s hold nobody up for long, whatever the network',
  (pattern) => {
    const text = pattern.repeat(20_000 / pattern.length);
    for (const network of NETWORK_IDS) {
      // What is loaded on first use is no part of it.
      checkCaption({ network }, [pattern], []);
      const before = process.cpuUsage();
      checkCaption({ network }, [text], []);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1e6).toBeLessThan(0.7);
    }
  },
);

test.each<[string, NetworkId, number, string]>([
  [
    'a mark before a bare domain, in a later piece of a long text,',
    'x',
    523,
    `${'a '.repeat(250)}\u0301e.g.na`,
  ],
  ['a link counts 23', 'x', 23, 'https://example.com/a/very/long/path/that/goes/on/and/on'],
  ['a bare domain is a link', 'x', 23, 'example.com'],
  ['a family is one emoji', 'x', 2, '👨‍👩‍👧‍👦'],
  ['kanji count 2', 'x', 4, '漢字'],
  ['an accent counts with its letter', 'x', 1, 'e\u0301'],
  ['a family is one', 'bluesky', 1, '👨‍👩‍👧‍👦'],
  ['a link counts in full', 'bluesky', 21, 'https://example.com/a'],
  ['a link counts 23', 'mastodon', 23, 'https://example.com/a'],
  ['a bare domain counts in full', 'mastodon', 11, 'example.com'],
  ['of a mention, the server is free', 'mastodon', 8, '@harbour@mastodon.example'],
  ['of a mention in a sentence too', 'mastodon', 13, 'Hi @abc@a.example. Bye!'],
  ['an emoji is its bytes', 'threads', 4, '😀'],
  ['a family is its bytes', 'threads', 25, '👨‍👩‍👧‍👦'],
  ['kanji count 1', 'threads', 2, '漢字'],
  ['of a mention, the name counts', 'linkedin', 9, '@[Acme Corp](urn:li:organization:1234)'],
  ['an escape is not counted', 'linkedin', 7, '(a_b) #'],
  ['an emoji counts 2', 'linkedin', 2, '😀'],
])('%s (%s)', (_name, network, count, text) => {
  expect(findRules({ network })!.countText(text)).toBe(count);
});

test.each<[string, NetworkId, string[], string[]]>([
  ['280 fit', 'x', ['a'.repeat(280)], []],
  ['281 do not', 'x', ['a'.repeat(281)], ['error text_length']],
  ['two cashtags', 'x', ['$ABC and $DEF'], ['error cashtag_count']],
  ['an amount is no cashtag', 'x', ['$100 and $200, $ABC'], []],
  ['a link, which X charges more for,', 'x', ['See example.com'], ['warning link_price']],
  ['300 graphemes of too many bytes', 'bluesky', ['👨‍👩‍👧‍👦'.repeat(300)], ['error text_bytes']],
  ['a tag of 65', 'bluesky', [`#${'a'.repeat(65)}`], ['warning hashtag_length']],
  ['a tag of 64 and a full stop', 'bluesky', [`#${'a'.repeat(64)}.`], []],
  ['a thread', 'linkedin', ['One', 'Two'], ['error thread_parts']],
  ['a thread', 'bluesky', ['One', 'Two'], []],
  ['an empty part', 'bluesky', ['One', ' '], ['error text_empty']],
  ['5 links, one twice', 'threads', ['a.co b.co c.co d.co e.co a.co'], []],
  ['6 links', 'threads', ['a.co b.co c.co d.co e.co https://f.co'], ['error link_count']],
  ['two hashtags', 'threads', ['#one #two'], ['warning hashtag_count']],
  ['5 hashtags, a number and a fragment', 'instagram', ['#a #b #c #d #e #1 C#'], []],
  ['6 hashtags', 'instagram', ['#a #b #c #d #e ＃f'], ['warning hashtag_advice']],
  ['31 hashtags', 'instagram', ['#a '.repeat(31)], ['error hashtag_count', 'warning hashtag_advice']],
  ['4 mentions', 'instagram', ['@a @b @c @d'], ['warning mention_advice']],
  ['an e-mail address is no mention', 'instagram', ['@a @b @c, hello@bakery'], []],
  ['a link', 'instagram', ['See https://example.com/#a'], ['warning link_not_clickable']],
])('%s on %s', (_name, network, parts, problems) => {
  expect(brokenBy(network, parts)).toEqual(problems);
});

describe('pictures', () => {
  it('are required by Instagram', () => {
    expect(brokenBy('instagram', ['Hello'], [])).toEqual(['error picture_missing']);
  });

  it('may go out without words, but a thread may not', () => {
    expect(brokenBy('x', [''])).toEqual([]);
    expect(brokenBy('x', [''], [])).toEqual(['error text_empty']);
    expect(brokenBy('x', ['One', ''])).toEqual(['error text_empty']);
  });

  it('are no more than the network takes', () => {
    expect(
      brokenBy(
        'x',
        ['Hello'],
        Array.from({ length: 5 }, () => DESCRIBED),
      ),
    ).toEqual(['error picture_count']);
  });

  it.each(NETWORK_IDS)(
    'without a description are a warning on %s, with too long a one an error',
    (network) => {
      expect(brokenBy(network, ['Hello'], [{ altText: ' ' }])).toEqual(['warning alt_missing']);
      expect(brokenBy(network, ['Hello'], [{ altText: 'a'.repeat(5000) }])).toEqual(['error alt_length']);
    },
  );
});

describe('own limits', () => {
  it('are those of the Mastodon server', () => {
    const ownLimits = { max_characters: 1000, characters_reserved_per_url: 10, max_media_attachments: 8 };
    const rules = findRules({ network: 'mastodon', ownLimits })!;
    expect(rules.maxLength).toBe(1000);
    expect(rules.pictures.maxCount).toBe(8);
    expect(rules.countText('See https://example.com/a')).toBe(14);
    expect(findRules({ network: 'playground', imitates: 'mastodon', ownLimits })!.maxLength).toBe(1000);
  });

  it.each([null, 'x', [], { max_characters: '5' }, { max_characters: -1 }, { max_characters: 1e12 }])(
    'that are none are passed over: %j',
    (ownLimits) => {
      expect(findRules({ network: 'mastodon', ownLimits })!.maxLength).toBe(500);
      expect(findRules({ network: 'x', ownLimits })!.maxLength).toBe(280);
    },
  );

  it('of an account on X that pays are its own', () => {
    expect(findRules({ network: 'x', ownLimits: { max_characters: 25_000 } })!.maxLength).toBe(25_000);
  });
});

describe('what is broken', () => {
  it('says how to split a text that is too long, where there are threads', () => {
    const text = 'A sentence of some length. '.repeat(30);
    const [problem] = checkCaption({ network: 'x' }, [text], []).problems;
    expect(problem!.fix).toMatch(/Or give it as 3 parts of a thread\.$/);
    expect(problem!.splitParts).toHaveLength(3);
    expect(checkCaption({ network: 'x' }, problem!.splitParts!, []).problems).toEqual([]);
    const [onLinkedIn] = checkCaption({ network: 'linkedin' }, [text.repeat(5)], []).problems;
    expect(onLinkedIn!.splitParts).toBeUndefined();
  });

  it('offers no thread that the network would not take', () => {
    const [problem] = checkCaption({ network: 'x' }, ['word '.repeat(2000)], []).problems;
    expect(problem).toMatchObject({ ruleId: 'text_length' });
    expect(problem!.splitParts).toBeUndefined();
  });

  it('stops a send only when it is an error', () => {
    expect(findBrokenRule({ network: 'x' }, ['Hello'], [{ altText: null }])).toBeUndefined();
    expect(findBrokenRule({ network: 'x' }, ['a'.repeat(281)], [])).toMatchObject({ ruleId: 'text_length' });
  });

  it('is everything on a network that this server does not know', () => {
    expect(brokenBy('nowhere' as NetworkId, ['Hello'])).toEqual(['error network_unknown']);
    expect(brokenBy('toString' as NetworkId, ['Hello'])).toEqual(['error network_unknown']);
  });
});
