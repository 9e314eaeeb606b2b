import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import type { GuardedRequest } from '../../server/fetch.ts';
import { getPostMetrics } from '../../server/metrics/get-post-metrics.ts';
import { collectMetrics } from '../../workers/collect-metrics.ts';
import { createPublishingTeam, type PublishingTeam } from '../publishing/fixtures.ts';
import { startFakeAppview, type FakeAppview } from '../support/fakes/fake-appview.ts';
import { moveTime } from '../support/move-time.ts';
import { openTestContext } from '../support/test-context.ts';
import {
  createMeasuredChannel,
  insertPublished,
  readLooks,
  readNextLookHours,
} from './support/measured-team.ts';

let context: Context;
let team: PublishingTeam;
let fake: FakeAppview;
let channelId: string;

beforeAll(async () => {
  context = await openTestContext({ ALLOW_PRIVATE_HOSTS: '127.0.0.1' });
});
afterAll(async () => context[Symbol.asyncDispose]());

beforeEach(async () => {
  team = await createPublishingTeam(context);
  fake = await startFakeAppview();
  channelId = await createMeasuredChannel(context, team, fake);
});
afterEach(async () => {
  await fake[Symbol.asyncDispose]();
  await context.db.delivery.updateMany({ data: { metricsDueAt: new Date('9999-01-01') } });
  await context.db.channel.updateMany({ data: { disconnectedAt: new Date() } });
});

const collect = () => collectMetrics(context, new AbortController().signal);
const publish = (input: Partial<Parameters<typeof insertPublished>[2]> = {}) =>
  insertPublished(context, team, { channelId, hoursAgo: 0.1, ...input });
const readDelivery = (id: string) => context.db.delivery.findUniqueOrThrow({ where: { id } });
const getPostsCalls = () => fake.calls.filter((call) => call.endsWith('getPosts')).length;

describe('when numbers are asked for', () => {
  test('not before some minutes have passed, then at growing ages, and never after thirty days', async () => {
    const { id, remoteId } = await publish({ hoursAgo: 0 });
    fake.posts.set(remoteId, { likeCount: 1 });
    await collect();
    expect(await readLooks(context, id)).toEqual([]);

    await moveTime(context, { seconds: 121 });
    const ages: (number | null)[] = [];
    for (let look = 1; look <= 7; look += 1) {
      await collect();
      await collect();
      expect(await readLooks(context, id)).toHaveLength(look);
      const next = (await readNextLookHours(context, id))!;
      ages.push(next);
      if (next !== Infinity) {
        const [row] = await context.db.$queryRaw<{ seconds: number }[]>`
          select extract(epoch from metrics_due_at - clock_timestamp())::float8 as seconds from delivery where id = ${id}`;
        await moveTime(context, { seconds: row!.seconds + 1 });
      }
    }
    expect(ages).toEqual([1, 6, 24, 72, 168, 720, Infinity]);
    await moveTime(context, { days: 400 });
    await collect();
    expect(await readLooks(context, id)).toHaveLength(7);
  });

  test('what was due several times while nobody asked is asked for once', async () => {
    const { id, remoteId } = await publish({ hoursAgo: 30 });
    fake.posts.set(remoteId, {});
    await collect();
    expect(await readLooks(context, id)).toHaveLength(1);
    expect(await readNextLookHours(context, id)).toBe(72);
  });

  test('a draft, what is scheduled and what was taken down are never asked for', async () => {
    const { id } = await publish();
    await context.db.delivery.update({ where: { id }, data: { state: 'taken_down' } });
    await collect();
    expect(getPostsCalls()).toBe(0);
  });
});

describe('what is written down', () => {
  test('numbers as they were told; what was not told is null and never 0', async () => {
    const told = await publish();
    const half = await publish();
    fake.posts.set(told.remoteId, { likeCount: 3, replyCount: 0, repostCount: 2, quoteCount: 1 });
    fake.posts.set(half.remoteId, { likeCount: 0 });
    await collect();
    expect(await readLooks(context, told.id)).toMatchObject([
      { teamId: team.team.id, views: null, likes: 3, comments: 0, shares: 3, clicks: null },
    ]);
    expect(await readLooks(context, half.id)).toMatchObject([
      { views: null, likes: 0, comments: null, shares: null, clicks: null },
    ]);
  });

  test('a look is never changed: the next one is a row of its own', async () => {
    const { id, remoteId } = await publish();
    fake.posts.set(remoteId, { likeCount: 1 });
    await collect();
    await moveTime(context, { hours: 1 });
    fake.posts.set(remoteId, { likeCount: 5 });
    await collect();
    expect((await readLooks(context, id)).map(({ likes }) => likes)).toEqual([1, 5]);
    const change = context.db.metricSnapshot.updateMany({ data: { likes: 9 } });
    await expect(change).rejects.toThrow(/never changed/);
  });

  test('a look that tells nothing leaves the numbers known before, and the next that tells is written down', async () => {
    const { id, remoteId, postId } = await publish({ hoursAgo: 25 });
    for (const counts of [{ likeCount: 500 }, {}, { likeCount: 501 }]) {
      fake.posts.set(remoteId, counts);
      await collect();
      const { channels } = await getPostMetrics(context, team.caller, { postId });
      expect(channels).toMatchObject([{ status: 'measured', likes: counts.likeCount ?? 500 }]);
      await moveTime(context, { days: 3 });
    }
    expect((await readLooks(context, id)).map(({ likes }) => likes)).toEqual([500, 501]);
  });

  test('an answer that is no count is a failure, and nothing is made of it', async () => {
    const { id, remoteId } = await publish();
    fake.posts.set(remoteId, { likeCount: -1 });
    await collect();
    expect(await readLooks(context, id)).toEqual([]);
    expect(await readDelivery(id)).toMatchObject({ metricsFailures: 1, goneAt: null, state: 'published' });
  });
});

