import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import { getCampaign } from '../../server/campaigns/get-campaign.ts';
import { listCampaigns } from '../../server/campaigns/list-campaigns.ts';
import { updateCampaign, type CampaignChanges } from '../../server/campaigns/update-campaign.ts';
import type { Context } from '../../server/context.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';

let context: Context;
let owner: TestOwner;
let campaignId: string;

beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  owner = await createOwner(context);
  ({ campaignId } = await createCampaign(context, owner.caller, {
    name: 'Launch',
    goal: 'Be seen',
    audience: 'Sailors',
    keyMessages: ['It floats'],
    channelIds: [owner.playgroundChannelId],
    endsOn: '2036-12-31',
  }));
});

const update = (changes: CampaignChanges, expectedRev = 1) =>
  updateCampaign(context, owner.caller, { campaignId, expectedRev, changes });
const codes = async () => {
  const { problems } = await getCampaign(context, owner.caller, campaignId);
  return problems.map(({ code }) => code);
};
const draft = async (text: string) => {
  const input = { campaignId, channelIds: [owner.playgroundChannelId], text };
  return (await createPost(context, owner.caller, input)).postId;
};
const setDelivery = (postId: string, data: object) =>
  context.db.delivery.updateMany({ where: { postId }, data });

test('a campaign in which all goes well has no problems', async () => {
  expect(await codes()).toEqual([]);
});

test('posts are counted by state, and the next five come with their times', async () => {
  const ids: string[] = [];
  for (let day = 1; day <= 6; day += 1) {
    const postId = await draft(`Post ${day}`);
    ids.push(postId);
    await schedulePost(context, owner.caller, { postId, expectedRev: 1, at: `2036-12-0${day}T09:00` });
  }
  await draft('A draft');
  const trashed = await draft('Trashed');
  await context.db.post.update({ where: { id: trashed }, data: { discardedAt: new Date() } });
  const { counts, upcoming, timeZone } = await getCampaign(context, owner.caller, campaignId);
  expect(counts).toEqual({ scheduled: 6, draft: 1 });
  expect(upcoming.map(({ postId }) => postId)).toEqual(ids.slice(0, 5));
  expect(upcoming[0]).toMatchObject({
    state: 'scheduled',
    localTime: 'Mon, 1 Dec 2036, 09:00 CET',
    excerpt: 'Post 1',
  });
  expect(timeZone).toBe('Europe/Berlin');
  const { items } = await listCampaigns(context, owner.caller, {});
  expect(items[0]!.postCounts).toEqual({ scheduled: 6, draft: 1 });
});

test('what needs a person stands there, the most urgent first, each with a next step', async () => {
  const person = { scheduledByPersonId: owner.person.id, dueAt: new Date() };
  const stop = async (state: string, problemCode: string | null) =>
    setDelivery(await draft(state), { state, problemCode, problemMessage: problemCode && 'Why.', ...person });
  await stop('awaiting_approval', null);
  await stop('missed', 'too_late');
  await stop('held', 'channel_needs_reconnect');
  await stop('failed', 'refused');
  await stop('needs_attention', 'outcome_unknown');
  await context.db.channel.update({
    where: { id: owner.playgroundChannelId },
    data: { status: 'needs_reconnect' },
  });
  await update({ audience: null, keyMessages: [], endsOn: '2026-01-31' });
  expect(await codes()).toEqual([
    'outcome_unknown',
    'refused',
    'channel_needs_reconnect',
    'too_late',
    'awaiting_approval',
    'channel_needs_reconnect',
    'end_passed',
    'brief_incomplete',
  ]);
  const { problems } = await getCampaign(context, owner.caller, campaignId);
  for (const { message, nextStep } of problems) {
    expect(message).toMatch(/\.$/);
    expect(nextStep).toMatch(/^(Call|Ask|Correct) .+\.$/);
  }
});

test('only what changes is changed, null empties, and channels are those that are given', async () => {
  const channelId = newId('channel');
  const account = {
    teamId: owner.team.id,
    network: 'playground',
    handle: 'second',
    remoteAccountId: channelId,
  };
  await context.db.channel.create({ data: { id: channelId, ...account } });
  const changed = await update({ goal: 'Be bought', audience: null, channelIds: [channelId] });
  expect(changed).toMatchObject({ rev: 2, heldPosts: 0 });
  const campaign = await getCampaign(context, owner.caller, campaignId);
  expect(campaign).toMatchObject({
    name: 'Launch',
    goal: 'Be bought',
    audience: null,
    keyMessages: ['It floats'],
  });
  expect(campaign.channels.map(({ id }) => id)).toEqual([channelId]);
  expect(await update({ goal: 'Be bought', audience: null, channelIds: [channelId] })).toEqual(changed);
  await expect(update({ goal: 'Other' })).rejects.toMatchObject({
    details: { code: 'stale_revision', actual: 2 },
  });
});

test('dates stay in order with those that are there, and a channel of nobody is not found', async () => {
  await expect(update({ startsOn: '2037-01-01' })).rejects.toMatchObject({
    details: { code: 'dates_reversed' },
  });
  await expect(update({ channelIds: [newId('channel')] })).rejects.toMatchObject({
    details: { code: 'not_found', field: 'channel_ids' },
  });
  expect(await update({ startsOn: '2036-12-01' })).toMatchObject({ rev: 2 });
});

test('an archived campaign is hidden unless it is asked for', async () => {
  await update({ status: 'archived' });
  expect((await listCampaigns(context, owner.caller, {})).items).toEqual([]);
  expect((await listCampaigns(context, owner.caller, { status: 'archived' })).items).toHaveLength(1);
});
