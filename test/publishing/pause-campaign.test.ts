import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import { getCampaign } from '../../server/campaigns/get-campaign.ts';
import { updateCampaign } from '../../server/campaigns/update-campaign.ts';
import type { CampaignStatus } from '../../server/campaigns/list-campaigns.ts';
import type { Context } from '../../server/context.ts';
import { approvePost } from '../../server/deliveries/approve-post.ts';
import { handOverDeliveries } from '../../server/deliveries/hand-over.ts';
import { missLateDeliveries } from '../../server/deliveries/miss-late.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { revokeConnection } from '../../server/oauth/connections.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { moveTime } from '../support/move-time.ts';
import { openTestContext } from '../support/test-context.ts';
import {
  createConnection,
  createPublishingTeam,
  readDelivery,
  scheduleTestDelivery,
  type PublishingTeam,
} from './fixtures.ts';
import { watchPlayground } from './watched-network.ts';

let context: Context;
let team: PublishingTeam;

beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  team = await createPublishingTeam(context);
});

const setStatus = (status: CampaignStatus, expectedRev?: number) =>
  updateCampaign(context, team.caller, { campaignId: team.campaignId, expectedRev, changes: { status } });
const stateOf = async (id: string) => {
  const { state, problemCode } = await readDelivery(context, id);
  return [state, problemCode];
};
const sendsOf = (deliveryId: string) => context.db.playgroundPost.count({ where: { deliveryId } });

async function awaitApproval(): Promise<{ id: string; postId: string; contentHash: Uint8Array }> {
  const connectionId = await createConnection(context, team, ['schedule:write']);
  const delivery = await scheduleTestDelivery(context, team, { connectionId, dueInSeconds: 3600 });
  await context.db.delivery.update({ where: { id: delivery.id }, data: { state: 'awaiting_approval' } });
  return delivery;
}

describe('a pause', () => {
  test.each(['paused', 'archived'] as const)(
    '%s holds what waits, and going on returns it',
    async (status) => {
      const scheduled = await scheduleTestDelivery(context, team, { dueInSeconds: 3600 });
      const waiting = await awaitApproval();
      expect(await setStatus(status)).toMatchObject({ heldPosts: 2, rev: 2 });
      for (const { id } of [scheduled, waiting])
        expect(await stateOf(id)).toEqual(['held', `campaign_${status}`]);
      expect(await setStatus('active')).toMatchObject({ heldPosts: 0, rev: 3 });
      expect(await stateOf(scheduled.id)).toEqual(['scheduled', null]);
      expect(await stateOf(waiting.id)).toEqual(['awaiting_approval', null]);
      const contentHash = Buffer.from(waiting.contentHash).toString('hex');
      await approvePost(context, team.caller, { postId: waiting.postId, rev: 1, contentHash });
      expect(await stateOf(waiting.id)).toEqual(['scheduled', null]);
    },
  );

  test('the same again changes nothing, whatever revision is expected; another one is stale', async () => {
    const { id } = await scheduleTestDelivery(context, team, { dueInSeconds: 3600 });
    const first = await setStatus('paused', 1);
    const before = await readDelivery(context, id);
    expect(await setStatus('paused', 1)).toEqual(first);
    expect(await readDelivery(context, id)).toEqual(before);
    await expect(setStatus('active', 1)).rejects.toMatchObject({
      details: { code: 'stale_revision', actual: 2 },
    });
    expect(await stateOf(id)).toEqual(['held', 'campaign_paused']);
  });

  test('from paused to archived, and back, keeps where each returns to', async () => {
    const waiting = await awaitApproval();
    await setStatus('paused');
    await setStatus('archived');
    expect(await stateOf(waiting.id)).toEqual(['held', 'campaign_archived']);
    await setStatus('paused');
    await setStatus('active');
    expect(await stateOf(waiting.id)).toEqual(['awaiting_approval', null]);
  });

  test('what is due within the late limit goes out, what is later is missed; what waited for a yes still waits', async () => {
    const late = await scheduleTestDelivery(context, team, { dueInSeconds: 60, lateLimitSeconds: 60 });
    const inTime = await scheduleTestDelivery(context, team, { dueInSeconds: 60, lateLimitSeconds: 86_400 });
    const waiting = await awaitApproval();
    await setStatus('paused');
    await moveTime(context, { hours: 12 });
    await missLateDeliveries(context);
    expect(await stateOf(waiting.id)).toEqual(['held', 'campaign_paused']);
    await setStatus('active');
    expect(await stateOf(late.id)).toEqual(['missed', 'too_late']);
    expect(await stateOf(waiting.id)).toEqual(['awaiting_approval', null]);
    await publishDelivery(context, inTime.id);
    expect(await stateOf(inTime.id)).toEqual(['published', null]);
  });

  test('one that is seen too late by no sweep is missed when the campaign goes on', async () => {
    const late = await scheduleTestDelivery(context, team, { dueInSeconds: 60, lateLimitSeconds: 60 });
    await setStatus('paused');
    await moveTime(context, { hours: 12 });
    await setStatus('active');
    expect(await readDelivery(context, late.id)).toMatchObject({
      state: 'missed',
      problemMessage: expect.stringContaining('while the campaign was paused') as string,
    });
  });

  test('what lost its connection meanwhile stays held for that; handed over it goes on with its campaign', async () => {
    const connectionId = await createConnection(context, team);
    const one = await scheduleTestDelivery(context, team, { connectionId, dueInSeconds: 3600 });
    await setStatus('paused');
    await revokeConnection(context, team.caller, connectionId);
    await setStatus('active');
    expect(await stateOf(one.id)).toEqual(['held', 'connection_revoked']);
    await setStatus('paused');
    const other = await createConnection(context, team);
    const two = await scheduleTestDelivery(context, team, { connectionId: other, dueInSeconds: 3600 });
    await setStatus('archived');
    await setStatus('paused');
    expect(await stateOf(two.id)).toEqual(['held', 'campaign_paused']);
    await handOverDeliveries(context, team.caller, { connectionId: other });
    expect(await stateOf(two.id)).toEqual(['held', 'campaign_paused']);
    await setStatus('active');
    expect(await stateOf(two.id)).toEqual(['scheduled', null]);
  });

  test('the campaign says what is held and how it goes on', async () => {
    await scheduleTestDelivery(context, team, { dueInSeconds: 3600 });
    await setStatus('paused');
    const { problems, counts } = await getCampaign(context, team.caller, team.campaignId);
    expect(counts).toEqual({ held: 1 });
    expect(problems[0]).toMatchObject({
      code: 'campaign_paused',
      message: expect.stringContaining('one post is held') as string,
    });
    expect(problems.map(({ code }) => code)).toEqual(['campaign_paused', 'no_channels', 'brief_incomplete']);
  });
});