describe('how networks are asked', () => {
  test('25 posts at once, channel by channel', async () => {
    const other = await createMeasuredChannel(context, team, fake);
    for (let index = 0; index < 30; index += 1) await publish();
    await publish({ channelId: other });
    await collect();
    expect(fake.batches.map(({ length }) => length).toSorted((a, b) => a - b)).toEqual([1, 5, 25]);
  });

  test('several workers at once never ask for the same post twice', async () => {
    const published = await Promise.all(Array.from({ length: 60 }, () => publish()));
    for (const { remoteId } of published) fake.posts.set(remoteId, { likeCount: 1 });
    await Promise.all(Array.from({ length: 5 }, collect));
    const asked = fake.batches.flat();
    expect(asked).toHaveLength(60);
    expect(new Set(asked).size).toBe(60);
  });

  test('what a worker had in hand when it died is asked for again', async () => {
    const { id, remoteId } = await publish();
    fake.posts.set(remoteId, {});
    const stopped = new AbortController();
    stopped.abort();
    await collectMetrics(context, stopped.signal);
    expect(await readLooks(context, id)).toEqual([]);
    expect(await readDelivery(id)).toMatchObject({ metricsFailures: 0 });
    await collect();
    expect(getPostsCalls()).toBe(0);
    await moveTime(context, { seconds: 601 });
    await collect();
    expect(await readLooks(context, id)).toHaveLength(1);
  });

  test('one id that the network refuses does not keep the others from being told', async () => {
    const good = await Promise.all(Array.from({ length: 4 }, () => publish()));
    const bad = await publish({ remoteId: 'at://nonsense' });
    const foreign = await publish({ remoteId: 'https://bsky.app/profile/a/post/b' });
    for (const { remoteId } of good) fake.posts.set(remoteId, { likeCount: 1 });
    await collect();
    for (const { id } of good) expect(await readLooks(context, id)).toHaveLength(1);
    expect(await readDelivery(bad.id)).toMatchObject({ metricsFailures: 1, goneAt: null });
    expect(await readLooks(context, foreign.id)).toMatchObject([{ likes: null, shares: null }]);
  });

  test('a network that tells no numbers is never asked', async () => {
    const { id } = await publish();
    const silent = { ...context.networks.get('bluesky')! };
    delete silent.measure;
    const networks = new Map([...context.networks, ['bluesky', silent]]);
    await collectMetrics({ ...context, networks }, new AbortController().signal);
    expect(await readLooks(context, id)).toEqual([]);
    expect(await readNextLookHours(context, id)).toBe(Infinity);
  });
});

