import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { getCampaignMetrics } from '../../server/metrics/get-campaign-metrics.ts';
import { getChannelMetrics } from '../../server/metrics/get-channel-metrics.ts';
import { getPostMetrics } from '../../server/metrics/get-post-metrics.ts';
import { connectClient } from '../domain/connect-client.ts';
import { createPublishingTeam, scheduleTestDelivery, type PublishingTeam } from '../publishing/fixtures.ts';
import { openTestContext } from '../support/test-context.ts';
import { callTool } from '../tools/call-tool.ts';
import { insertPublished, type PublishedInput } from './support/measured-team.ts';

let context: Context;
let team: PublishingTeam;
let bluesky: string;
let playground: string;

beforeAll(async () => {
  context = await openTestContext();
});
afterAll(async () => context[Symbol.asyncDispose]());
beforeEach(async () => {
  team = await createPublishingTeam(context);
  playground = team.playgroundChannelId;
  bluesky = await addChannel('bluesky', 'alice.test');
});

async function addChannel(network: string, handle: string): Promise<string> {
  const id = newId('channel');
  await context.db.channel.create({
    data: { id, teamId: team.team.id, network, handle, remoteAccountId: id },
  });
  return id;
}

type Numbers = Partial<Record<'views' | 'likes' | 'comments' | 'shares' | 'clicks', number>>;

async function look(deliveryId: string, numbers: Numbers, minutesAgo = 0): Promise<void> {
  await context.db.$executeRaw`
    insert into metric_snapshot (team_id, delivery_id, captured_at, views, likes, comments, shares, clicks)
    values (${team.team.id}, ${deliveryId}, clock_timestamp() - make_interval(mins => ${minutesAgo}::int),
      ${numbers.views ?? null}, ${numbers.likes ?? null}, ${numbers.comments ?? null}, ${numbers.shares ?? null},
      ${numbers.clicks ?? null})`;
}

async function publish(input: Partial<PublishedInput>, numbers?: Numbers) {
  const published = await insertPublished(context, team, { channelId: bluesky, hoursAgo: 2, ...input });
  if (numbers) await look(published.id, numbers);
  return published;
}

async function callOk(name: string, input: Record<string, unknown>) {
  const { caller } = await connectClient(context, team);
  const outcome = await callTool(context, caller, name, input);
  if (outcome.isError) throw new Error(outcome.error.message);
  return outcome;
}

describe('get_post_metrics', () => {
  test('gives the latest look per channel, and names what a network does not tell', async () => {
    const first = await publish({}, { likes: 1 });
    const second = await insertPublished(context, team, { channelId: playground, postId: first.postId });
    await look(first.id, { likes: 4, comments: 1, shares: 0 });
    await look(second.id, { views: 50, likes: 2 }, 30);
    const { output, text } = await callOk('get_post_metrics', { post_id: first.postId });
    expect(output).toMatchObject({
      time_zone: 'Europe/Berlin',
      note: null,
      channels: [
        {
          ...{
            channel_id: bluesky,
            network: 'bluesky',
            status: 'measured',
            views: null,
            likes: 4,
            comments: 1,
          },
          ...{
            shares: 0,
            clicks: null,
            engagement: 5,
            per_1000_views: null,
            unsupported: ['views', 'clicks'],
          },
        },
        {
          ...{ channel_id: playground, status: 'measured', views: 50, likes: 2, engagement: 2 },
          ...{ per_1000_views: 40, unsupported: ['comments', 'shares', 'clicks'] },
        },
      ],
    });
    // As old as the older of the two.
    const age = Date.now() - Date.parse(String(output['captured_at']));
    expect(age).toBeGreaterThan(29 * 60_000);
    expect(text).toContain('views not told, 4 likes');
    expect(text).toContain(playground);
  });

  test('says what is not there yet', async () => {
    const draft = await scheduleTestDelivery(context, team, { dueInSeconds: 3600 });
    const read = (postId: string) => getPostMetrics(context, team.caller, { postId });
    expect(await read(draft.postId)).toMatchObject({
      capturedAt: null,
      channels: [{ status: 'not_published', unsupported: [] }],
      note: 'Nothing of this post is published yet.',
    });
    const { postId } = await publish({});
    const waiting = await read(postId);
    expect(waiting.channels).toMatchObject([{ status: 'waiting', likes: null, engagement: null }]);
    expect(waiting.note).toMatch(/about 2 minutes after publishing/);
    const silent = await publish({ channelId: await addChannel('carrier-pigeon', 'p') });
    expect(await read(silent.postId)).toMatchObject({ channels: [{ status: 'not_told' }] });
  });

  test('a post that is gone keeps its last numbers', async () => {
    const { id, postId } = await publish({}, { likes: 7 });
    await context.db.delivery.update({ where: { id }, data: { goneAt: new Date() } });
    expect(await getPostMetrics(context, team.caller, { postId })).toMatchObject({
      channels: [{ status: 'gone', likes: 7 }],
      note: null,
    });
  });
});

