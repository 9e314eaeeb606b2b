import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import { updateCampaign } from '../../server/campaigns/update-campaign.ts';
import type { Context } from '../../server/context.ts';
import { approvePost } from '../../server/deliveries/approve-post.ts';
import { handOverDeliveries } from '../../server/deliveries/hand-over.ts';
import { resolveDelivery } from '../../server/deliveries/resolve-delivery.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { revokeConnection } from '../../server/oauth/connections.ts';
import { replaceConnections } from '../../server/oauth/replace-connections.ts';
import { addRule, changePublishingPolicy } from '../../server/policy/edit-rules.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { connectClient, type TestConnection } from '../domain/connect-client.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';

let context: Context;
let owner: TestOwner;
let editor: TestConnection;
let campaignId: string;

const DAY = '2036-12-01T10:00';
const NIGHT = '2036-12-02T03:00';

beforeAll(async () => {
  context = await openTestContext();
});
afterAll(async () => context[Symbol.asyncDispose]());

beforeEach(async () => {
  owner = await createOwner(context);
  editor = await connectClient(context, owner);
  ({ campaignId } = await createCampaign(context, owner.caller, { name: 'Launch', goal: 'Be seen' }));
});

let drafted = 0;

async function draft(channelIds = [owner.playgroundChannelId], by = owner.caller as never): Promise<string> {
  const text = `Post ${(drafted += 1)}`;
  return (await createPost(context, by, { campaignId, channelIds, text })).postId;
}

const rule = (input: Partial<Parameters<typeof addRule>[2]>) =>
  addRule(context, owner.caller, { condition: 'always', effect: 'ask', ...input });

const schedule = ({ caller }: Pick<TestConnection, 'caller'>, postId: string, at: string) =>
  schedulePost(context, caller, { postId, expectedRev: 1, at });

async function approve(postId: string): Promise<void> {
  const { rev, contentHash } = await getPost(context, owner.caller, { postId });
  await approvePost(context, owner.caller, { postId, rev, contentHash });
}

const stateOf = async (postId: string) =>
  (await context.db.delivery.findFirstOrThrow({ where: { postId } })).state;

describe('a post that a person approved for the day and its connection moved into the night waits again', () => {
  let postId: string;
  beforeEach(async () => {
    await rule({ clientId: editor.caller.clientId });
    await rule({ condition: 'quiet_hours', quietFrom: '22:00', quietTo: '07:00' });
    postId = await draft();
    await schedule(editor, postId, DAY);
    await approve(postId);
    await schedule(editor, postId, NIGHT);
  });

  test('also when another connection then asks for that very time', async () => {
    const other = await connectClient(context, owner);
    expect((await schedule(other, postId, NIGHT)).state).toBe('awaiting_approval');
    expect((await schedule(editor, postId, NIGHT)).state).toBe('awaiting_approval');
  });

  test('also when another connection does so after the first was revoked', async () => {
    await revokeConnection(context, owner.caller, editor.caller.connectionId);
    const other = await connectClient(context, owner);
    expect((await schedule(other, postId, NIGHT)).state).toBe('awaiting_approval');
  });

  test('also when it moves to the connection that replaces the old one', async () => {
    const other = await connectClient(context, owner);
    const { teamId, personId, connectionId } = other.caller;
    await context.db.$transaction((tx) =>
      replaceConnections(tx, {
        ...{ teamId, personId, newConnectionId: connectionId, granted: [...other.caller.scopes] },
        oldConnectionIds: [editor.caller.connectionId],
        policy: { channelIds: [owner.playgroundChannelId], postsPerDay: null, until: null },
      }),
    );
    expect(await stateOf(postId)).toBe('awaiting_approval');
  });

  test('also when a person takes over what the connection scheduled', async () => {
    await handOverDeliveries(context, owner.caller, { connectionId: editor.caller.connectionId });
    expect(await stateOf(postId)).toBe('awaiting_approval');
    expect((await schedule(editor, postId, NIGHT)).state).toBe('awaiting_approval');
  });
});

