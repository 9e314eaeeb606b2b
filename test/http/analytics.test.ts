import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { newId } from '../../server/ids.ts';
import { toCsv } from '../../server/http/csv.ts';
import { insertPublished } from '../metrics/support/measured-team.ts';
import type { PublishingTeam } from '../publishing/fixtures.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

const HOSTILE = '=HYPERLINK("https://evil.example","Loaves")<script>alert(1)</script>';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;
let blueskyId: string;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
  blueskyId = newId('channel');
  await server.context.db.channel.create({
    data: {
      ...{ id: blueskyId, teamId: scene.owner.teamId, network: 'bluesky', handle: HOSTILE },
      remoteAccountId: 'did:plc:a',
    },
  });
});
afterAll(() => server[Symbol.asyncDispose]());

interface Looked {
  views?: number | null;
  likes?: number | null;
  text?: string;
  channelId?: string;
  campaignId?: string;
}

async function publish(publishedAt: Date, numbers: Looked = {}, of = scene): Promise<string> {
  const { teamId, personId } = of.owner;
  const team = {
    team: { id: teamId },
    person: { id: personId },
    campaignId: of.campaignId,
  } as PublishingTeam;
  const { text = 'Fresh loaves', channelId = of.channelId, campaignId = of.campaignId } = numbers;
  const { id, postId } = await insertPublished(server.context, team, {
    channelId,
    campaignId,
    publishedAt,
    text,
  });
  const { views = null, likes = null } = numbers;
  const look = { teamId, deliveryId: id, views, likes, comments: null, shares: null, clicks: null };
  if (views !== null || likes !== null) await server.context.db.metricSnapshot.create({ data: look });
  return postId;
}

/** A time on a day of the team's, so many days before today. */
async function dayBefore(days: number, time: string): Promise<Date> {
  const [row] = await server.context.db.$queryRaw<[{ at: Date }]>`
    select (((clock_timestamp() at time zone 'Europe/Berlin')::date - ${days}::int) + ${time}::time)
      at time zone 'Europe/Berlin' as at`;
  return row.at;
}

async function restart(): Promise<void> {
  await server.context.db.$executeRaw`delete from post where team_id = ${scene.owner.teamId}`;
  await server.context.db.$executeRaw`delete from channel_snapshot`;
}

/** The figures by name: their value, and what is said beside it. */
async function readTotals(visitor: Visitor, query = ''): Promise<Record<string, string>> {
  const { text } = await visitor.get(`/analytics${query}`);
  const figures = [...text.matchAll(/<dt>(\w+)<\/dt><dd>(.*?)<\/dd>/gs)];
  return Object.fromEntries(
    figures.map(([, name, value]) => [
      name,
      value!
        .replaceAll(/<[^>]+>/g, ' ')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    ]),
  );
}

async function readCsv(visitor: Visitor, query = ''): Promise<string[]> {
  return (await visitor.get(`/analytics.csv${query}`)).text.trimEnd().split('\r\n').slice(1);
}

