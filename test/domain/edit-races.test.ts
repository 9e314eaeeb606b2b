import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';

import type { Context } from '../../server/context.ts';
import { claimDelivery } from '../../server/deliveries/claim-delivery.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { discardPost } from '../../server/posts/discard-post.ts';
import { updatePost } from '../../server/posts/update-post.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { openTestContext } from '../support/test-context.ts';
import { connectClient, scopesOf, type TestConnection } from './connect-client.ts';
import { addPicture, createDraftScene, type DraftScene } from './draft-scene.ts';

let context: Context;
let scene: DraftScene;
let publisher: TestConnection;

beforeAll(async () => {
  context = await openTestContext();
});
beforeEach(async () => {
  scene = await createDraftScene(context);
  publisher = await connectClient(context, scene.owner, scopesOf('publish'));
});
afterAll(async () => context[Symbol.asyncDispose]());

const edit = (postId: string, text: string, expectedRev = 1) =>
  updatePost(context, publisher.caller, { postId, expectedRev, changes: { text } });

const setDue = (postId: string, milliseconds: number) => context.db.$executeRaw`
  update delivery set due_at = now() + ${milliseconds} * interval '1 millisecond',
    not_before = now() + ${milliseconds} * interval '1 millisecond' where post_id = ${postId}`;

const waitForLock = (count: number) =>
  vi.waitFor(async () => {
    const waiting = await context.db.$queryRaw<unknown[]>`
      select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
    expect(waiting).toHaveLength(count);
  });

const published = (postId: string) =>
  context.db.playgroundPost.findMany({
    where: { channel: { id: scene.firstId }, text: { contains: postId } },
  });

test('a worker that waits for an edit to end gets what the edit says', async () => {
  const postId = await scene.draft();
  await scene.schedule(publisher.caller, postId);
  await setDue(postId, 1500);
  const { id } = await scene.deliveryOn(postId);
  const running: Promise<unknown>[] = [];
  const claim = await context.db.$transaction(
    async (tx) => {
      // The edit stops here, with the delivery locked, until the worker waits for it too.
      await tx.$executeRaw`select from campaign where id = ${scene.campaignId} for update`;
      running.push(edit(postId, 'Edited in time'));
      await waitForLock(1);
      await vi.waitFor(async () => {
        const [due] = await tx.$queryRaw<{ isDue: boolean }[]>`
        select due_at <= clock_timestamp() as "isDue" from delivery where id = ${id}`;
        expect(due!.isDue).toBe(true);
      }, 5000);
      const claiming = claimDelivery(context, id);
      await waitForLock(2);
      return { claiming };
    },
    { timeout: 10_000 },
  );
  await Promise.all(running);
  expect(await claim.claiming).toMatchObject({ rev: 2, captionParts: ['Edited in time'], fence: 1 });
});

test('an edit that waits for a worker to claim is refused, and what was approved goes out', async () => {
  const postId = await scene.draft({ text: 'As it was' });
  await scene.schedule(publisher.caller, postId);
  await setDue(postId, 0);
  const { id } = await scene.deliveryOn(postId);
  const claimed = await claimDelivery(context, id);
  expect(claimed).toMatchObject({ state: 'claimed', captionParts: ['As it was'] });
  await expect(edit(postId, 'Too late')).rejects.toMatchObject({ details: { code: 'under_way' } });
  await expect(discardPost(context, publisher.caller, { postId, expectedRev: 1 })).rejects.toMatchObject({
    details: { code: 'under_way' },
  });
});

test('edits and workers at the same time: what went out is what the post says, once', async () => {
  const outcomes = { edited: 0, refused: 0 };
  for (let round = 0; round < 40; round += 1) {
    const postId = await scene.draft({ text: 'before' });
    await updatePost(context, publisher.caller, {
      ...{ postId, expectedRev: 1 },
      changes: { text: `first ${postId}` },
    });
    await scene.schedule(publisher.caller, postId);
    const { id } = await scene.deliveryOn(postId);
    // About the time that an edit takes to get at the row.
    await setDue(postId, round % 20);
    const editing = edit(postId, `second ${postId}`, 2).then(
      () => 'edited' as const,
      (error: { details?: { code: string } }) => {
        expect(['under_way', 'already_published']).toContain(error.details?.code);
        return 'refused' as const;
      },
    );
    await vi.waitFor(async () => {
      await publishDelivery(context, id);
      expect(await published(postId)).toHaveLength(1);
    }, 5000);
    const outcome = await editing;
    outcomes[outcome] += 1;
    const [live] = await published(postId);
    const says = outcome === 'edited' ? 'second' : 'first';
    expect(live!.text).toBe(`${says} ${postId}`);
    expect(await scene.deliveryOn(postId)).toMatchObject({
      ...{ state: 'published', rev: outcome === 'edited' ? 3 : 2 },
    });
  }
  expect(outcomes.edited + outcomes.refused).toBe(40);
}, 60_000);

describe('client_ref', () => {
  test('of ten calls at once one makes the post, pictures and all', async () => {
    const mediaIds = [await addPicture(context, scene.owner), await addPicture(context, scene.owner)];
    const { campaignId, firstId } = scene;
    const input = { campaignId, channelIds: [firstId], text: 'Once', clientRef: 'race', mediaIds };
    const results = await Promise.all(
      Array.from({ length: 10 }, () => createPost(context, publisher.caller, input)),
    );
    const [postId] = [...new Set(results.map((result) => result.postId))];
    expect(new Set(results.map((result) => result.postId)).size).toBe(1);
    expect(await context.db.revisionMedia.count({ where: { postId: postId! } })).toBe(2);
    const swapped = { ...input, mediaIds: mediaIds.toReversed() };
    for (const other of [swapped, { ...input, mediaIds: [] }, { ...input, text: 'Twice' }]) {
      await expect(createPost(context, publisher.caller, other)).rejects.toMatchObject({
        details: { code: 'client_ref_reused' },
      });
    }
  });

  test('a retry finds its post also when the picture was described meanwhile', async () => {
    const mediaId = await addPicture(context, scene.owner, { altText: 'Before' });
    const { campaignId, firstId } = scene;
    const input = { campaignId, channelIds: [firstId], text: 'Retry', clientRef: 'alt', mediaIds: [mediaId] };
    const first = await createPost(context, publisher.caller, input);
    await context.db.media.update({ where: { id: mediaId }, data: { altText: 'After' } });
    expect((await createPost(context, publisher.caller, input)).postId).toBe(first.postId);
  });
});