describe('of a post that goes out unasked on one channel and would be asked about on another', () => {
  let postId: string;
  let secondId: string;
  beforeEach(async () => {
    secondId = newId('channel');
    const data = { id: secondId, teamId: owner.team.id, network: 'playground', handle: 'second' };
    await context.db.channel.create({ data: { ...data, remoteAccountId: secondId } });
    await rule({ channelId: secondId });
    postId = await draft([owner.playgroundChannelId, secondId], editor.caller as never);
    const onlyChannelIds = [owner.playgroundChannelId];
    const wish = { postId, expectedRev: 1, at: DAY, onlyChannelIds };
    await schedulePost(context, editor.caller, wish);
  });
  const stateOn = async (channelId: string) =>
    (await context.db.delivery.findFirstOrThrow({ where: { postId, channelId } })).state;
  const second = async () =>
    (
      await schedulePost(context, editor.caller, {
        postId,
        expectedRev: 1,
        at: NIGHT,
        onlyChannelIds: [secondId],
      })
    ).state;

  test('a mere move is refused, because its yes would be to both', async () => {
    expect(await stateOn(owner.playgroundChannelId)).toBe('scheduled');
    const onlyChannelIds = [owner.playgroundChannelId];
    const move = { postId, expectedRev: 1, at: NIGHT, onlyChannelIds, isMoveOnly: true };
    await expect(schedulePost(context, owner.caller, move)).rejects.toMatchObject({
      details: { code: 'needs_look' },
    });
    expect(await second()).toBe('awaiting_approval');
  });

  test('handing over approves neither', async () => {
    const { connectionId } = editor.caller;
    expect(await handOverDeliveries(context, owner.caller, { connectionId })).toMatchObject({
      ...{ scheduled: 0, awaitingApproval: 1 },
    });
    const other = await connectClient(context, owner);
    const wish = { postId, expectedRev: 1, at: NIGHT, onlyChannelIds: [secondId] };
    expect((await schedulePost(context, other.caller, wish)).state).toBe('awaiting_approval');
  });
});

describe('the first post of a client on a channel that nobody allowed it', () => {
  let channelId: string;
  let client: TestConnection;
  beforeEach(async () => {
    // Linked after the consent, so that nothing of it is about this channel.
    channelId = newId('channel');
    const data = { id: channelId, teamId: owner.team.id, network: 'playground', handle: 'new' };
    await context.db.channel.create({ data: { ...data, remoteAccountId: channelId } });
    client = await connectClient(context, owner);
    await context.db.policyRule.deleteMany({ where: { connectionId: client.caller.connectionId } });
    await rule({ clientId: editor.caller.clientId, condition: 'first_use', effect: 'allow' });
  });

  test('asks, although the client took over a post that was approved for another', async () => {
    const approved = await draft([channelId]);
    await rule({ clientId: editor.caller.clientId });
    await schedule(editor, approved, DAY);
    await approve(approved);
    expect((await schedule(client, approved, '2036-12-01T11:00')).state).toBe('scheduled');
    expect((await schedule(client, await draft([channelId]), DAY)).state).toBe('awaiting_approval');
  });

  test('asks, although the client moved a post that a person scheduled', async () => {
    const own = await draft([channelId]);
    await schedulePost(context, owner.caller, { postId: own, expectedRev: 1, at: DAY });
    await schedule(client, own, '2036-12-01T11:00');
    expect((await schedule(client, await draft([channelId]), DAY)).state).toBe('awaiting_approval');
  });

  test('asks, although the client says that what it had the campaign hold is there already', async () => {
    const postId = await draft([channelId]);
    expect((await schedule(client, postId, DAY)).state).toBe('awaiting_approval');
    await updateCampaign(context, client.caller, { campaignId, changes: { status: 'paused' } });
    const permalink = `${context.publicUrl}/playground/${newId('playgroundPost')}`;
    const wish = { postId, channelId, action: 'record_as_posted', permalink } as const;
    await resolveDelivery(context, client.caller, wish).catch(() => null);
    await updateCampaign(context, client.caller, { campaignId, changes: { status: 'active' } });
    expect((await schedule(client, await draft([channelId]), DAY)).state).toBe('awaiting_approval');
  });

  test('asks where an owner rules so, whatever a consent allowed', async () => {
    const { connectionId, personId } = client.caller;
    const editorCaller = { ...owner.caller, role: 'editor' } as const;
    const policy = { channelIds: [channelId], postsPerDay: null, until: null };
    await changePublishingPolicy(context, editorCaller, connectionId, policy);
    expect(personId).toBe(editorCaller.personId);
    const ruleId = await rule({ condition: 'first_use' });
    const scheduled = await schedule(client, await draft([channelId]), DAY);
    expect(scheduled).toMatchObject({ state: 'awaiting_approval', approvalReason: { ruleId } });
  });

  test('is asked about once: what a person approved for it counts, however often it is moved', async () => {
    const first = await draft([channelId], client.caller as never);
    expect((await schedule(client, first, DAY)).state).toBe('awaiting_approval');
    await approve(first);
    await schedule(client, first, '2036-12-01T11:00');
    expect((await schedule(client, await draft([channelId]), DAY)).state).toBe('scheduled');
  });
});
