import { readFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';

import type { NetworkErrorKind, NetworkError } from '../../server/networks/network-error.ts';
import type { Part, RemoteCall } from '../../server/networks/network.ts';
import { explainXError } from '../../server/networks/x-errors.ts';
import { checkCaption } from '../../server/posts/check-caption.ts';
import { openXBench, picture, PNG, type XBench } from './x-bench.ts';

interface DocumentedRefusal {
  name: string;
  status: number;
  body: unknown;
  kind: NetworkErrorKind;
}

const { refusals } = JSON.parse(
  readFileSync(new URL('../support/fakes/x/examples.json', import.meta.url), 'utf8'),
) as { refusals: DocumentedRefusal[] };

let bench: XBench;
beforeEach(async () => {
  bench = await openXBench();
});
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

const send = (access: RemoteCall, part?: Partial<Part>) => bench.network.send(bench.callOf(access, part));
const readBack = (access: RemoteCall, part?: Partial<Part>) =>
  bench.network.readBack(bench.callOf(access, part));
const refusalOf = (call: Promise<unknown>) =>
  call.then(
    () => expect.unreachable(),
    (error: unknown) => error as NetworkError,
  );

describe('what answers mean', () => {
  test.each(refusals)('$name: $kind', ({ status, body, kind }) => {
    expect(explainXError({ status, body, headers: new Headers() })).toMatchObject({ kind });
  });

  test.each<[number, unknown]>([
    [403, '<html>Just a moment...</html>'],
    [404, '<html>Not Found</html>'],
    [404, { title: 'Not Found', type: 'about:blank' }],
    [400, '<html>Bad Request</html>'],
    [409, { title: 'Conflict' }],
    [500, { title: 'Internal Server Error', type: 'https://api.x.com/2/problems/internal-error' }],
    [503, { title: 'Service Unavailable' }],
    [520, ''],
  ])('%i %j is on no list: ambiguous', (status, body) => {
    expect(explainXError({ status, body, headers: new Headers() })).toMatchObject({ kind: 'ambiguous' });
  });

  const limitOf = (headers: Record<string, string>) =>
    explainXError({
      status: 429,
      body: { title: 'Too Many Requests' },
      headers: new Headers({ date: new Date().toUTCString(), ...headers }),
    });
  const inSeconds = (seconds: number) => String(Math.floor(Date.now() / 1000) + seconds);
  test.each<[string, Record<string, string>, number, 'channel' | 'app']>([
    [
      'the usual limit',
      { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': inSeconds(300) },
      300,
      'channel',
    ],
    [
      'the account’s of a day, though the usual one is not used up',
      {
        'x-rate-limit-remaining': '99',
        'x-rate-limit-reset': inSeconds(300),
        'x-user-limit-24hour-remaining': '0',
        'x-user-limit-24hour-reset': inSeconds(40_000),
      },
      40_000,
      'channel',
    ],
    [
      'the app’s of a day, which binds every channel',
      {
        'x-rate-limit-remaining': '0',
        'x-rate-limit-reset': inSeconds(300),
        'x-app-limit-24hour-remaining': '0',
        'x-app-limit-24hour-reset': inSeconds(50_000),
      },
      50_000,
      'app',
    ],
    ['a pause without limits', { 'retry-after': '20' }, 20, 'channel'],
    ['nothing', {}, 900, 'channel'],
    [
      'a reset that is over',
      { 'x-rate-limit-remaining': '0', 'x-rate-limit-reset': inSeconds(-5) },
      900,
      'channel',
    ],
  ])('too many calls, by %s', (_name, headers, seconds, binds) => {
    const { kind, until, binds: bound } = limitOf(headers);
    expect([kind, bound]).toEqual(['rate_limited', binds]);
    expect(Math.abs(until!.getTime() - Date.now() - seconds * 1000)).toBeLessThan(3000);
  });

  it('reckons by X’s clock, not by ours', () => {
    const xNow = Date.now() + 3_600_000;
    const { until } = limitOf({
      date: new Date(xNow).toUTCString(),
      'x-rate-limit-remaining': '0',
      'x-rate-limit-reset': String(Math.floor(xNow / 1000) + 60),
    });
    expect(Math.abs(until!.getTime() - Date.now() - 60_000)).toBeLessThan(3000);
  });

  it('a limit of the app and used-up credits are told through the whole call', async () => {
    const { fake } = bench;
    const access = bench.createAccess();
    fake.limits.exhaustNext(access.channel.remoteAccountId, 'createPost', 600, 'app day');
    expect(await refusalOf(send(access))).toMatchObject({ kind: 'rate_limited', binds: 'app' });
    fake.limits.setCredits(0.1);
    expect(await refusalOf(send(access, { text: 'See https://example.com' }))).toMatchObject({
      kind: 'rate_limited',
      binds: 'app',
      code: 'credits_depleted',
    });
    await send(access, { text: 'no link' });
    fake.limits.capUsage(true);
    expect(await refusalOf(send(access))).toMatchObject({ binds: 'app', code: 'usage_capped' });
    expect(fake.timeline.listOf(access.channel.remoteAccountId)).toHaveLength(1);
  });

  it('an account that is locked may not post at all', async () => {
    expect(await refusalOf(send(bench.createAccess({ isLocked: true })))).toMatchObject({
      kind: 'blocked',
      code: 'account_locked',
    });
  });
});

describe('pictures', () => {
  const prepare = (access: RemoteCall, part: Partial<Part>) =>
    bench.network.prepare(bench.callOf(access, part));
  const media = [picture('A quay'), picture('', 'bb')];

  it('that X still works on are waited for, and not uploaded twice', async () => {
    const { fake } = bench;
    const access = bench.createAccess();
    fake.pictures.processNext(['pending', 'in_progress', 'succeeded']);
    const first = await refusalOf(prepare(access, { media, prepared: null }));
    expect(first).toMatchObject({ kind: 'not_sent', code: 'media_not_ready' });
    fake.clock.moveBy(2);
    const second = await refusalOf(prepare(access, { media, prepared: first.prepared }));
    fake.clock.moveBy(2);
    const prepared = await prepare(access, { media, prepared: second.prepared });
    const sent = await send(access, { text: 'Two', prepared });
    expect(fake.timeline.find(sent.remoteId)!.pictures).toMatchObject([
      { altText: 'A quay', byteCount: PNG.length },
      { altText: '', byteCount: PNG.length },
    ]);
    const uploads = fake.journal.filter(
      ({ request }) => request.method === 'POST' && request.path === '/2/media/upload',
    );
    expect(uploads).toHaveLength(2);
    expect(fake.pictures.earlyPolls()).toBe(0);
  });

  it('that were sent already and are uploaded anew: X still works on them, and what was sent is found', async () => {
    const access = bench.createAccess();
    const prepared = await prepare(access, { media, prepared: null });
    const sent = await send(access, { text: 'Two', prepared });
    bench.fake.pictures.processNext(['pending', 'succeeded']);
    const waiting = await refusalOf(prepare(access, { media, prepared }));
    expect(waiting).toMatchObject({ code: 'media_not_ready', prepared });
    expect(await readBack(access, { text: 'Two', prepared: waiting.prepared })).toEqual(sent);
    bench.fake.clock.moveBy(2);
    const anew = await prepare(access, { media, prepared: waiting.prepared });
    expect(await readBack(access, { text: 'Two', prepared: anew })).toEqual(sent);
    expect(anew).not.toEqual(prepared);
  });

  it('that X cannot read end the post; those it forgot are uploaded again', async () => {
    const { fake } = bench;
    const access = bench.createAccess();
    fake.pictures.processNext(['pending', 'failed']);
    const first = await refusalOf(prepare(access, { media: [picture('One')], prepared: null }));
    expect(
      await refusalOf(prepare(access, { media: [picture('One')], prepared: first.prepared })),
    ).toMatchObject({ kind: 'rejected', code: 'picture_type' });
    const prepared = await prepare(access, { media, prepared: null });
    fake.clock.moveBy(100_000);
    const { credentials } = await bench.network.refresh!(access.channel, access.fetch, access.signal);
    const later = { ...access, channel: { ...access.channel, credentials } };
    expect(await refusalOf(send(later, { prepared }))).toMatchObject({
      kind: 'not_sent',
      code: 'media_gone',
    });
  });
});

describe('reading back', () => {
  const TEXT = 'Tides & <winds> at example.com and https://example.com/a?b=1&c=2 – 字';

  it('finds a part whose links X shortened and whose characters it escaped', async () => {
    const access = bench.createAccess();
    const sent = await send(access, { text: TEXT });
    expect(await readBack(access, { text: TEXT })).toEqual(sent);
  });

  it('finds a long post, one with pictures, and the parts of a thread in their place', async () => {
    const access = bench.createAccess({ subscription: 'Premium' });
    const long = `${'Long words & more. '.repeat(30)}End`;
    expect(await readBack(access, { text: long })).toBeNull();
    const sent = await send(access, { text: long });
    expect(await readBack(access, { text: long })).toEqual(sent);
    const call = bench.callOf(access, { text: 'Look', media: [picture('A')], prepared: null });
    const prepared = await bench.network.prepare(call);
    const shown = await send(access, { text: 'Look', prepared });
    expect(await readBack(access, { text: 'Look', prepared })).toEqual(shown);
    expect(await readBack(access, { text: 'Look' })).toBeNull();
    const second = await send(access, { text: 'second', earlier: [shown] });
    expect(await readBack(access, { text: 'second', earlier: [shown] })).toEqual(second);
    expect(await readBack(access, { text: 'second' })).toBeNull();
    expect(await readBack(access, { text: 'second', earlier: [sent] })).toBeNull();
  });

  it.each(['Tides & winds', 'tides at example.com', 'Tides'])(
    'takes no other text for it: %s',
    async (text) => {
      const access = bench.createAccess();
      await send(access, { text });
      expect(await readBack(access, { text: 'Tides at example.com' })).toBeNull();
    },
  );

  it('looks neither at other accounts nor at what was there before', async () => {
    const { fake } = bench;
    const [access, other] = [bench.createAccess(), bench.createAccess()];
    await send(other, { text: TEXT });
    const before = new Date(fake.clock.now().getTime() - 120_000);
    fake.timeline.plant({ authorId: access.channel.remoteAccountId, text: TEXT, createdAt: before });
    expect(await readBack(access, { text: TEXT })).toBeNull();
  });

  it('checks the time by itself, too', async () => {
    const { fake } = bench;
    const access = bench.createAccess();
    const told = { id: '9', text: 'Tides', created_at: new Date(Date.now() - 120_000).toISOString() };
    fake.failNext(({ path }) => path.endsWith('/tweets'), { status: 200, body: { data: [told] } });
    expect(await readBack(access, { text: 'Tides' })).toBeNull();
  });

  it('adopts none of several, and says what it cannot tell', async () => {
    const { fake } = bench;
    const access = bench.createAccess();
    const authorId = access.channel.remoteAccountId;
    const one = fake.timeline.plant({ authorId, text: 'Twice' });
    const other = fake.timeline.plant({ authorId, text: 'Twice' });
    expect(await refusalOf(readBack(access, { text: 'Twice' }))).toMatchObject({
      kind: 'rejected',
      code: 'several_match',
    });
    const call = { ...bench.callOf(access, { text: 'Twice' }), known: new Set([other.id]) };
    expect(await bench.network.readBack(call)).toMatchObject({ remoteId: one.id });
    fake.failNext(({ path }) => path.endsWith('/tweets'), {
      status: 200,
      body: { data: [{ id: '9', text: 'Tides at https://t.co/abc' }] },
    });
    expect(await refusalOf(readBack(access, { text: 'Tides at example.com' }))).toMatchObject({
      kind: 'ambiguous',
      code: 'links_unresolved',
    });
  });

  it('turns the page, and gives up where there are too many', async () => {
    const { fake } = bench;
    const access = bench.createAccess();
    const authorId = access.channel.remoteAccountId;
    const sent = await send(access, { text: 'The first' });
    for (let count = 0; count < 250; count += 1) fake.timeline.plant({ authorId, text: `Post ${count}` });
    expect(await readBack(access, { text: 'The first' })).toEqual(sent);
    for (let count = 0; count < 300; count += 1) fake.timeline.plant({ authorId, text: `More ${count}` });
    expect(await refusalOf(readBack(access, { text: 'The first' }))).toMatchObject({
      code: 'too_many_posts',
    });
  });

  it('reads answers in the names that X used before, too', async () => {
    bench.fake.speakOlder();
    const access = bench.createAccess({ subscription: 'Premium', followers: 3 });
    const long = `${'Long words & more. '.repeat(30)}End`;
    const sent = await send(access, { text: long });
    expect(await readBack(access, { text: long })).toEqual(sent);
    bench.fake.timeline.find(sent.remoteId)!.metrics['repost_count'] = 2;
    const numbers = await bench.network.measure!(access, [sent.remoteId]);
    expect(numbers.get(sent.remoteId)).toMatchObject({ shares: 2, views: 0 });
    expect(await bench.network.measureChannel!(access)).toEqual({ followers: 3, posts: 1 });
  });
});

describe('numbers', () => {
  it('come by the hundred; what is gone is left out, what X keeps to itself is unknown', async () => {
    const { fake, network } = bench;
    const access = bench.createAccess();
    const authorId = access.channel.remoteAccountId;
    const posts = Array.from({ length: 100 }, (_, index) =>
      fake.timeline.plant({ authorId, text: `${index}` }),
    );
    Object.assign(posts[0]!.metrics, {
      like_count: 4,
      quote_count: 1,
      repost_count: 2,
      impression_count: 90,
    });
    fake.timeline.remove(fake.accounts.get(authorId)!, posts[1]!.id);
    expect(network.measureBatch).toBe(100);
    const told = await network.measure!(
      access,
      posts.map(({ id }) => id),
    );
    expect(told.size).toBe(99);
    expect(told.get(posts[0]!.id)).toEqual({ views: 90, likes: 4, comments: 0, shares: 3, clicks: null });
    expect(fake.journal).toHaveLength(1);
    fake.failNext(({ path }) => path === '/2/tweets', {
      status: 200,
      body: {
        data: [{ id: '1', text: 'a', public_metrics: { like_count: -1 } }],
        errors: [{ resource_id: '2', type: 'https://api.x.com/2/problems/not-authorized-for-resource' }],
      },
    });
    const nothing = { views: null, likes: null, comments: null, shares: null, clicks: null };
    expect(Object.fromEntries(await network.measure!(access, ['1', '2', 'at://x']))).toEqual({
      1: nothing,
      2: nothing,
      'at://x': nothing,
    });
  });
});

describe('addresses and taking down', () => {
  test.each<[string, string | null]>([
    ['https://x.com/Harbour/status/123', '123'],
    ['https://twitter.com/harbour/status/123/photo/1', '123'],
    ['https://mobile.twitter.com/harbour/statuses/123/', '123'],
    ['https://x.com/other/status/123', null],
    ['https://x.com/harbour/status/12345678901234567890', null],
    ['https://x.com.example/harbour/status/123', null],
    ['https://x.com/harbour', null],
  ])('%s', (address, id) => {
    const channel = { handle: 'harbour', remoteAccountId: '7' };
    const named = bench.network.readPermalink(new URL(address), channel);
    expect(named).toEqual(
      id === null ? null : { remoteId: id, remoteUrl: `https://x.com/harbour/status/${id}` },
    );
  });

  it('removes a thread from its end; what is gone counts as removed, what is another’s does not', async () => {
    const { fake, network } = bench;
    const [access, other] = [bench.createAccess(), bench.createAccess()];
    const first = await send(access, { text: 'one' });
    const second = await send(access, { text: 'two', earlier: [first] });
    await network.takeDown!(access, [first, second]);
    await network.takeDown!(access, [first, second]);
    const deleted = fake.journal.filter(({ request }) => request.method === 'DELETE');
    expect(deleted.map(({ request, status }) => [request.path.split('/').at(-1), status])).toEqual([
      [second.remoteId, 200],
      [first.remoteId, 200],
      [second.remoteId, 404],
      [first.remoteId, 404],
    ]);
    const foreign = await send(other, { text: 'three' });
    expect(await refusalOf(network.takeDown!(access, [foreign]))).toMatchObject({ kind: 'rejected' });
    expect(await refusalOf(send(access, { text: 'two' }))).toMatchObject({ kind: 'duplicate' });
  });
});

describe('prices', () => {
  it('are those that the network charges, part by part', async () => {
    const access = bench.createAccess();
    const texts = ['no link', 'see example.com', 'and https://example.com/b'];
    for (const text of texts) await send(access, { text });
    expect(bench.network.priceOf!(texts)).toMatchObject({ amount: 0.415, currency: 'USD' });
    expect(bench.fake.limits.charged()).toBeCloseTo(0.415);
  });

  it('stand in every check of a text with a link', () => {
    const { problems } = checkCaption({ network: 'x' }, ['One', 'See example.com'], []);
    expect(problems).toMatchObject([
      { severity: 'warning', ruleId: 'link_price', fix: expect.stringContaining('$0.200 for part 2') },
    ]);
  });
});
