import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { updateCampaign } from '../../server/campaigns/update-campaign.ts';
import type { CampaignStatus } from '../../server/campaigns/list-campaigns.ts';
import type { Context } from '../../server/context.ts';
import { setKillSwitch } from '../../server/deliveries/set-kill-switch.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import { revokeConnection } from '../../server/oauth/connections.ts';
import { addRule } from '../../server/policy/edit-rules.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { openTestContext } from '../support/test-context.ts';
import { createClassNetwork } from './class-network.ts';
import {
  createConnection,
  createPublishingTeam,
  scheduleTestDelivery,
  type PublishingTeam,
  type TestDelivery,
} from './fixtures.ts';
import { watchPlayground } from './watched-network.ts';

let context: Context;
let team: PublishingTeam;
let connectionId: string;
let delivery: TestDelivery;

beforeAll(async () => {
  context = await openTestContext();
});
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  team = await createPublishingTeam(context);
  connectionId = await createConnection(context, team);
  delivery = await scheduleTestDelivery(context, team, { connectionId });
});

const stop = () =>
  setKillSwitch(context, team.caller, { kind: 'everything', target: null, reason: 'A check' });
const setStatus = (status: CampaignStatus) =>
  updateCampaign(context, team.caller, { campaignId: team.campaignId, changes: { status } });
const changeChannel = (data: { status?: string; disconnectedAt?: Date }) =>
  context.db.channel.update({ where: { id: team.playgroundChannelId }, data });
const sendTo = async (error: NetworkError) => {
  const net = createClassNetwork(context, 'exact');
  net.faults = [error];
  await publishDelivery(net.context, delivery.id);
};

/** Reasons of `delivery.held` and of `post.held`, oldest first. */
async function readHolds() {
  const target = delivery.postId;
  const [rows, notices] = await Promise.all([
    context.db.activity.findMany({ where: { target, action: 'delivery.held' }, orderBy: { id: 'asc' } }),
    context.db.notice.findMany({ where: { target, kind: 'post.held' }, orderBy: { id: 'asc' } }),
  ]);
  expect(rows.every((row) => row.actor === 'system' && row.connectionId === connectionId)).toBe(true);
  return { rows: rows.map(({ result }) => result), told: notices.map(({ detail }) => Object(detail).code) };
}

const HOLDS: Record<string, () => Promise<unknown>> = {
  'publishing_stopped, before it is claimed': stop,
  'publishing_stopped, in the guard': async () => {
    const watched = watchPlayground(context, 'prepare');
    const publishing = publishDelivery(watched.context, delivery.id);
    await watched.isReached;
    await stop();
    watched.goOn();
    await publishing;
  },
  'campaign_paused, by a person': () => setStatus('paused'),
  'campaign_archived, by a person': () => setStatus('archived'),
  'connection_revoked, by a person': () => revokeConnection(context, team.caller, connectionId),
  'channel_needs_reconnect, seen by the guard': () => changeChannel({ status: 'needs_reconnect' }),
  'channel_disconnected, seen by the guard': () => changeChannel({ disconnectedAt: new Date() }),
  'channel_blocked, said by the network': () => sendTo(new NetworkError('blocked', '403', 'It is blocked.')),
  'channel_needs_reconnect, said by the network': () =>
    sendTo(new NetworkError('auth_expired', '401', 'Who are you?')),
  'policy_denied, for the budget of a day': async () => {
    await publishDelivery(context, delivery.id);
    delivery = await scheduleTestDelivery(context, team, { connectionId });
    await addRule(context, team.caller, { condition: 'daily_cap', effect: 'deny', postsPerDay: '1' });
  },
};

test.each(Object.entries(HOLDS))('a hold for %s is on record once, and told once', async (name, hold) => {
  await hold();
  await publishDelivery(context, delivery.id);
  const [code] = name.split(',');
  expect(await readHolds()).toEqual({ rows: [code], told: [code] });
});

test('what goes on being held, for another reason, has a row and a notice for that too', async () => {
  await setStatus('paused');
  await setStatus('archived');
  await context.db.connection.update({ where: { id: connectionId }, data: { revokedAt: new Date() } });
  await setStatus('active');
  const all = ['campaign_paused', 'campaign_archived', 'connection_revoked'];
  expect(await readHolds()).toEqual({ rows: all, told: all });
});