describe('before anything was published', () => {
  test('the page says when numbers come, and the CSV has its header alone', async () => {
    expect((await owner.get('/analytics')).text).toContain('the first a few minutes after a post went out');
    const csv = await owner.get('/analytics.csv');
    expect(csv.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    expect(csv.headers.get('content-disposition')).toMatch(
      /^attachment; filename="analytics-\d{4}-\d\d-\d\d-to-\d{4}-\d\d-\d\d\.csv"$/,
    );
    expect(csv.text.split('\r\n')).toHaveLength(2);
  });
});

describe('the range', () => {
  test('is of whole days in the zone of the team, today the last of them', async () => {
    await restart();
    await publish(await dayBefore(6, '00:00'), { text: 'first moment of the week' });
    await publish(await dayBefore(7, '23:59:59'), { text: 'last moment before' });
    await publish(await dayBefore(0, '00:00'), { text: 'today' });
    expect((await readTotals(owner, '?days=7'))['Posts']).toBe('2 100 % more: 1 in the 7 days before.');
    const rows = await readCsv(owner, '?days=7');
    expect(rows).toHaveLength(2);
    expect(rows.join()).not.toContain('last moment before');
    expect((await readTotals(owner, '?days=30'))['Posts']).toMatch(/^3 /);
  });

  test('has 30 days where clocks change, and is 30 days for a range that there is not', async () => {
    for (const timeZone of ['Europe/Berlin', 'Pacific/Apia', 'America/St_Johns', 'Australia/Lord_Howe']) {
      await server.context.db.team.update({ where: { id: scene.owner.teamId }, data: { timeZone } });
      const { text } = await owner.get('/analytics?days=31');
      const [chart] = /<figure.*?<\/figure>/s.exec(text)!;
      expect(chart.match(/<time datetime/g), timeZone).toHaveLength(30);
    }
    await server.context.db.team.update({
      where: { id: scene.owner.teamId },
      data: { timeZone: 'Europe/Berlin' },
    });
  });
});

describe('a number that no network told', () => {
  test('is not available, and never 0', async () => {
    await restart();
    await publish(await dayBefore(1, '12:00'), { likes: 5 });
    await publish(await dayBefore(2, '12:00'), { likes: 3, views: 800, channelId: blueskyId });
    const totals = await readTotals(owner);
    expect(totals['Engagement']).toBe('8 Not available for the 30 days before.');
    expect(totals['Views']).toContain('800 Not available');
    expect(totals['Views']).toContain('Known of 1 of 2 posts; Playground does not tell it.');
    expect(totals['Clicks']).toBe('not available No network has told it.');
    const rows = await readCsv(owner);
    expect(rows[0]).toMatch(/,,5,,,,\d{4}-/);
    expect(rows[1]).toMatch(/,800,3,,,,\d{4}-/);
  });
});

describe('the filter', () => {
  test('narrows page and CSV to a channel or a campaign', async () => {
    await restart();
    const other = newId('campaign');
    const { teamId, personId } = scene.owner;
    await server.context.db.campaign.create({
      data: {
        id: other,
        teamId,
        name: 'Winter',
        createdByPersonId: personId,
        goal: 'g',
        audience: 'a',
        keyMessages: [],
      },
    });
    await publish(await dayBefore(1, '12:00'), { likes: 1 });
    await publish(await dayBefore(1, '13:00'), { likes: 10, channelId: blueskyId });
    await publish(await dayBefore(1, '14:00'), { likes: 100, campaignId: other });
    expect((await readTotals(owner))['Likes']).toMatch(/^111 /);
    expect((await readTotals(owner, `?channel=${blueskyId}`))['Likes']).toMatch(/^10 /);
    expect((await readTotals(owner, `?campaign=${other}`))['Likes']).toMatch(/^100 /);
    expect(await readCsv(owner, `?campaign=${other}&channel=${scene.channelId}`)).toHaveLength(1);
  });

  test('takes also a campaign and a channel that are not among the most that are shown', async () => {
    await restart();
    const { campaignId, channelId, owner: of } = scene;
    const { db } = server.context;
    const later = Array.from({ length: 201 }, () => ({
      campaign: newId('campaign'),
      channel: newId('channel'),
    }));
    const own = { teamId: of.teamId, name: 'Later', goal: 'g', createdByPersonId: of.personId };
    await db.campaign.createMany({ data: later.map(({ campaign: id }) => ({ ...own, id })) });
    const base = { teamId: of.teamId, network: 'bluesky', handle: 'a' };
    await db.channel.createMany({
      data: later.map(({ channel: id }) => ({ ...base, id, remoteAccountId: id })),
    });
    onTestFinished(async () => {
      await db.campaign.deleteMany({ where: { id: { in: later.map(({ campaign }) => campaign) } } });
      await db.channel.deleteMany({ where: { id: { in: later.map(({ channel }) => channel) } } });
    });
    await publish(await dayBefore(1, '12:00'), { likes: 7 });
    const query = `?campaign=${campaignId}&channel=${channelId}`;
    const { text } = await owner.get(`/analytics${query}`);
    for (const id of [campaignId, channelId]) expect(text).toContain(`value="${id}" selected`);
    expect((await readTotals(owner, query))['Likes']).toMatch(/^7 /);
    expect(await readCsv(owner, query)).toHaveLength(1);
    for (const wrong of ['campaign=cmp_0', 'channel=chn_0']) {
      expect((await owner.get(`/analytics?${wrong}`)).status).toBe(404);
    }
  });

  test('followers are shown by channel, with the days on which nobody counted left out', async () => {
    const day = async (before: number) =>
      new Date(`${(await dayBefore(before, '12:00')).toISOString().slice(0, 10)}T00:00:00Z`);
    const base = { teamId: scene.owner.teamId, channelId: blueskyId };
    await server.context.db.channelSnapshot.createMany({
      data: [
        { ...base, day: await day(5), followers: 1200 },
        { ...base, day: await day(3), followers: null },
        { ...base, day: await day(1), followers: 1234 },
      ],
    });
    const { text } = await owner.get('/analytics?days=7');
    expect(text).toContain('From 1,200 to 1,234 followers.');
    expect(text.match(/<td>not counted<\/td>/g)).toHaveLength(5);
  });
});

describe('who may see it', () => {
  test('a viewer sees page and CSV', async () => {
    await restart();
    await publish(await dayBefore(1, '12:00'), { likes: 42 });
    const viewer = createVisitor(server.url);
    await viewer.signIn(await addMember(server.context, scene.owner.teamId, 'viewer'));
    expect((await readTotals(viewer))['Likes']).toMatch(/^42 /);
    expect(await readCsv(viewer)).toHaveLength(1);
  });

  test('another team sees nothing of it, whatever it names', async () => {
    const teamId = newId('team');
    await server.context.db.team.create({
      data: { id: teamId, name: 'Neighbours', timeZone: 'Europe/Berlin' },
    });
    const stranger = createVisitor(server.url);
    await stranger.signIn(await addMember(server.context, teamId, 'owner'));
    for (const path of ['/analytics', '/analytics.csv']) {
      expect((await stranger.get(`${path}?team=${scene.owner.teamId}`)).text).not.toContain('Fresh loaves');
      expect((await stranger.get(`${path}?channel=${scene.channelId}`)).status).toBe(404);
      expect((await stranger.get(`${path}?campaign=${scene.campaignId}`)).status).toBe(404);
    }
    expect((await createVisitor(server.url).get('/analytics.csv')).status).toBe(303);
  });
});

describe('hostile names and texts', () => {
  test('are text on the page and no formula in the CSV', async () => {
    await restart();
    await publish(await dayBefore(1, '12:00'), {
      likes: 1,
      channelId: blueskyId,
      text: `@SUM(1+1)\n"quoted", ${HOSTILE}`,
    });
    const { text } = await owner.get('/analytics');
    expect(text).not.toContain('<script>alert');
    expect(text).toContain('&lt;script>alert');
    const csv = (await owner.get('/analytics.csv')).text;
    expect(csv).toContain(`,"'=HYPERLINK(""https://evil.example"",""Loaves"")<script>alert(1)</script>",`);
    expect(csv).toContain(`,"'@SUM(1+1)\n""quoted"", =HYPERLINK(`);
  });

  test.each([
    ['=1+1', `"'=1+1"`],
    ['+1', `"'+1"`],
    ['-1', `"'-1"`],
    ['@a', `"'@a"`],
    ['\t=1', `"'\t'=1"`],
    ['\r=1', `"'\r'=1"`],
    ['  =1', `"'  =1"`],
    ['＝1', `"'＝1"`],
    ['a=1', 'a=1'],
    ['a; =1+1', `"a; '=1+1"`],
    ['a;"=1+1;b', `"a;""'=1+1;b"`],
    ['a\t＠b', `"a\t'＠b"`],
    ['rolls\r\n- bread\n\n  @baker', `"rolls\r\n'- bread\n\n  '@baker"`],
    ['a; b - c', 'a; b - c'],
    ['half-baked\nat 7-9', '"half-baked\nat 7-9"'],
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\r\nlines', '"two\r\nlines"'],
    ['', ''],
  ])('a cell %j is written %j', (value, written) => {
    expect(toCsv(['h'], [[value]])).toBe(`\uFEFFh\r\n${written}\r\n`);
  });

  test('numbers are numbers, and what is not known is empty', () => {
    expect(toCsv(['a', 'b', 'c'], [[0, null, 12]])).toBe('\uFEFFa,b,c\r\n0,,12\r\n');
  });
});
