import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import type { Caller } from '../../server/caller.ts';
import type { Context } from '../../server/context.ts';
import { handOverDeliveries } from '../../server/deliveries/hand-over.ts';
import { revokeConnection } from '../../server/oauth/connections.ts';
import { addRule } from '../../server/policy/edit-rules.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { updatePost, type PostChanges } from '../../server/posts/update-post.ts';
import type { Scope } from '../../server/scopes.ts';
import { openTestContext } from '../support/test-context.ts';
import { connectClient, scopesOf, type TestConnection } from './connect-client.ts';
import { createDraftScene, FAR, type DraftScene } from './draft-scene.ts';

let context: Context;
let scene: DraftScene;
let publisher: TestConnection;
let callers: Record<string, Caller>;

const LOOK_AND_WRITE: Scope[] = ['captions:read', 'captions:write'];

beforeAll(async () => {
  context = await openTestContext();
  scene = await createDraftScene(context);
  publisher = await connectClient(context, scene.owner, scopesOf('publish'));
  const connect = async (scopes: readonly Scope[]) =>
    (await connectClient(context, scene.owner, scopes)).caller;
  callers = {
    'a person': scene.owner.caller,
    'who may publish and schedule': await connect(scopesOf('publish')),
    'who may schedule': await connect(scopesOf('schedule')),
    'who may publish only': await connect([...LOOK_AND_WRITE, 'posts:publish']),
    'who may write only': await connect(LOOK_AND_WRITE),
  };
});
afterAll(async () => context[Symbol.asyncDispose]());

const edit = async (caller: Caller, postId: string, changes: PostChanges, expectedRev?: number) => {
  const rev = expectedRev ?? (await getPost(context, scene.owner.caller, { postId })).rev;
  return updatePost(context, caller, { postId, expectedRev: rev, changes });
};

const latestDecision = async (postId: string) => {
  const { approval } = await getPost(context, scene.owner.caller, { postId });
  return approval?.decision ?? null;
};

/** What a delivery on the calendar becomes: its state, and who answers for it: the caller or whoever placed it. */
const MATRIX: readonly [from: string, caller: string, state: string, under: 'caller' | 'placer'][] = [
  ['scheduled unasked', 'a person', 'scheduled', 'caller'],
  ['scheduled unasked', 'who may publish and schedule', 'scheduled', 'caller'],
  ['scheduled unasked', 'who may schedule', 'awaiting_approval', 'caller'],
  ['scheduled unasked', 'who may publish only', 'scheduled', 'caller'],
  ['scheduled unasked', 'who may write only', 'awaiting_approval', 'placer'],
  ['approved', 'a person', 'scheduled', 'caller'],
  ['approved', 'who may publish and schedule', 'scheduled', 'caller'],
  ['approved', 'who may schedule', 'awaiting_approval', 'caller'],
  ['approved', 'who may publish only', 'scheduled', 'caller'],
  ['approved', 'who may write only', 'awaiting_approval', 'placer'],
  ['scheduled by a person', 'a person', 'scheduled', 'caller'],
  ['scheduled by a person', 'who may publish and schedule', 'scheduled', 'caller'],
  ['scheduled by a person', 'who may schedule', 'awaiting_approval', 'caller'],
  ['scheduled by a person', 'who may publish only', 'scheduled', 'caller'],
  ['scheduled by a person', 'who may write only', 'awaiting_approval', 'placer'],
  ['awaiting approval', 'a person', 'scheduled', 'caller'],
  ['awaiting approval', 'who may publish and schedule', 'scheduled', 'caller'],
  ['awaiting approval', 'who may schedule', 'awaiting_approval', 'caller'],
  ['awaiting approval', 'who may publish only', 'scheduled', 'caller'],
  ['awaiting approval', 'who may write only', 'awaiting_approval', 'placer'],
  ['held for its channel', 'a person', 'scheduled', 'caller'],
  ['held for its channel', 'who may publish and schedule', 'scheduled', 'caller'],
  ['held for its channel', 'who may write only', 'awaiting_approval', 'placer'],
];

async function prepare(from: string): Promise<{ postId: string; placer: Caller }> {
  const scheduler = callers['who may schedule']!;
  const postId = await scene.draft();
  if (from === 'scheduled by a person') {
    await scene.schedule(scene.owner.caller, postId);
    return { postId, placer: scene.owner.caller };
  }
  if (from === 'approved' || from === 'awaiting approval') {
    await scene.schedule(scheduler, postId);
    if (from === 'approved') await scene.approve(postId);
    return { postId, placer: scheduler };
  }
  await scene.schedule(publisher.caller, postId);
  if (from === 'held for its channel') {
    const data = { state: 'held', problemCode: 'channel_needs_reconnect' };
    await context.db.delivery.updateMany({ where: { postId }, data });
  }
  return { postId, placer: publisher.caller };
}

