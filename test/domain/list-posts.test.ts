import { afterAll, beforeAll, expect, test } from 'vitest';

import { listActivity } from '../../server/activity/list-activity.ts';
import { recordActivity } from '../../server/activity/record-activity.ts';
import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import { listCampaigns } from '../../server/campaigns/list-campaigns.ts';
import { sealCredentials } from '../../server/channels/credentials.ts';
import { listChannels } from '../../server/channels/list-channels.ts';
import type { Context } from '../../server/context.ts';
import { DELIVERY_STATES, mostUrgent, type DeliveryState } from '../../server/deliveries/delivery-state.ts';
import { requestApproval } from '../../server/deliveries/request-approval.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import type { Network } from '../../server/networks/network.ts';
import type { Page } from '../../server/paging.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { listPosts } from '../../server/posts/list-posts.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';
import { callTool } from '../tools/call-tool.ts';
import { connectClient, scopesOf, type TestConnection } from './connect-client.ts';
import { createDraftScene } from './draft-scene.ts';

let context: Context;
let owner: TestOwner;
let connection: TestConnection;
let campaignId: string;
let otherChannelId: string;

beforeAll(async () => {
  context = await openTestContext();
  owner = await createOwner(context);
  connection = await connectClient(context, owner);
  ({ campaignId } = await createCampaign(context, owner.caller, { name: 'Launch 100%_', goal: 'Be seen' }));
  otherChannelId = newId('channel');
  await context.db.channel.create({
    data: {
      id: otherChannelId,
      teamId: owner.team.id,
      network: 'bluesky',
      handle: 'acme.example',
      remoteAccountId: 'did:plc:acme',
      status: 'needs_reconnect',
    },
  });
});

afterAll(async () => context[Symbol.asyncDispose]());

async function draftPost(text: string, channelIds = [owner.playgroundChannelId], campaign = campaignId) {
  return (await createPost(context, connection.caller, { campaignId: campaign, channelIds, text })).postId;
}

async function readAll<Item>(read: (cursor: string | undefined) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    items.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor);
  return items;
}

test('pages do not move while posts are drafted', async () => {
  const { campaignId: own } = await createCampaign(context, owner.caller, { name: 'Paging', goal: 'x' });
  const drafted: string[] = [];
  for (let index = 0; index < 12; index += 1) {
    drafted.unshift(await draftPost(`Page ${index}`, undefined, own));
  }
  const seen = await readAll(async (cursor) => {
    const page = await listPosts(context, owner.caller, { campaignId: own, limit: 5, cursor });
    await draftPost('meanwhile', undefined, own);
    return page;
  });
  expect(seen.map(({ id }) => id)).toEqual(drafted);
});

test('the calendar sorts by time and leaves drafts out', async () => {
  const { campaignId: own } = await createCampaign(context, owner.caller, { name: 'Calendar', goal: 'x' });
  await draftPost('a draft', undefined, own);
  const byDay = new Map<number, string>();
  for (const day of [3, 1, 2]) {
    const postId = await draftPost(`Day ${day}`, undefined, own);
    byDay.set(day, postId);
    await schedulePost(context, connection.caller, { postId, expectedRev: 1, at: `2036-06-0${day}T00:30` });
  }
  const calendar = await readAll((cursor) =>
    listPosts(context, owner.caller, {
      campaignId: own,
      from: '2036-06-01',
      to: '2036-06-04',
      limit: 1,
      cursor,
    }),
  );
  expect(calendar.map(({ id }) => id)).toEqual([1, 2, 3].map((day) => byDay.get(day)));
  expect(calendar[0]).toMatchObject({ localTime: 'Sun, 1 Jun 2036, 00:30 CEST', state: 'scheduled' });
  const oneDay = await listPosts(context, owner.caller, {
    campaignId: own,
    from: '2036-06-02',
    to: '2036-06-03',
  });
  expect(oneDay.items.map(({ id }) => id)).toEqual([byDay.get(2)]);
});

test('a post’s state in lists, filters, counts and details is the same, for any set of deliveries', async () => {
  const states: DeliveryState[][] = DELIVERY_STATES.flatMap((first) => [
    [first],
    [first, 'published'],
    ['draft', first],
  ]);
  const { campaignId: own } = await createCampaign(context, owner.caller, { name: 'States', goal: 'x' });
  for (const pair of states) {
    const channelIds = [owner.playgroundChannelId, otherChannelId].slice(0, pair.length);
    const postId = await draftPost(`States ${pair.join()}`, channelIds, own);
    for (const [index, state] of pair.entries()) await putInState(postId, channelIds[index]!, state);
    const expected = mostUrgent(pair);
    expect((await getPost(context, owner.caller, { postId })).state).toBe(expected);
    const { items } = await listPosts(context, owner.caller, {
      campaignId: own,
      states: [expected],
      limit: 50,
    });
    expect(items.find(({ id }) => id === postId)?.state).toBe(expected);
    const others = DELIVERY_STATES.filter((state) => state !== expected);
    const rest = await listPosts(context, owner.caller, { campaignId: own, states: others, limit: 50 });
    expect(rest.items.some(({ id }) => id === postId)).toBe(false);
    await context.db.delivery.updateMany({ where: { postId, state: 'sending' }, data: { state: 'claimed' } });
  }
  const { items } = await listCampaigns(context, owner.caller, { query: 'States' });
  const counted = Object.values(items[0]!.postCounts).reduce((sum, count) => sum + count, 0);
  expect(counted).toBe(states.length);
});