describe('failures', () => {
  test('back off, longer with each, and a good answer forgets them; the post stays published', async () => {
    const { id, remoteId } = await publish({ hoursAgo: 100 });
    fake.posts.set(remoteId, { likeCount: 1 });
    fake.fault = () => ({ status: 502, body: { error: 'UpstreamFailure', message: 'Upstream Failure' } });
    for (const [failures, minutes] of [
      [1, 15],
      [2, 30],
      [3, 60],
    ] as const) {
      await collect();
      expect(await readDelivery(id)).toMatchObject({ metricsFailures: failures, state: 'published' });
      await moveTime(context, { seconds: (minutes - 1) * 60 });
      const before = getPostsCalls();
      await collect();
      expect(getPostsCalls()).toBe(before);
      await moveTime(context, { seconds: 61 });
    }
    fake.fault = undefined;
    await collect();
    expect(await readDelivery(id)).toMatchObject({ metricsFailures: 0, state: 'published' });
    expect(await readLooks(context, id)).toHaveLength(1);
  });

  test('are given up a week after the last look was due', async () => {
    const { id } = await publish({ hoursAgo: 38 * 24 });
    fake.fault = () => ({ status: 500, body: 'no' });
    await collect();
    expect(await readNextLookHours(context, id)).toBe(Infinity);
  });

  test('429 pauses the whole channel until the network says, and no other', async () => {
    const posts = await Promise.all(Array.from({ length: 30 }, () => publish()));
    for (const { remoteId } of posts) fake.posts.set(remoteId, {});
    const reset = Math.floor(Date.now() / 1000) + 1800;
    fake.fault = (method) =>
      method.endsWith('getPosts')
        ? { status: 429, body: { error: 'RateLimitExceeded' }, headers: { 'ratelimit-reset': String(reset) } }
        : undefined;
    await collect();
    expect(getPostsCalls()).toBe(1);
    for (const { id } of posts) expect((await readDelivery(id)).metricsFailures).toBe(0);
    await moveTime(context, { seconds: 1700 });
    await collect();
    expect(getPostsCalls()).toBe(1);
    fake.fault = undefined;
    const otherId = await createMeasuredChannel(context, team, fake);
    const other = await publish({ channelId: otherId });
    fake.posts.set(other.remoteId, {});
    await collect();
    expect(await readLooks(context, other.id)).toHaveLength(1);
    await moveTime(context, { seconds: 120 });
    await collect();
    for (const { id } of posts) expect(await readLooks(context, id)).toHaveLength(1);
  });

  /** Some calls for posts fail on their way; the posts that each of them asked for, in turn. */
  const collectThrough = async (fail: (uris: string[]) => Error | undefined, measureBatch = 25) => {
    const asked: string[][] = [];
    const fetch = async (url: string | URL, init?: GuardedRequest) => {
      const uris = new URL(url).searchParams.getAll('uris');
      if (uris.length > 0) asked.push(uris);
      const failure = uris.length > 0 ? fail(uris) : undefined;
      if (failure) throw failure;
      return context.fetch(url, init);
    };
    const { close } = context.fetch;
    const networks = new Map(context.networks);
    networks.set('bluesky', { ...context.networks.get('bluesky')!, measureBatch });
    const through = { ...context, networks, fetch: Object.assign(fetch, { close }) };
    await collectMetrics(through, new AbortController().signal);
    return asked;
  };
  const tooSlow = () => new DOMException('The operation was aborted due to timeout', 'TimeoutError');
  const outOfReach = () => Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
  const publishSome = async (length: number) => {
    const posts = await Promise.all(Array.from({ length }, () => publish({ hoursAgo: 100 })));
    for (const { remoteId } of posts) fake.posts.set(remoteId, { likeCount: 1 });
    return posts;
  };

  test('of what is too much to be told in time less is asked for at once, and no failure is counted', async () => {
    const posts = await publishSome(20);
    const asked = await collectThrough(({ length }) => (length > 5 ? tooSlow() : undefined));
    expect(asked.map(({ length }) => length)).toEqual([20, 10, 5, 5, 10, 5, 5]);
    for (const { id } of posts) {
      expect(await readLooks(context, id)).toHaveLength(1);
      expect(await readDelivery(id)).toMatchObject({ metricsFailures: 0 });
    }
  });

  test.each([
    ['cannot be reached', outOfReach],
    ['is too slow for one post', tooSlow],
  ])('a network that %s is asked once, and again after a while', async (_what, failure) => {
    const posts = await publishSome(3);
    expect(await collectThrough(failure, 1)).toHaveLength(1);
    const failures = await Promise.all(posts.map(async ({ id }) => (await readDelivery(id)).metricsFailures));
    expect(failures.toSorted()).toEqual([0, 0, 1]);
    await moveTime(context, { seconds: 890 });
    await collect();
    expect(fake.batches).toEqual([]);
    await moveTime(context, { seconds: 20 });
    await collect();
    expect(fake.batches.flat()).toHaveLength(3);
  });

  test('one post that is always too slow does not keep the others from being told', async () => {
    const posts = await publishSome(4);
    const [slow, ...others] = posts.map(({ remoteId }) => remoteId);
    for (let round = 0; round < 2; round += 1) {
      await collectThrough((uris) => (uris.includes(slow!) ? tooSlow() : undefined), 1);
      await moveTime(context, { seconds: 901 });
    }
    await collectThrough((uris) => (uris.includes(slow!) ? tooSlow() : undefined), 1);
    expect(fake.batches.flat().toSorted()).toEqual(others.toSorted());
  });

  test('an expired token is renewed once, and the numbers come in the same round', async () => {
    const stale = await createMeasuredChannel(context, team, fake, 'an old token');
    const { id, remoteId } = await publish({ channelId: stale });
    fake.posts.set(remoteId, { likeCount: 2 });
    await collect();
    expect(await readLooks(context, id)).toMatchObject([{ likes: 2 }]);
    expect(fake.calls.filter((call) => call.endsWith('refreshSession'))).toHaveLength(1);
    expect(await context.db.channel.findUniqueOrThrow({ where: { id: stale } })).toMatchObject({
      status: 'ok',
    });
  });

  test('a network that does not let numbers be read leaves the channel fit for publishing', async () => {
    const { id } = await publish();
    fake.fault = (method) =>
      method.startsWith('app.bsky')
        ? { status: 401, body: { error: 'InvalidToken', message: 'Bad token scope' } }
        : undefined;
    await collect();
    await collect();
    expect(await context.db.channel.findUniqueOrThrow({ where: { id: channelId } })).toMatchObject({
      status: 'ok',
    });
    expect(await readDelivery(id)).toMatchObject({
      state: 'published',
      problemCode: null,
      metricsFailures: 0,
    });
    expect(fake.calls.filter((call) => call.endsWith('getPosts'))).toHaveLength(2);
  });

  test('a channel that is to be linked again is not asked', async () => {
    const { id } = await publish();
    await context.db.channel.update({ where: { id: channelId }, data: { status: 'needs_reconnect' } });
    await collect();
    expect(fake.calls).toEqual([]);
    await context.db.channel.update({ where: { id: channelId }, data: { status: 'ok' } });
    await moveTime(context, { hours: 7 });
    await collect();
    expect(getPostsCalls()).toBe(1);
    expect(await readDelivery(id)).toMatchObject({ state: 'published' });
  });
});