describe('what is on the calendar keeps its time, and nobody has approved the new revision', () => {
  test.each(MATRIX)('%s, edited by %s: %s under the %s', async (from, by, state, under) => {
    const caller = callers[by]!;
    const { postId, placer } = await prepare(from);
    const before = await scene.deliveryOn(postId);
    const updated = await edit(caller, postId, { text: 'Another text' });
    expect(updated).toMatchObject({ rev: 2, state });
    expect(updated.approvalUrl === null).toBe(state !== 'awaiting_approval');
    const { dueAt, timeZone, localTime } = before;
    const authority = under === 'caller' ? caller : placer;
    const isPerson = authority.kind === 'person';
    expect(await scene.deliveryOn(postId)).toMatchObject({
      ...{ state, rev: 2, dueAt, timeZone, localTime, problemCode: null },
      scheduledByPersonId: isPerson ? authority.personId : null,
      scheduledByConnectionId: isPerson ? null : authority.connectionId,
    });
    const post = await getPost(context, scene.owner.caller, { postId });
    expect(post.deliveries[0]!.parts).toEqual(['Another text']);
    // Who edits in the browser has seen what they wrote; nobody else's yes is taken for it.
    expect(await latestDecision(postId)).toBe(caller.kind === 'person' ? 'approved' : null);
    expect(updated.isApprovalReset).toBe(
      caller.kind !== 'person' && (from === 'approved' || from === 'scheduled by a person'),
    );
  });

  test('who places it anew is asked where a rule asks', async () => {
    const { postId } = await prepare('approved');
    const ruleId = await addRule(context, scene.owner.caller, {
      ...{ condition: 'always', effect: 'ask' as const },
      channelId: scene.firstId,
    });
    const updated = await edit(callers['who may publish and schedule']!, postId, { text: 'Asks' });
    expect(updated.state).toBe('awaiting_approval');
    expect(await scene.deliveryOn(postId)).toMatchObject({ policyRule: ruleId });
    await dropRules();
  });

  test('who may only publish leaves what a rule asks about to whoever placed it', async () => {
    const { postId, placer } = await prepare('scheduled unasked');
    await addRule(context, scene.owner.caller, {
      ...{ condition: 'always', effect: 'ask' as const },
      channelId: scene.firstId,
    });
    expect((await edit(callers['who may publish only']!, postId, { text: 'Asks' })).state).toBe(
      'awaiting_approval',
    );
    expect(await scene.deliveryOn(postId)).toMatchObject({
      scheduledByConnectionId: (placer as TestConnection['caller']).connectionId,
      policyRule: 'default.edited',
    });
    await dropRules();
  });

  test('a rule that denies does not hinder the edit; it leaves the post to a person', async () => {
    const { postId, placer } = await prepare('approved');
    const { connectionId } = callers['who may publish and schedule'] as TestConnection['caller'];
    await addRule(context, scene.owner.caller, {
      ...{ condition: 'always', effect: 'deny' as const },
      connectionId,
    });
    expect((await edit(callers['who may publish and schedule']!, postId, { text: 'Denied' })).state).toBe(
      'awaiting_approval',
    );
    expect(await scene.deliveryOn(postId)).toMatchObject({
      scheduledByConnectionId: (placer as TestConnection['caller']).connectionId,
    });
    await dropRules();
  });

  test('taking it over does not replace the yes that an edit asks for', async () => {
    const leaving = await connectClient(context, scene.owner, scopesOf('publish'));
    const postId = await scene.draft();
    await scene.schedule(leaving.caller, postId);
    await edit(callers['who may write only']!, postId, { text: 'Unseen' });
    const { connectionId } = leaving.caller;
    await revokeConnection(context, scene.owner.caller, connectionId);
    expect(await handOverDeliveries(context, scene.owner.caller, { connectionId })).toMatchObject({
      scheduled: 0,
      awaitingApproval: 1,
    });
    expect(await latestDecision(postId)).toBeNull();
  });

  test('what a paused campaign holds it goes on holding, and it returns as it was judged', async () => {
    for (const [by, heldFrom] of [
      ['who may publish and schedule', 'scheduled'],
      ['who may write only', 'awaiting_approval'],
      ['a person', 'scheduled'],
    ] as const) {
      const { postId } = await prepare('scheduled unasked');
      const held = { state: 'held', heldFrom: 'scheduled', problemCode: 'campaign_paused' };
      await context.db.campaign.update({ where: { id: scene.campaignId }, data: { status: 'paused' } });
      await context.db.delivery.updateMany({ where: { postId }, data: held });
      await edit(callers[by]!, postId, { text: 'While it is paused' });
      expect(await scene.deliveryOn(postId)).toMatchObject({
        ...{ state: 'held', heldFrom, problemCode: 'campaign_paused', rev: 2 },
      });
      await context.db.campaign.update({ where: { id: scene.campaignId }, data: { status: 'active' } });
    }
  });

  test('an edit sends nothing: what is due and waits goes on waiting, whoever edits', async () => {
    for (const caller of Object.values(callers)) {
      const { postId } = await prepare('awaiting approval');
      await context.db
        .$executeRaw`update delivery set due_at = now() - interval '1 minute' where post_id = ${postId}`;
      expect((await edit(caller, postId, { text: 'Late' })).state).toBe('awaiting_approval');
      expect(await latestDecision(postId)).toBeNull();
    }
  });

  async function dropRules() {
    await context.db.policyRule.deleteMany({ where: { condition: 'always' } });
    await context.db.team.updateMany({ data: { policyVersion: { increment: 1 } } });
  }
});