describe('get_campaign_metrics', () => {
  const read = (input: Partial<Parameters<typeof getCampaignMetrics>[2]> = {}) =>
    getCampaignMetrics(context, team.caller, { campaignId: team.campaignId, ...input });

  test('a total says over how many posts it is, and leaves out what networks do not tell', async () => {
    const { postId } = await publish({}, { likes: 10, comments: 1, shares: 2 });
    const onBoth = await insertPublished(context, team, { channelId: playground, postId });
    await look(onBoth.id, { views: 100, likes: 5 });
    await publish({}, { likes: 1 });
    await publish({});
    const { totals, capturedAt } = await read();
    expect(totals).toMatchObject({
      posts: 3,
      measuredPosts: 2,
      engagement: 19,
      views: { value: 100, ofPosts: 1, without: ['bluesky'] },
      likes: { value: 16, ofPosts: 2, without: [] },
      comments: { value: 1, ofPosts: 1, without: ['bluesky', 'playground'] },
      clicks: { value: null, ofPosts: 0, without: ['bluesky', 'playground'] },
    });
    expect(capturedAt).toBeInstanceOf(Date);
    const { output, text } = await callOk('get_campaign_metrics', { campaign_id: team.campaignId });
    expect(output).toMatchObject({ totals: { views: { value: 100, of_posts: 1, without: ['bluesky'] } } });
    expect(text).toContain('100 views of 1 posts (bluesky does not tell)');
  });

  test('only the latest look counts, and only this campaign', async () => {
    const { id } = await publish({}, { likes: 3 });
    await look(id, { likes: 100 }, 60);
    const otherId = newId('campaign');
    await context.db.campaign.create({
      data: { id: otherId, teamId: team.team.id, name: 'B', goal: 'B', createdByPersonId: team.person.id },
    });
    await publish({ campaignId: otherId }, { likes: 50 });
    expect((await read()).totals.likes.value).toBe(3);
  });

  test('the best three, compared over networks also by a thousand views', async () => {
    const likes = [3, 9, 1, 5];
    const posts = [];
    for (const count of likes) posts.push(await publish({ text: `Post with ${count}` }, { likes: count }));
    const seen = await publish({ channelId: playground, text: 'Seen' }, { likes: 8, views: 400 });
    await publish({ text: 'Nothing told' }, {});
    expect((await read()).topPosts).toMatchObject([
      {
        postId: posts[1]!.postId,
        engagement: 9,
        views: null,
        perThousandViews: null,
        excerpt: 'Post with 9',
      },
      { postId: seen.postId, engagement: 8, views: 400, perThousandViews: 20 },
      { postId: posts[3]!.postId, engagement: 5 },
    ]);
  });

  test('weeks begin on Monday in the zone of the team', async () => {
    // In Berlin the first is Sunday 23:30, the second Monday 00:30; in UTC both are on Sunday.
    await publish({ publishedAt: new Date('2026-06-07T21:30:00Z') }, { likes: 1 });
    await publish({ publishedAt: new Date('2026-06-07T22:30:00Z') }, { likes: 2 });
    const { series } = await read({ groupBy: 'week' });
    expect(series).toMatchObject([
      { key: '2026-06-01', posts: 1, likes: { value: 1 } },
      { key: '2026-06-08', posts: 1, likes: { value: 2 } },
    ]);
    const june8 = await read({ from: '2026-06-08' });
    expect(june8.totals.posts).toBe(1);
    expect((await read({ to: '2026-06-08' })).totals.likes.value).toBe(1);
  });

  test('a week with a change of clocks is one week', async () => {
    await publish({ publishedAt: new Date('2026-03-22T23:30:00Z') }, { likes: 1 });
    await publish({ publishedAt: new Date('2026-03-29T21:59:00Z') }, { likes: 1 });
    await publish({ publishedAt: new Date('2026-03-29T22:00:00Z') }, { likes: 1 });
    expect((await read({ groupBy: 'week' })).series.map(({ key, posts }) => [key, posts])).toEqual([
      ['2026-03-23', 2],
      ['2026-03-30', 1],
    ]);
  });

  test('a series has twelve entries at most, and says what it leaves out', async () => {
    for (let week = 0; week < 14; week += 1) await publish({ hoursAgo: 1 + week * 168 }, { likes: week });
    const weeks = await read({ groupBy: 'week' });
    expect(weeks.series).toHaveLength(12);
    expect(weeks.totals.posts).toBe(14);
    expect(weeks.note).toMatch(/last 12 of 14 weeks/);
    for (let index = 0; index < 13; index += 1) {
      await publish({ channelId: await addChannel('bluesky', `c${index}`) }, { likes: 1 });
    }
    const channels = await read();
    expect(channels.series).toHaveLength(12);
    expect(channels.series[0]).toMatchObject({ key: bluesky, label: 'bluesky alice.test', engagement: 91 });
    expect(channels.note).toMatch(/12 of 14 channels/);
  });

  test('says why there is nothing', async () => {
    expect(await read()).toMatchObject({
      totals: { posts: 0, engagement: null, likes: { value: null, ofPosts: 0, without: [] } },
      series: [],
      topPosts: [],
      capturedAt: null,
      note: 'This campaign has published nothing yet.',
    });
    await publish({});
    expect((await read()).note).toMatch(/^No numbers yet/);
    expect((await read({ to: '2020-01-01' })).note).toMatch(/nothing in this window/);
  });

  test('what was taken down still counts', async () => {
    const { id } = await publish({}, { likes: 4 });
    await context.db.delivery.update({ where: { id }, data: { state: 'taken_down' } });
    expect((await read()).totals.likes.value).toBe(4);
  });
});