describe('a worker at the same time', () => {
  test('what it has only claimed is held, and it sends nothing', async () => {
    const { id } = await scheduleTestDelivery(context, team);
    const watched = watchPlayground(context, 'prepare');
    const run = publishDelivery(watched.context, id);
    await watched.isReached;
    await setStatus('paused');
    expect(await stateOf(id)).toEqual(['held', 'campaign_paused']);
    watched.goOn();
    await run;
    expect(await stateOf(id)).toEqual(['held', 'campaign_paused']);
    expect(await sendsOf(id)).toBe(0);
    await setStatus('active');
    await publishDelivery(context, id);
    expect(await stateOf(id)).toEqual(['published', null]);
  });

  test('what is being sent goes through', async () => {
    const { id } = await scheduleTestDelivery(context, team);
    const watched = watchPlayground(context, 'send');
    const run = publishDelivery(watched.context, id);
    await watched.isReached;
    expect(await setStatus('paused')).toMatchObject({ heldPosts: 0 });
    watched.goOn();
    await run;
    expect(await stateOf(id)).toEqual(['published', null]);
  });

  test('what the guard stops returns too', async () => {
    const { id } = await scheduleTestDelivery(context, team);
    await context.db.campaign.update({ where: { id: team.campaignId }, data: { status: 'paused' } });
    await publishDelivery(context, id);
    expect(await stateOf(id)).toEqual(['held', 'campaign_paused']);
    await setStatus('active');
    await publishDelivery(context, id);
    expect(await stateOf(id)).toEqual(['published', null]);
  });

  test('in any order each is held or out, and out once in the end', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 12; index += 1) {
      const { id } = await scheduleTestDelivery(context, team);
      ids.push(id);
      await Promise.all([publishDelivery(context, id), setStatus('paused')]);
      const [state] = await stateOf(id);
      expect(['held', 'published']).toContain(state);
      expect(await sendsOf(id)).toBe(state === 'published' ? 1 : 0);
      await Promise.all([setStatus('active'), publishDelivery(context, id)]);
    }
    await vi.waitFor(
      async () => {
        for (const id of ids) await publishDelivery(context, id);
        for (const id of ids) expect(await stateOf(id)).toEqual(['published', null]);
      },
      { timeout: 20_000 },
    );
    for (const id of ids) expect(await sendsOf(id)).toBe(1);
  });
});

test('a post that is scheduled while the campaign is being paused is refused', async () => {
  const { playgroundChannelId: channelId, campaignId, caller } = team;
  const { postId } = await createPost(context, caller, { campaignId, channelIds: [channelId], text: 'Soon' });
  const scheduling = Promise.withResolvers<unknown>();
  await context.db.$transaction(async (tx) => {
    await tx.campaign.update({ where: { id: campaignId }, data: { status: 'paused' } });
    schedulePost(context, caller, { postId, expectedRev: 1, at: '2036-12-01T09:00' }).then(
      scheduling.resolve,
      scheduling.resolve,
    );
    await vi.waitFor(async () => {
      const waiting = await context.db.$queryRaw<unknown[]>`
        select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      expect(waiting).toHaveLength(1);
    });
  });
  expect(await scheduling.promise).toMatchObject({ details: { code: 'campaign_paused' } });
  expect(await context.db.delivery.findFirst({ where: { postId } })).toMatchObject({ state: 'draft' });
});