describe('what went out, or is about to, is not edited', () => {
  const settled: readonly [state: string, code: string][] = [
    ['claimed', 'under_way'],
    ['prepared', 'under_way'],
    ['sending', 'under_way'],
    ['unknown', 'outcome_unknown'],
    ['needs_attention', 'outcome_unknown'],
    ['published', 'already_published'],
    ['taken_down', 'already_published'],
  ];
  let postId: string;

  beforeEach(async () => {
    const { firstId, secondId } = scene;
    postId = await scene.draft({ channelIds: [firstId, secondId] });
  });

  const settle = async (state: string) => {
    await scene.schedule(publisher.caller, postId, FAR, [scene.firstId]);
    const isLive = state === 'published' || state === 'taken_down';
    await context.db.delivery.update({
      where: { postId_channelId: { postId, channelId: scene.firstId } },
      data: {
        ...{ state, leaseUntil: new Date(Date.now() + 60_000), problemCode: 'outcome_unknown' },
        ...{ sendStartedAt: new Date(), payloadHash: new Uint8Array(32) },
        ...(isLive && { remoteId: postId, publishedAt: new Date() }),
      },
    });
  };

  test.each(settled)('%s: %s, naming the channel and the way on', async (state, code) => {
    await settle(state);
    const before = await scene.deliveryOn(postId);
    const refusal = { kind: 'Conflict', details: { code, nextStep: expect.any(String) as string } };
    for (const changes of [{ text: 'Too late' }, { channelIds: [scene.secondId] }]) {
      const failing = edit(publisher.caller, postId, changes);
      await expect(failing).rejects.toMatchObject(refusal);
      await expect(failing).rejects.toThrow(scene.firstId);
    }
    expect(await scene.deliveryOn(postId)).toEqual(before);
    // Words for the other channel alone are another matter.
    const overrides = [{ channelId: scene.secondId, text: 'Only here' }];
    expect(await edit(publisher.caller, postId, { overrides })).toMatchObject({ rev: 2 });
    expect(await scene.deliveryOn(postId)).toEqual(before);
    expect(await scene.deliveryOn(postId, scene.secondId)).toMatchObject({ state: 'draft', rev: 2 });
  });

  test.each([
    ['a part is live', 'already_published', { part: true }],
    ['a send may have been taken', 'outcome_unknown', { sent: true }],
    ['its time has come', 'under_way', { due: true }],
  ])('%s: %s', async (_, code, { part, sent, due }: { part?: boolean; sent?: boolean; due?: boolean }) => {
    await scene.schedule(publisher.caller, postId, FAR, [scene.firstId]);
    const { id } = await scene.deliveryOn(postId);
    if (part) {
      const live = { remoteId: 'r', frozenAt: new Date(), publishedAt: new Date() };
      await context.db.deliveryPart.create({
        data: { deliveryId: id, partNo: 1, text: 'x', key: 'k', ...live },
      });
    }
    if (sent) await context.db.$executeRaw`update delivery set send_started_at = now() where id = ${id}`;
    if (due) await context.db.$executeRaw`update delivery set due_at = now() where id = ${id}`;
    await expect(edit(scene.owner.caller, postId, { text: 'Too late' })).rejects.toMatchObject({
      details: { code },
    });
  });

  test.each(['failed', 'missed', 'cancelled'])('%s says why until it is scheduled anew', async (state) => {
    await scene.schedule(publisher.caller, postId, FAR, [scene.firstId]);
    await context.db.delivery.updateMany({
      where: { postId, channelId: scene.firstId },
      data: { state, problemCode: 'refused' },
    });
    await edit(publisher.caller, postId, { text: 'Better' });
    expect(await scene.deliveryOn(postId)).toMatchObject({ state, problemCode: 'refused' });
    await scene.schedule(publisher.caller, postId);
    expect(await scene.deliveryOn(postId)).toMatchObject({ state: 'scheduled', rev: 2, problemCode: null });
  });
});
