import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { Context } from '../../server/context.ts';
import { cancelSchedule } from '../../server/deliveries/cancel-schedule.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { findSlots, type SlotsInput } from '../../server/scheduling/find-slots.ts';
import { connectClient, scopesOf, type TestConnection } from '../domain/connect-client.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';

let context: Context;
let owner: TestOwner;
let publisher: TestConnection;
let campaignId: string;
let first: string;
let second: string;

beforeAll(async () => {
  context = await openTestContext();
});
afterAll(async () => context[Symbol.asyncDispose]());

beforeEach(async () => {
  owner = await createOwner(context);
  publisher = await connectClient(context, owner, scopesOf('publish'));
  ({ campaignId } = await createCampaign(context, owner.caller, { name: 'Launch', goal: 'Be seen' }));
  first = owner.playgroundChannelId;
  second = newId('channel');
  await context.db.channel.create({
    data: {
      id: second,
      teamId: owner.team.id,
      network: 'playground',
      handle: 'second',
      remoteAccountId: second,
    },
  });
});

let drafted = 0;

async function draft(channelIds = [first]): Promise<string> {
  const text = `Post ${(drafted += 1)}`;
  return (await createPost(context, publisher.caller, { campaignId, channelIds, text })).postId;
}

/** The week of a channel: weekday and wall time. */
async function setSlots(
  channelId: string,
  slots: readonly [weekday: number, localTime: string][],
): Promise<void> {
  await context.db.queueSlot.deleteMany({ where: { channelId } });
  await context.db.queueSlot.createMany({
    data: slots.map(([weekday, localTime]) => ({ teamId: owner.team.id, channelId, weekday, localTime })),
  });
}

const find = (more: Partial<SlotsInput> = {}) =>
  findSlots(context, publisher.caller, {
    channelIds: [first],
    basis: 'queue',
    count: 3,
    from: '2036-12-01',
    ...more,
  });
const timesOf = ({ slots }: Awaited<ReturnType<typeof findSlots>>) => slots.map(({ localTime }) => localTime);
const scheduleAt = (postId: string, at: string, onlyChannelIds?: string[]) =>
  schedulePost(context, publisher.caller, { postId, expectedRev: 1, at, onlyChannelIds });
const nextSlot = (postId: string) =>
  schedulePost(context, publisher.caller, { postId, expectedRev: 1, nextSlot: true });

describe('the queue', () => {
  test('the next free slots of a channel, in the zone of the team', async () => {
    const found = await find();
    expect(timesOf(found)).toEqual([
      'Mon, 1 Dec 2036, 09:00 CET',
      'Mon, 1 Dec 2036, 12:30 CET',
      'Mon, 1 Dec 2036, 17:00 CET',
    ]);
    expect(found.slots[0]).toMatchObject({ at: new Date('2036-12-01T08:00:00Z'), reason: 'free queue slot' });
    expect(found.timeZone).toBe('Europe/Berlin');
  });

  test('a slot with a post of ours within five minutes is taken, one further away is not', async () => {
    await scheduleAt(await draft(), '2036-12-01T09:05');
    await scheduleAt(await draft(), '2036-12-01T12:36');
    expect(timesOf(await find({ count: 1 }))).toEqual(['Mon, 1 Dec 2036, 12:30 CET']);
    const cancelled = await draft();
    await scheduleAt(cancelled, '2036-12-01T12:30');
    expect(timesOf(await find({ count: 1 }))).toEqual(['Mon, 1 Dec 2036, 17:00 CET']);
    await cancelSchedule(context, publisher.caller, { postId: cancelled });
    expect(timesOf(await find({ count: 1 }))).toEqual(['Mon, 1 Dec 2036, 12:30 CET']);
  });

  test('of two channels the slots that both have; where there are none, those of the first', async () => {
    await setSlots(first, [[1, '09:00'], [2, '11:00']]); // prettier-ignore
    await setSlots(second, [[1, '10:00'], [2, '11:00']]); // prettier-ignore
    const both = await find({ channelIds: [first, second], count: 2 });
    expect(timesOf(both)).toEqual(['Tue, 2 Dec 2036, 11:00 CET', 'Tue, 9 Dec 2036, 11:00 CET']);
    expect(both.slots[0]!.reason).toBe('free queue slot of all 2 channels');
    await setSlots(second, [[3, '10:00']]);
    const apart = await find({ channelIds: [first, second], count: 1 });
    expect(timesOf(apart)).toEqual(['Mon, 1 Dec 2036, 09:00 CET']);
    expect(apart.slots[0]!.reason).toBe(`free queue slot of ${first}; none suits all 2 channels`);
  });

  test('a slot keeps its wall time over a change of clocks, and moves to the end of a gap', async () => {
    await setSlots(first, [[7, '02:30']]);
    const found = await find({ from: '2036-03-20', count: 3 });
    expect(timesOf(found)).toEqual([
      'Sun, 23 Mar 2036, 02:30 CET',
      'Sun, 30 Mar 2036, 03:00 CEST',
      'Sun, 6 Apr 2036, 02:30 CEST',
    ]);
  });

  test('never in the past; without slots it says what to do', async () => {
    const found = await find({ from: '2001-01-01', count: 20 });
    expect(found.slots).toHaveLength(20);
    expect(found.slots[0]!.at.getTime()).toBeGreaterThan(Date.now());
    await setSlots(first, []);
    await expect(find()).rejects.toMatchObject({
      kind: 'Conflict',
      details: {
        code: 'no_free_slot',
        nextStep: expect.stringContaining(`/channels/${first}/slots`) as string,
      },
    });
    const stranger = await createOwner(context);
    await expect(find({ channelIds: [stranger.playgroundChannelId] })).rejects.toMatchObject({
      kind: 'NotFound',
    });
    await expect(find({ from: 'soon' })).rejects.toMatchObject({
      details: { code: 'invalid_time', field: 'from' },
    });
  });
});

