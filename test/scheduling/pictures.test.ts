import { afterAll, beforeAll, expect, test } from 'vitest';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { Context } from '../../server/context.ts';
import { preparePictures } from '../../server/deliveries/prepare-pictures.ts';
import { publishPost } from '../../server/deliveries/publish-post.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { uploadMedia } from '../../server/media/upload-media.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { connectClient, type TestConnection } from '../domain/connect-client.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';

let context: Context;
let owner: TestOwner;
let publisher: TestConnection;
let campaignId: string;

beforeAll(async () => {
  context = await openTestContext();
  owner = await createOwner(context);
  publisher = await connectClient(context, owner);
  ({ campaignId } = await createCampaign(context, owner.caller, { name: 'Launch', goal: 'Be seen' }));
});
afterAll(async () => context[Symbol.asyncDispose]());

async function draftWithCard(): Promise<string> {
  const card = { title: 'Ship it', theme: 'light', size: 'square' } as const;
  const uploaded = await uploadMedia(context, owner.caller, { card });
  if (!('media' in uploaded)) throw new Error('a card is drawn at once');
  const { postId } = await createPost(context, owner.caller, {
    ...{ campaignId, text: `With a picture, ${uploaded.media.id}` },
    ...{ channelIds: [owner.playgroundChannelId], mediaIds: [uploaded.media.id] },
  });
  return postId;
}

const countRenditions = (postId: string) => context.db.rendition.count({ where: { postId } });

test('what is scheduled or published has its pictures as the networks get them from then on', async () => {
  const [scheduled, published] = [await draftWithCard(), await draftWithCard()];
  await schedulePost(context, publisher.caller, {
    postId: scheduled,
    expectedRev: 1,
    at: '2036-12-01T09:00',
  });
  await publishPost(context, publisher.caller, { postId: published, expectedRev: 1 });
  expect(await countRenditions(scheduled)).toBe(1);
  expect(await countRenditions(published)).toBe(1);
});

test('a picture that was changed while they were made keeps the post off the calendar, for another try', async () => {
  const postId = await draftWithCard();
  // The picture comes between the making and the transaction, as an edit in the library does: the lock lets it in.
  const schedule = () =>
    schedulePost(context, publisher.caller, { postId, expectedRev: 1, at: '2036-12-01T10:00' });
  await preparePictures(context, publisher.caller, { postId, rev: 1 });
  let wasMade = false;
  const between = context.db.$extends({
    query: {
      async $executeRaw({ args, query }) {
        if (!wasMade) await context.db.rendition.deleteMany({ where: { postId } });
        wasMade = true;
        return query(args);
      },
    },
  });
  await expect(
    schedulePost({ ...context, db: between as unknown as Context['db'] }, publisher.caller, {
      postId,
      expectedRev: 1,
      at: '2036-12-01T10:00',
    }),
  ).rejects.toMatchObject({ kind: 'Unavailable', details: { code: 'pictures_not_ready' } });
  expect((await context.db.delivery.findFirstOrThrow({ where: { postId } })).state).toBe('draft');
  expect((await schedule()).state).toBe('scheduled');
});

test('pictures of a post that another team owns are not made', async () => {
  const postId = await draftWithCard();
  const stranger = await createOwner(context);
  await preparePictures(context, stranger.caller, { postId, rev: 1 });
  expect(await countRenditions(postId)).toBe(0);
});
