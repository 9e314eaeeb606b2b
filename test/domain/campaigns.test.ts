import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import { getCampaign } from '../../server/campaigns/get-campaign.ts';
import { listCampaigns } from '../../server/campaigns/list-campaigns.ts';
import { updateCampaign, type CampaignChanges } from '../../server/campaigns/update-campaign.ts';
import type { Context } from '../../server/context.ts';
import { approvePost } from '../../server/deliveries/approve-post.ts';
import { requestApproval } from '../../server/deliveries/request-approval.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
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
  expect(problems.at(-1)!.message).toBe('The brief says nothing about: audience, key messages.');
  for (const { message, nextStep } of problems) {
    expect(message).toMatch(/\.$/);
    expect(nextStep).toMatch(/^(Call|Ask|Correct) .+\.$/);
  }
});

test('what was given up is settled, and what is too much to show is counted', async () => {
  const ended = { state: 'failed', scheduledByPersonId: owner.person.id, dueAt: new Date() };
  const fail = async (text: string, problemCode: string) =>
    setDelivery(await draft(text), { ...ended, problemCode, problemMessage: 'Why.' });
  await fail('Given up', 'given_up');
  expect(await codes()).toEqual([]);
  for (let one = 1; one <= 17; one += 1) await fail(`Post ${one}`, 'refused');
  expect(await codes()).toEqual([...Array.from({ length: 15 }, () => 'refused'), 'more_problems']);
  const { problems } = await getCampaign(context, owner.caller, campaignId);
  expect(problems.at(-1)).toMatchObject({ message: '2 more deliveries need a person.', postId: null });
});

test('a draft that somebody asked a yes for is named until a person answers', async () => {
  const postId = await draft('Please look');
  await draft('Not asked about');
  await requestApproval(context, owner.caller, { postId, expectedRev: 1 });
  const { problems } = await getCampaign(context, owner.caller, campaignId);
  expect(problems).toMatchObject([
    {
      code: 'awaiting_approval',
      postId,
      channelId: null,
      nextStep: expect.stringContaining(postId) as string,
    },
  ]);
  const { contentHash } = await getPost(context, owner.caller, { postId });
  await approvePost(context, owner.caller, { postId, rev: 1, contentHash });
  expect(await codes()).toEqual([]);
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

test('a date before the year 1 is refused where it stands', async () => {
  const refused = { details: { code: 'invalid_time', field: 'starts_on' } };
  await expect(update({ startsOn: '0000-12-31' })).rejects.toMatchObject(refused);
  const brief = { name: 'Old', goal: 'Be seen', startsOn: '0000-12-31' };
  await expect(createCampaign(context, owner.caller, brief)).rejects.toMatchObject(refused);
  expect(await update({ startsOn: '0001-01-01' })).toMatchObject({ rev: 2 });
});

test('an archived campaign is hidden unless it is asked for', async () => {
  await update({ status: 'archived' });
  expect((await listCampaigns(context, owner.caller, {})).items).toEqual([]);
  expect((await listCampaigns(context, owner.caller, { status: 'archived' })).items).toHaveLength(1);
});