describe('scheduling at the next slot', () => {
  test('again it stays where it is, also when it has gone out', async () => {
    const postId = await draft();
    const scheduled = await nextSlot(postId);
    const before = await context.db.delivery.findFirstOrThrow({ where: { postId } });
    expect(scheduled).toMatchObject({ state: 'scheduled', warnings: [] });
    expect(await nextSlot(postId)).toEqual(scheduled);
    expect(await context.db.delivery.findFirstOrThrow({ where: { postId } })).toEqual(before);
    await context.db.delivery.updateMany({
      where: { postId },
      data: { state: 'published', remoteId: newId('playgroundPost'), publishedAt: new Date() },
    });
    expect(await nextSlot(postId)).toMatchObject({ state: 'published', at: scheduled.at });
  });

  test('again it stays where it is although an earlier slot has become free', async () => {
    const [earlier, postId] = [await draft(), await draft()];
    await nextSlot(earlier);
    const scheduled = await nextSlot(postId);
    await cancelSchedule(context, publisher.caller, { postId: earlier });
    expect(await nextSlot(postId)).toEqual(scheduled);
  });

  test('ten posts at once get ten slots', async () => {
    const posts = await Promise.all(Array.from({ length: 10 }, () => draft()));
    const placed = await Promise.all(posts.map(nextSlot));
    expect(new Set(placed.map(({ at }) => at.getTime())).size).toBe(10);
    const again = await Promise.all(posts.map(nextSlot));
    expect(again.map(({ at }) => at)).toEqual(placed.map(({ at }) => at));
  });

  test('a post that stands elsewhere moves to the slot', async () => {
    const postId = await draft();
    await scheduleAt(postId, '2036-12-01T03:33');
    const { at } = await nextSlot(postId);
    expect(at.getTime()).toBeLessThan(Date.now() + 8 * 86_400_000);
  });

  test('no slot that all channels share: the first channel’s, and it says so', async () => {
    await setSlots(first, [[1, '09:00']]);
    await setSlots(second, [[2, '10:00']]);
    const postId = await draft([first, second]);
    const { warnings } = await nextSlot(postId);
    expect(warnings).toMatchObject([{ code: 'slot_not_shared' }]);
    await setSlots(first, []);
    await setSlots(second, []);
    await expect(nextSlot(await draft())).rejects.toMatchObject({ details: { code: 'no_free_slot' } });
  });

  test('a time or the next slot, exactly one of both', async () => {
    const postId = await draft();
    const wish = { postId, expectedRev: 1 };
    await expect(schedulePost(context, publisher.caller, wish)).rejects.toMatchObject({
      details: { code: 'no_time' },
    });
    await expect(
      schedulePost(context, publisher.caller, { ...wish, at: '2036-12-01T09:00', nextSlot: true }),
    ).rejects.toMatchObject({ details: { code: 'no_time', field: 'at' } });
  });
});

describe('zones', () => {
  test('an ambiguous time is told with both instants', async () => {
    const { warnings } = await scheduleAt(await draft(), '2036-10-26T02:30');
    expect(warnings).toMatchObject([{ code: 'ambiguous_time' }]);
    expect(warnings[0]!.message).toContain('2036-10-26T00:30:00Z');
    expect(warnings[0]!.message).toContain('2036-10-26T01:30:00Z');
  });

  test('a time that does not exist is refused with the next one', async () => {
    await expect(scheduleAt(await draft(), '2036-03-30T02:30')).rejects.toMatchObject({
      details: {
        code: 'nonexistent_time',
        nextStep: expect.stringContaining('2036-03-30T03:00:00+02:00') as string,
      },
    });
  });

  test('what is scheduled stays where it is when the zone of the team changes', async () => {
    const postId = await draft();
    await scheduleAt(postId, '2036-12-01T09:00');
    const read = () => context.db.delivery.findFirstOrThrow({ where: { postId } });
    const before = await read();
    await context.db.team.update({ where: { id: owner.team.id }, data: { timeZone: 'America/New_York' } });
    expect(await read()).toEqual(before);
    expect(before).toMatchObject({ timeZone: 'Europe/Berlin', localTime: '2036-12-01T09:00:00' });
    expect(timesOf(await find({ count: 1 }))).toEqual(['Mon, 1 Dec 2036, 09:00 GMT-5']);
  });
});