test('what waits for a person has the drafts that a yes was asked for, once, until a person answers', async () => {
  const scene = await createDraftScene(context);
  const { caller } = await connectClient(context, scene.owner, scopesOf('schedule'));
  const draft = await scene.draft();
  const asked = await scene.draft({ channelIds: [scene.firstId, scene.secondId] });
  const placed = await scene.draft({}, caller);
  await scene.schedule(caller, placed);
  for (const postId of [asked, placed]) await requestApproval(context, caller, { postId, expectedRev: 1 });
  const found = (state: string[], filter: object = {}) =>
    readAll(async (cursor) => {
      const input = { state, ...filter, limit: 1, ...(cursor && { cursor }) };
      const outcome = await callTool(context, caller, 'list_posts', input);
      if (outcome.isError) throw new Error(outcome.error.message);
      const { items, next_cursor } = outcome.output as { items: { id: string }[]; next_cursor: string };
      return { items: items.map(({ id }) => id), nextCursor: next_cursor };
    });
  for (const filter of [{}, { campaign_id: scene.campaignId }, { channel_id: scene.firstId }]) {
    expect(await found(['awaiting_approval'], filter)).toEqual([placed, asked]);
    expect(await found(['draft', 'awaiting_approval'], filter)).toEqual([placed, asked, draft]);
    expect(await found(['draft', 'held'], filter)).toEqual([asked, draft]);
  }
  expect(await found(['awaiting_approval'], { channel_id: scene.secondId })).toEqual([asked]);
  const strangers = await listPosts(context, owner.caller, {
    states: ['awaiting_approval'],
    withRequested: true,
  });
  expect(strangers.items.map(({ id }) => id)).not.toContain(asked);
  await scene.approve(asked);
  expect(await found(['awaiting_approval'])).toEqual([placed]);
});

async function putInState(postId: string, channelId: string, state: DeliveryState): Promise<void> {
  const isOut = state === 'published' || state === 'taken_down';
  const now = new Date();
  await context.db.delivery.update({
    where: { postId_channelId: { postId, channelId } },
    data: {
      state,
      ...(state !== 'draft' && {
        scheduledByPersonId: owner.person.id,
        dueAt: now,
        notBefore: now,
        notAfter: now,
        leaseUntil: now,
        sendStartedAt: now,
        payloadHash: new Uint8Array(32),
        problemCode: 'x',
      }),
      ...(isOut && { remoteId: newId('playgroundPost'), publishedAt: now }),
    },
  });
}

test('an excerpt is one line; drafts have no time', async () => {
  const postId = await draftPost(`first\nsecond ${'👍🏽'.repeat(100)}`);
  const { items, timeZone } = await listPosts(context, owner.caller, { limit: 1 });
  expect(timeZone).toBe('Europe/Berlin');
  expect(items[0]).toMatchObject({ id: postId, when: null, localTime: null });
  expect(items[0]!.excerpt).toMatch(/^first second .+…$/u);
  expect(Array.from(items[0]!.excerpt)).toHaveLength(80);
});

test('posts of one channel', async () => {
  const postId = await draftPost('On the other channel', [otherChannelId]);
  const { items } = await listPosts(context, owner.caller, { channelId: otherChannelId, limit: 1 });
  expect(items.map(({ id }) => id)).toEqual([postId]);
  expect(items[0]!.channels).toMatchObject([{ network: 'bluesky', handle: 'acme.example' }]);
});

test('campaigns by part of their name; its % and _ are letters', async () => {
  const find = async (query: string) =>
    (await listCampaigns(context, owner.caller, { query })).items.map(({ name }) => name);
  expect(await find('LAUNCH')).toEqual(['Launch 100%_']);
  expect(await find('100%_')).toEqual(['Launch 100%_']);
  expect(await find('Launch%%%')).toEqual([]);
  expect(await find(String.raw`\ `)).toEqual([]);
});

