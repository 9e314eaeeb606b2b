import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Caller } from '../../server/caller.ts';
import type { Context } from '../../server/context.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { updatePost, type PostChanges } from '../../server/posts/update-post.ts';
import { openTestContext } from '../support/test-context.ts';
import { connectClient, scopesOf, type TestConnection } from './connect-client.ts';
import { createDraftScene, type DraftScene } from './draft-scene.ts';

let context: Context;
let scene: DraftScene;
let publisher: TestConnection;
let scheduler: TestConnection;

beforeAll(async () => {
  context = await openTestContext();
  scene = await createDraftScene(context);
  publisher = await connectClient(context, scene.owner, scopesOf('publish'));
  scheduler = await connectClient(context, scene.owner, scopesOf('schedule'));
});
afterAll(async () => context[Symbol.asyncDispose]());

const edit = async (caller: Caller, postId: string, changes: PostChanges, expectedRev?: number) => {
  const rev = expectedRev ?? (await getPost(context, scene.owner.caller, { postId })).rev;
  return updatePost(context, caller, { postId, expectedRev: rev, changes });
};

describe('words and channels', () => {
  test('the text goes to channels without words of their own', async () => {
    const { firstId, secondId } = scene;
    const overrides = [{ channelId: secondId, parts: ['One', 'Two'] }];
    const postId = await scene.draft({ channelIds: [firstId, secondId], text: 'All', overrides });
    await edit(scene.owner.caller, postId, { text: 'All, changed' });
    expect(await partsOf(postId)).toEqual({ [firstId]: ['All, changed'], [secondId]: ['One', 'Two'] });
    await edit(scene.owner.caller, postId, { overrides: [{ channelId: secondId, text: 'All, changed' }] });
    await edit(scene.owner.caller, postId, { text: 'Both' });
    expect(await partsOf(postId)).toEqual({ [firstId]: ['Both'], [secondId]: ['Both'] });
  });

  test('a channel that is added gets a draft, one that is removed loses it', async () => {
    const { firstId, secondId } = scene;
    const postId = await scene.draft();
    await scene.schedule(publisher.caller, postId);
    await edit(publisher.caller, postId, { channelIds: [firstId, secondId] });
    expect(await scene.deliveryOn(postId, secondId)).toMatchObject({ state: 'draft', rev: 2 });
    expect(await scene.deliveryOn(postId)).toMatchObject({ state: 'scheduled', rev: 2 });
    await edit(publisher.caller, postId, { channelIds: [secondId] });
    expect(await context.db.delivery.count({ where: { postId } })).toBe(1);
    expect(Object.keys(await partsOf(postId))).toEqual([secondId]);
  });

  test('an override needs a channel of the post', async () => {
    const postId = await scene.draft();
    const overrides = [{ channelId: scene.secondId, text: 'Nowhere' }];
    await expect(edit(publisher.caller, postId, { overrides })).rejects.toMatchObject({
      kind: 'InvalidInput',
      details: { code: 'invalid_override' },
    });
  });

  test('a caption that breaks a rule is saved in a draft, and refused on the calendar', async () => {
    const text = 'x'.repeat(600);
    const postId = await scene.draft();
    const updated = await edit(publisher.caller, postId, { text });
    expect(updated.captions).toMatchObject([{ problems: [{ ruleId: 'text_length' }] }]);
    const placed = await scene.draft();
    await scene.schedule(publisher.caller, placed);
    await expect(edit(publisher.caller, placed, { text })).rejects.toMatchObject({
      details: { code: 'caption_breaks_rule', ruleId: 'text_length' },
    });
    expect((await getPost(context, scene.owner.caller, { postId: placed })).rev).toBe(1);
  });

  const partsOf = async (postId: string) => {
    const { deliveries } = await getPost(context, scene.owner.caller, { postId });
    return Object.fromEntries(deliveries.map(({ channelId, parts }) => [channelId, parts]));
  };
});

describe('the same again', () => {
  test('changes nothing, whatever revision is expected', async () => {
    const postId = await scene.draft();
    await scene.schedule(scheduler.caller, postId);
    await scene.approve(postId);
    const first = await edit(publisher.caller, postId, { text: 'Once' }, 1);
    const between = await scene.deliveryOn(postId);
    expect(await edit(publisher.caller, postId, { text: 'Once' }, 1)).toEqual(first);
    expect(await edit(publisher.caller, postId, { text: 'Once' }, 2)).toEqual(first);
    expect(await scene.deliveryOn(postId)).toEqual(between);
    expect(await context.db.postRevision.count({ where: { postId } })).toBe(2);
  });

  test('another change needs the revision that it was made from', async () => {
    const postId = await scene.draft();
    await edit(publisher.caller, postId, { text: 'Second' }, 1);
    await expect(edit(publisher.caller, postId, { text: 'Third' }, 1)).rejects.toMatchObject({
      kind: 'Conflict',
      details: { code: 'stale_revision', actual: 2 },
    });
  });

  test('of ten edits of one revision at once, one is made', async () => {
    const postId = await scene.draft();
    const results = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) => edit(publisher.caller, postId, { text: `Edit ${index}` }, 1)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await context.db.postRevision.count({ where: { postId } })).toBe(2);
  });
});

test('a viewer edits nothing, and another team’s post is not there', async () => {
  const postId = await scene.draft();
  const viewer = { ...scene.owner.caller, role: 'viewer' as const };
  await expect(edit(viewer, postId, { text: 'No' })).rejects.toMatchObject({ kind: 'NotAllowed' });
  const other = await createDraftScene(context);
  const failing = updatePost(context, other.owner.caller, {
    postId,
    expectedRev: 1,
    changes: { text: 'No' },
  });
  await expect(failing).rejects.toMatchObject({ kind: 'NotFound' });
});