describe('best times', () => {
  /** A post that went out at a wall time in Berlin some weeks ago, and how many liked it. */
  async function addResult(channelIds: string | string[], at: Date, likes: number | null): Promise<void> {
    const channels = [channelIds].flat();
    const postId = await draft(channels);
    for (const channelId of channels) await addNumbers(postId, channelId, at, likes);
  }

  async function addNumbers(
    postId: string,
    channelId: string,
    at: Date,
    likes: number | null,
  ): Promise<void> {
    const { id } = await context.db.delivery.update({
      where: { postId_channelId: { postId, channelId } },
      data: {
        state: 'published',
        remoteId: newId('playgroundPost'),
        publishedAt: at,
        dueAt: at,
        scheduledByPersonId: owner.person.id,
        timeZone: 'Europe/Berlin',
        notBefore: at,
        notAfter: at,
        scheduledAt: at,
        sendStartedAt: at,
        payloadHash: new Uint8Array(32),
      },
    });
    await context.db.metricSnapshot.create({ data: { teamId: owner.team.id, deliveryId: id, likes } });
  }

  const WEEK_MS = 7 * 86_400_000;
  /** The same hour in UTC each time; the weeks before `Wed, 3 Dec 2036` would do as well. */
  const weeksAgo = (weeks: number, hour: number): Date => {
    const at = new Date(Date.now() - weeks * WEEK_MS);
    at.setUTCDate(at.getUTCDate() - ((at.getUTCDay() + 6) % 7) + 2);
    at.setUTCHours(hour, 10, 0, 0);
    return at;
  };

  test('with too few results it says so and gives the queue', async () => {
    await addResult(first, weeksAgo(3, 12), 5);
    const { slots } = await find({ basis: 'best_times', count: 1 });
    expect(slots[0]).toMatchObject({
      localTime: 'Mon, 1 Dec 2036, 09:00 CET',
      reason: 'best times need 10 posts with numbers, and there are 1; free queue slot',
    });
  });

  test('the hour that did best, with the figures; a post without numbers does not count', async () => {
    await context.db.team.update({ where: { id: owner.team.id }, data: { timeZone: 'UTC' } });
    for (let week = 2; week < 7; week += 1) {
      await addResult(first, weeksAgo(week, 18), 30 + week);
      await addResult(first, weeksAgo(week, 9), 2);
    }
    await addResult(first, weeksAgo(2, 22), null);
    const { slots } = await find({ basis: 'best_times', count: 3, from: '2036-12-01' });
    expect(slots.map(({ localTime, reason }) => [localTime, reason])).toEqual([
      [
        'Wed, 3 Dec 2036, 18:00 UTC',
        'Wednesdays from 18:00 to 19:00: median engagement 34 over 5 posts (17 over all 10)',
      ],
      [
        'Wed, 3 Dec 2036, 09:00 UTC',
        'Wednesdays from 9:00 to 10:00: median engagement 2 over 5 posts (17 over all 10)',
      ],
      [
        'Wed, 10 Dec 2036, 18:00 UTC',
        'Wednesdays from 18:00 to 19:00: median engagement 34 over 5 posts (17 over all 10)',
      ],
    ]);
    const postId = await draft();
    await scheduleAt(postId, '2036-12-03T18:02');
    const free = await find({ basis: 'best_times', count: 1, from: '2036-12-01' });
    expect(timesOf(free)).toEqual(['Wed, 10 Dec 2036, 18:00 UTC']);
  });

  test('a post on several channels is one post', async () => {
    await context.db.team.update({ where: { id: owner.team.id }, data: { timeZone: 'UTC' } });
    const wish: Partial<SlotsInput> = { channelIds: [first, second], basis: 'best_times', count: 1 };
    await addResult([first, second], weeksAgo(2, 18), 90);
    await addResult([first, second], weeksAgo(3, 18), 90);
    for (let week = 2; week < 6; week += 1) await addResult([first, second], weeksAgo(week, 9), 2);
    const tooFew = /^best times need 10 posts with numbers, and there are 6;/;
    expect((await find(wish)).slots[0]!.reason).toMatch(tooFew);
    for (let week = 6; week < 10; week += 1) await addResult([first, second], weeksAgo(week, 9), 2);
    const { slots } = await find(wish);
    expect(slots.map(({ reason }) => reason)).toEqual([
      'Wednesdays from 9:00 to 10:00: median engagement 2 over 8 posts (2 over all 10)',
    ]);
  });
});