describe('a post that is not there', () => {
  test('is gone when it is old enough to be shown, and is asked for no more', async () => {
    const { id, remoteId } = await publish({ hoursAgo: 5 });
    fake.posts.set(remoteId, { likeCount: 4 });
    await collect();
    fake.posts.delete(remoteId);
    await moveTime(context, { hours: 2 });
    await collect();
    expect(await readDelivery(id)).toMatchObject({ state: 'published', goneAt: expect.any(Date) as Date });
    expect(await readNextLookHours(context, id)).toBe(Infinity);
    expect(await readLooks(context, id)).toMatchObject([{ likes: 4 }]);
  });

  test('is only late within the first hour', async () => {
    const { id, remoteId } = await publish({ hoursAgo: 0.2 });
    await collect();
    expect(await readDelivery(id)).toMatchObject({ goneAt: null });
    expect(await readNextLookHours(context, id)).toBe(1);
    fake.posts.set(remoteId, { likeCount: 1 });
    await moveTime(context, { hours: 1 });
    await collect();
    expect(await readLooks(context, id)).toHaveLength(1);
  });
});

describe('channels', () => {
  const readDays = () =>
    context.db.channelSnapshot.findMany({ where: { channelId }, orderBy: { day: 'asc' } });

  test('are counted once a day in the zone of the team', async () => {
    fake.profile = { followersCount: 100, postsCount: 7 };
    await collect();
    await collect();
    expect(await readDays()).toMatchObject([{ teamId: team.team.id, followers: 100, posts: 7 }]);
    fake.profile = { followersCount: 110 };
    await moveTime(context, { hours: 25 });
    await context.db.$executeRaw`update channel_snapshot set day = day - 1 where channel_id = ${channelId}`;
    await collect();
    expect((await readDays()).map(({ followers, posts }) => [followers, posts])).toEqual([
      [100, 7],
      [110, null],
    ]);
  });

  test('the day is that of the team, whatever the day is in UTC', async () => {
    for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Pago_Pago']) {
      await context.db.team.update({ where: { id: team.team.id }, data: { timeZone } });
      await context.db.$executeRaw`update channel set metrics_due_at = null where id = ${channelId}`;
      await collect();
    }
    // UTC+14 and UTC-11: never the same day.
    expect(await readDays()).toHaveLength(2);
    const [row] = await context.db.$queryRaw<{ isNext: boolean }[]>`
      select c.metrics_due_at between ((s.day + 1)::timestamp at time zone 'Pacific/Pago_Pago')
        and ((s.day + 1)::timestamp at time zone 'Pacific/Pago_Pago') + interval '1 hour' as "isNext"
      from channel c join channel_snapshot s on s.channel_id = c.id
      where c.id = ${channelId} order by s.day limit 1`;
    expect(row).toEqual({ isNext: true });
  });

  test('an account that cannot be read is asked for again later, and several workers ask once', async () => {
    fake.fault = () => ({ status: 502, body: { error: 'UpstreamFailure' } });
    await Promise.all([collect(), collect(), collect()]);
    expect(fake.calls.filter((call) => call.endsWith('getProfile'))).toHaveLength(1);
    expect(await readDays()).toEqual([]);
    fake.fault = undefined;
    await moveTime(context, { hours: 1 });
    await collect();
    expect(await readDays()).toMatchObject([{ followers: null, posts: null }]);
  });
});
