import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { publishPost } from '../../server/deliveries/publish-post.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { findTimelinePost } from '../../server/posts/find-timeline.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { addPicture, createDraftScene, FAR, type DraftScene } from '../domain/draft-scene.ts';
import { openTestContext } from '../support/test-context.ts';

let context: Context;
let scene: DraftScene;
let mediaIds: string[];
let postId: string;

beforeAll(async () => {
  context = await openTestContext();
  scene = await createDraftScene(context);
});
afterAll(() => context[Symbol.asyncDispose]());
beforeEach(async () => {
  // One that goes as it is, and one that is made smaller.
  const sizes = [{ width: 1200 }, { width: 2600, height: 1300 }];
  mediaIds = await Promise.all(
    sizes.map((size) => addPicture(context, scene.owner, { altText: 'A quay', ...size })),
  );
  postId = await scene.draft({ mediaIds });
});

const killed = () => new Error('killed');

/** The process ends before its n-th statement, and PostgreSQL rolls back the transaction that was open. */
function dyingAtStatement(n: number): Context {
  let count = 0;
  const db = context.db.$extends({
    query: {
      async $allOperations({ args, query }) {
        count += 1;
        if (count >= n) throw killed();
        return query(args);
      },
    },
  });
  return { ...context, db: db as unknown as Context['db'] };
}

const schedule = (on: Context) => schedulePost(on, scene.owner.caller, { postId, expectedRev: 1, at: FAR });
const publish = (on: Context) => publishPost(on, scene.owner.caller, { postId, expectedRev: 1 });

async function expectUntouchedDraft(): Promise<void> {
  const { state, dueAt, scheduledAt } = await scene.deliveryOn(postId);
  expect({ state, dueAt, scheduledAt }).toEqual({ state: 'draft', dueAt: null, scheduledAt: null });
  expect(await context.db.media.count({ where: { id: { in: mediaIds }, state: 'ready' } })).toBe(2);
}

async function expectBothPicturesLive(): Promise<void> {
  const { id } = await scene.deliveryOn(postId);
  await publishDelivery(context, id);
  const { state, remoteId } = await scene.deliveryOn(postId);
  expect(state).toBe('published');
  expect((await findTimelinePost(context, scene.owner.caller, remoteId!)).pictures).toHaveLength(2);
  const made = await context.db.rendition.findMany({ where: { postId } });
  expect(made).toHaveLength(2);
  for (const { storageKey, byteCount } of made) {
    expect((await context.mediaStore.read(storageKey)).byteLength).toBe(byteCount);
  }
}

test.each([
  ['scheduled', schedule],
  ['published', publish],
])(
  'killed before any of its statements a post is not %s, and the same call again finishes it',
  async (_, place) => {
    let deaths = 0;
    let withPictures = 0;
    const isPlacedBefore = (n: number) =>
      place(dyingAtStatement(n)).then(
        () => true,
        (error: Error) => {
          expect(error.message).toContain('killed');
          return false;
        },
      );
    while (!(await isPlacedBefore(deaths + 1))) {
      deaths += 1;
      await expectUntouchedDraft();
      if ((await context.db.rendition.count({ where: { postId } })) === 2) withPictures += 1;
    }
    expect(withPictures).toBeGreaterThan(3);
    expect(deaths).toBeGreaterThan(10);
    await publish(context);
    await expectBothPicturesLive();
  },
);

test.each(['before', 'after'])('killed %s a file is written, it is as if nobody had called', async (when) => {
  const mediaStore: Context['mediaStore'] = {
    ...context.mediaStore,
    async put(...file) {
      if (when === 'after') await context.mediaStore.put(...file);
      throw killed();
    },
  };
  await expect(schedule({ ...context, mediaStore })).rejects.toThrow('killed');
  await expectUntouchedDraft();
  await schedule(context);
  await publish(context);
  await expectBothPicturesLive();
});