describe('get_channel_metrics', () => {
  const read = (input: { from?: string; to?: string } = {}) =>
    getChannelMetrics(context, team.caller, { channelId: bluesky, ...input });
  const count = (day: string, followers: number | null) => context.db.$executeRaw`
    insert into channel_snapshot (team_id, channel_id, day, captured_at, followers)
    values (${team.team.id}, ${bluesky}, ${day}::date, ${day}::timestamp at time zone 'Europe/Berlin', ${followers}::int)`;

  beforeEach(async () => {
    await context.db.channel.update({
      where: { id: bluesky },
      data: { createdAt: new Date('2026-01-01T00:00:00Z') },
    });
  });

  test('followers and engagement by day in the zone of the team', async () => {
    await count('2026-06-01', 200);
    await count('2026-06-02', null);
    await count('2026-06-03', 210);
    await publish({ publishedAt: new Date('2026-06-01T21:59:00Z') }, { likes: 1, comments: 2 });
    await publish({ publishedAt: new Date('2026-06-01T22:00:00Z') }, { likes: 5 });
    await publish({ publishedAt: new Date('2026-06-02T22:00:00Z') });
    await publish({ publishedAt: new Date('2026-06-03T22:00:00Z') }, { likes: 9 });
    expect(await read({ from: '2026-06-01', to: '2026-06-04' })).toMatchObject({
      series: [
        { day: '2026-06-01', followers: 200, posts: 1, engagement: 3, views: null },
        { day: '2026-06-02', followers: null, posts: 1, engagement: 5 },
        { day: '2026-06-03', followers: 210, posts: 1, engagement: null },
      ],
      daysPerPoint: 1,
      followersChangePct: 5,
      timeZone: 'Europe/Berlin',
      note: null,
    });
  });

  test('the change needs two counts, and a base that is not 0', async () => {
    const window = { from: '2026-06-01', to: '2026-06-04' };
    expect((await read(window)).followersChangePct).toBeNull();
    await count('2026-06-01', 0);
    expect((await read(window)).followersChangePct).toBeNull();
    await count('2026-06-02', 50);
    expect((await read(window)).followersChangePct).toBeNull();
    expect((await read({ from: '2026-06-02', to: '2026-06-03' })).followersChangePct).toBeNull();
  });

  test('thirty points at most: a longer window has several days a point, and ends where it was asked to', async () => {
    await count('2026-03-01', 100);
    await count('2026-05-31', 150);
    const quarter = await read({ from: '2026-03-01', to: '2026-06-01' });
    expect(quarter.daysPerPoint).toBe(4);
    expect(quarter.series.length).toBeLessThanOrEqual(30);
    expect(quarter.series.at(-1)).toMatchObject({ day: '2026-05-28', followers: 150 });
    expect(quarter.series[0]).toMatchObject({ followers: 100 });
    expect(quarter.followersChangePct).toBe(50);
    const { output } = await callOk('get_channel_metrics', { channel_id: bluesky });
    expect(output['series']).toHaveLength(30);
    expect((await read({ from: '1970-01-01' })).series.length).toBeLessThanOrEqual(30);
    expect((await read({ from: '2036-01-01' })).series).toHaveLength(1);
    expect((await read({ from: '2026-06-05', to: '2026-06-01' })).series).toHaveLength(1);
  });

  test.each([
    ['2026-04-10T00:30:00+02:00', '2026-03-12', '2026-04-10'],
    ['2026-04-10T00:00:00+02:00', '2026-03-11', '2026-04-09'],
    ['2026-11-09T23:30:00+01:00', '2026-10-11', '2026-11-09'],
  ])('up to %s it is thirty days, from %s to %s, although clocks change in them', async (to, first, last) => {
    const { series, daysPerPoint } = await read({ to });
    expect(daysPerPoint).toBe(1);
    expect(series).toHaveLength(30);
    expect([series[0]!.day, series.at(-1)!.day]).toEqual([first, last]);
  });

  test('a channel that was just linked has one day, and says when followers are counted', async () => {
    await context.db.channel.update({ where: { id: bluesky }, data: { createdAt: new Date() } });
    const { series, note } = await read();
    expect(series).toMatchObject([{ followers: null, posts: 0, engagement: null }]);
    expect(note).toMatch(/counted once a day/);
  });
});

test('what another team has is not there', async () => {
  const { postId } = await publish({}, { likes: 1 });
  const other = await createPublishingTeam(context);
  const notFound = (field: string) => ({ details: { code: 'not_found', field } });
  const { caller } = other;
  await expect(getPostMetrics(context, caller, { postId })).rejects.toMatchObject(notFound('post_id'));
  const { campaignId } = team;
  await expect(getCampaignMetrics(context, caller, { campaignId })).rejects.toMatchObject(
    notFound('campaign_id'),
  );
  const reading = getChannelMetrics(context, caller, { channelId: bluesky });
  await expect(reading).rejects.toMatchObject(notFound('channel_id'));
});

test('a time that cannot be read is named', async () => {
  const reading = getCampaignMetrics(context, team.caller, { campaignId: team.campaignId, from: 'soon' });
  await expect(reading).rejects.toMatchObject({ details: { code: 'invalid_time', field: 'from' } });
});