test('campaigns say what is next; archived ones must be asked for', async () => {
  const { campaignId: id } = await createCampaign(context, owner.caller, { name: 'Next', goal: 'x' });
  const postId = await draftPost('next', undefined, id);
  await schedulePost(context, connection.caller, { postId, expectedRev: 1, at: '2036-07-01T12:00Z' });
  const [campaign] = (await listCampaigns(context, owner.caller, { query: 'Next' })).items;
  expect(campaign).toMatchObject({
    status: 'active',
    postCounts: { scheduled: 1 },
    nextPostAt: new Date('2036-07-01T12:00Z'),
    nextLocalTime: 'Tue, 1 Jul 2036, 14:00 CEST',
  });
  await context.db.campaign.update({ where: { id }, data: { status: 'archived' } });
  expect((await listCampaigns(context, owner.caller, { query: 'Next' })).items).toEqual([]);
  expect(
    (await listCampaigns(context, owner.caller, { query: 'Next', status: 'archived' })).items,
  ).toHaveLength(1);
});

test('campaigns page without gaps', async () => {
  const stranger = await createOwner(context);
  for (let index = 0; index < 7; index += 1) {
    await createCampaign(context, stranger.caller, { name: `Campaign ${index}`, goal: 'x' });
  }
  const all = await readAll((cursor) => listCampaigns(context, stranger.caller, { limit: 3, cursor }));
  expect(all.map(({ name }) => name)).toEqual([6, 5, 4, 3, 2, 1, 0].map((index) => `Campaign ${index}`));
});

test.each(['nonsense', '', Buffer.from('["posts-newest","2026-01-01","x"]').toString('base64url'), 'W10'])(
  'the cursor %j is refused',
  async (cursor) => {
    await expect(listPosts(context, owner.caller, { cursor })).rejects.toMatchObject({
      kind: 'InvalidInput',
      details: { code: 'invalid_cursor', field: 'cursor' },
    });
  },
);

test('a cursor of another list is refused', async () => {
  const { nextCursor } = await listPosts(context, owner.caller, { limit: 1 });
  await expect(listCampaigns(context, owner.caller, { cursor: nextCursor! })).rejects.toMatchObject({
    details: { code: 'invalid_cursor' },
  });
  await expect(
    listPosts(context, owner.caller, { cursor: nextCursor!, from: '2026-01-01' }),
  ).rejects.toMatchObject({ details: { code: 'invalid_cursor' } });
});

test('channels say what the caller may do', async () => {
  const readOnly = await connectClient(context, owner, scopesOf('look'));
  const scheduling = await connectClient(context, owner, scopesOf('schedule'));
  const mayOf = async (caller: Parameters<typeof listChannels>[1]) =>
    (await listChannels(context, caller, {}))[0]!.may;
  expect(await mayOf(readOnly.caller)).toEqual([]);
  expect(await mayOf(scheduling.caller)).toEqual(['draft', 'schedule']);
  expect(await mayOf({ ...connection.caller, role: 'viewer' })).toEqual([]);
  expect(await mayOf(owner.caller)).toEqual(['draft', 'schedule', 'publish']);
  const all = await listChannels(context, owner.caller, {});
  expect(all.map(({ network, status }) => [network, status])).toEqual([
    ['bluesky', 'needs_reconnect'],
    ['playground', 'ok'],
  ]);
  expect(await listChannels(context, owner.caller, { network: 'playground' })).toHaveLength(1);
});

test('channels say when a link ends for good, not when a token does that renews itself', async () => {
  const other = await connectClient(context, await createOwner(context));
  const { teamId } = other.caller;
  const channel = await context.db.channel.findFirstOrThrow({ where: { teamId } });
  const credentials = sealCredentials(context, { teamId, channelId: channel.id }, 'a token');
  const tokenExpiresAt = new Date('2036-12-01T09:00:00Z');
  await context.db.channel.update({ where: { id: channel.id }, data: { credentials, tokenExpiresAt } });
  const { refresh: _refresh, ...playground } = context.networks.get('playground')!;
  const endOn = async (network: Network) => {
    const networks = new Map(context.networks).set('playground', network);
    const outcome = await callTool({ ...context, networks }, other.caller, 'list_channels', {});
    if (outcome.isError) throw new Error(outcome.error.message);
    return (outcome.output['items'] as { token_expires_at: string | null }[])[0]!.token_expires_at;
  };
  expect(await endOn(playground)).toBe('2036-12-01T09:00:00Z');
  expect(await endOn({ ...playground, refresh: async () => ({ credentials: 'new' }) })).toBeNull();
});

test('activity is newest first, of this team only', async () => {
  const stranger = await createOwner(context);
  for (const action of ['first', 'second', 'third']) {
    await recordActivity(context, { caller: connection.caller, action, target: campaignId, result: 'ok' });
  }
  const rows = await readAll((cursor) =>
    listActivity(context, owner.caller, { target: campaignId, limit: 2, cursor }),
  );
  expect(rows.map(({ action }) => action)).toEqual(['third', 'second', 'first', 'campaign.created']);
  expect(rows[0]).toMatchObject({
    actor: 'connection',
    personName: 'Olivia Owner',
    clientName: 'Test editor',
  });
  expect((await listActivity(context, stranger.caller, {})).items).toEqual([]);
});
