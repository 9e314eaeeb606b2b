import { afterAll, beforeEach, beforeAll, describe, expect, test, vi } from 'vitest';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { Context } from '../../server/context.ts';
import { connectOwner } from '../../server/database/client.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { addPicture } from '../../server/media/add-picture.ts';
import { deleteMedia } from '../../server/media/delete-media.ts';
import { getLibraryFacts } from '../../server/media/library-facts.ts';
import { purgeMedia } from '../../server/media/purge-media.ts';
import { purgeRenditions } from '../../server/media/purge-renditions.ts';
import { requestUpload } from '../../server/media/request-upload.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { findTimelinePost } from '../../server/posts/find-timeline.ts';
import { purgeDiscarded } from '../../server/posts/purge-discarded.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { createPublishingTeam, scheduleTestDelivery } from '../publishing/fixtures.ts';
import { attachPictures } from '../publishing/picture-fixtures.ts';
import { moveTime } from '../support/move-time.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';
import { photo } from './pictures.ts';

let context: Context;
let owner: TestOwner;
let made = 0;

beforeAll(async () => {
  context = await openTestContext();
});
beforeEach(async () => {
  owner = await createOwner(context);
});
afterAll(() => context[Symbol.asyncDispose]());

const add = async (of: TestOwner, width: number) =>
  (await addPicture(context, of.caller, { source: 'upload', bytes: new Uint8Array(await photo(width, 600)) }))
    .id;

/** On channels whose network gets the picture cut, in a file of its own. */
async function schedule(of: TestOwner, channelCount = 1) {
  const channelIds: string[] = [];
  for (let at = 0; at < channelCount; at += 1) {
    const id = newId('channel');
    const practice = { network: 'playground', imitates: 'instagram', handle: id, remoteAccountId: id };
    await context.db.channel.create({ data: { ...practice, id, teamId: of.team.id } });
    channelIds.push(id);
  }
  const mediaId = await add(of, 2000 + ++made);
  const { campaignId } = await createCampaign(context, of.caller, { name: `Go ${made}`, goal: 'Be seen' });
  const input = { campaignId, channelIds, text: `Look ${made}`, mediaIds: [mediaId] };
  const { postId } = await createPost(context, of.caller, input);
  await schedulePost(context, of.caller, { postId, expectedRev: 1, at: '2036-12-01T09:00' });
  const { storageKey } = await context.db.rendition.findFirstOrThrow({ where: { postId } });
  return { postId, mediaId, channelIds, storageKey };
}

const bring = (postId: string, channelId: string, state: string) =>
  context.db.delivery.updateMany({
    where: { postId, channelId },
    data: {
      ...{ state, updatedAt: new Date() },
      ...(['published', 'taken_down'].includes(state) && {
        ...{ publishedAt: new Date(), remoteId: newId('playgroundPost') },
      }),
      ...(state === 'unknown' && { sendStartedAt: new Date(), payloadHash: new Uint8Array(32) }),
      ...(['held', 'failed', 'missed', 'needs_attention'].includes(state) && { problemCode: 'too_late' }),
    },
  });
const renditionsOf = (postId: string) => context.db.rendition.count({ where: { postId } });
const isKept = async (key: string) => (await context.mediaStore.find(key)) !== null;

/** A store that never removes the first file it is asked to, whichever that is. */
function stuckAtFirst() {
  const stuck: string[] = [];
  const remove = async (key: string) => {
    if (stuck.length === 0) stuck.push(key);
    if (key === stuck[0]) throw new Error('an object lock holds it');
    await context.mediaStore.remove(key);
  };
  return { stuck, context: { ...context, mediaStore: { ...context.mediaStore, remove } } };
}

describe('what networks got of a published post', () => {
  test('goes 90 days after its last delivery was over, and no longer counts', async () => {
    const { postId, channelIds, storageKey } = await schedule(owner, 3);
    const before = (await getLibraryFacts(context, owner.caller)).usedBytes;
    await bring(postId, channelIds[0]!, 'published');
    await bring(postId, channelIds[1]!, 'cancelled');
    await moveTime(context, { days: 60 });
    await bring(postId, channelIds[2]!, 'taken_down');
    await moveTime(context, { days: 89 });
    await purgeRenditions(context);
    expect([await renditionsOf(postId), await isKept(storageKey)]).toEqual([3, true]);
    await moveTime(context, { days: 2 });
    await purgeRenditions(context);
    expect([await renditionsOf(postId), await isKept(storageKey)]).toEqual([0, false]);
    expect((await getLibraryFacts(context, owner.caller)).usedBytes).toBeLessThan(before);
  });

  test('goes after as many days as the settings say', async () => {
    const media = { ...context.config.media, publishedPicturesDays: 7 };
    const { postId, channelIds } = await schedule(owner);
    await bring(postId, channelIds[0]!, 'published');
    await moveTime(context, { days: 8 });
    await purgeRenditions({ ...context, config: { ...context.config, media } });
    expect(await renditionsOf(postId)).toBe(0);
  });

  test.each([
    'failed',
    'missed',
    'held',
    'needs_attention',
    'unknown',
    'scheduled',
    'awaiting_approval',
    'draft',
  ])('stays while the post is %s on another channel', async (state) => {
    const { postId, channelIds } = await schedule(owner, 2);
    await bring(postId, channelIds[0]!, 'published');
    await bring(postId, channelIds[1]!, state);
    await moveTime(context, { days: 400 });
    await purgeRenditions(context);
    expect(await renditionsOf(postId)).toBe(2);
  });

  test('is not made again when another channel of the post is scheduled anew', async () => {
    const { postId, channelIds } = await schedule(owner, 2);
    await bring(postId, channelIds[0]!, 'published');
    await bring(postId, channelIds[1]!, 'cancelled');
    await moveTime(context, { days: 91 });
    await purgeRenditions(context);
    const again = { postId, expectedRev: 1, at: '2036-12-01T09:00', onlyChannelIds: [channelIds[1]!] };
    await schedulePost(context, owner.caller, again);
    const rows = await context.db.rendition.findMany({ where: { postId } });
    expect(rows.map(({ channelId }) => channelId)).toEqual([channelIds[1]]);
  });

  test('is on the timeline from the library then, and from nowhere once it was deleted there', async () => {
    const team = await createPublishingTeam(context);
    const delivery = await scheduleTestDelivery(context, team);
    await attachPictures(context, team, delivery, ['A quay', 'A boat']);
    await publishDelivery(context, delivery.id);
    await moveTime(context, { days: 91 });
    await purgeRenditions(context);
    expect(await renditionsOf(delivery.postId)).toBe(0);
    const { remoteId } = await context.db.delivery.findUniqueOrThrow({ where: { id: delivery.id } });
    const show = async () => (await findTimelinePost(context, team.caller, remoteId!)).pictures;
    const { mediaId } = await context.db.revisionMedia.findFirstOrThrow({
      where: { postId: delivery.postId, position: 1 },
    });
    const first = { altText: 'A quay', width: 640, height: 480 };
    const kept = expect.stringMatching(/^\/media\/med_\w+\/file\?v=/) as string;
    expect(await show()).toMatchObject([{ ...first, url: kept }, { url: kept }]);
    await deleteMedia(context, team.caller, { mediaId });
    expect(await show()).toMatchObject([{ ...first, url: null }, { url: kept }]);
  });
});

describe('a file that cannot be removed', () => {
  beforeEach(async () => {
    await moveTime(context, { hours: 2 });
    await purgeMedia(context);
    await purgeRenditions(context);
  });

  test('keeps no other deleted picture, of any team, and is reported', async () => {
    const keys: string[] = [];
    for (const of of [owner, await createOwner(context)]) {
      for (const width of [100, 110]) {
        const mediaId = await add(of, width);
        keys.push((await context.db.media.findUniqueOrThrow({ where: { id: mediaId } })).storageKey!);
        await deleteMedia(context, of.caller, { mediaId });
      }
    }
    await moveTime(context, { hours: 2 });
    const failing = stuckAtFirst();
    await expect(purgeMedia(failing.context)).rejects.toThrow('object lock');
    const left = await Promise.all(keys.map(async (key) => ((await isKept(key)) ? [key] : [])));
    expect(left.flat()).toEqual(failing.stuck);
    await purgeMedia(context);
    expect(await isKept(failing.stuck[0]!)).toBe(false);
  });

  test('keeps no other rendition, of any team, and is reported', async () => {
    const posts = [await schedule(owner), await schedule(await createOwner(context)), await schedule(owner)];
    for (const { postId, channelIds } of posts) await bring(postId, channelIds[0]!, 'published');
    await moveTime(context, { days: 91 });
    const failing = stuckAtFirst();
    await expect(purgeRenditions(failing.context)).rejects.toThrow('object lock');
    const left = await context.db.rendition.findMany({
      where: { postId: { in: posts.map(({ postId }) => postId) } },
    });
    expect(left.map((row) => row.storageKey)).toEqual(failing.stuck);
    await purgeRenditions(context);
    expect(await isKept(failing.stuck[0]!)).toBe(false);
  });

  test('keeps no other post in the trash, of any team', async () => {
    const posts = [await schedule(owner), await schedule(await createOwner(context)), await schedule(owner)];
    const ids = posts.map(({ postId }) => postId);
    const discardedAt = new Date(Date.now() - 31 * 86_400_000);
    await context.db.post.updateMany({ where: { id: { in: ids } }, data: { discardedAt } });
    const failing = stuckAtFirst();
    await expect(purgeDiscarded(failing.context)).rejects.toThrow('object lock');
    const left = await context.db.post.findMany({ where: { id: { in: ids } } });
    const stuckPost = posts.find((post) => post.storageKey === failing.stuck[0]);
    expect(left.map(({ id }) => id)).toEqual([stuckPost!.postId]);
    expect(await purgeDiscarded(context)).toBe(1);
  });

  test('takes a minute of a run at most, with all others like it', async () => {
    for (const width of [130, 140, 150]) {
      await deleteMedia(context, owner.caller, { mediaId: await add(owner, width) });
    }
    await moveTime(context, { hours: 2 });
    vi.useFakeTimers({ toFake: ['performance'] });
    let tries = 0;
    const remove = () => {
      tries += 1;
      vi.advanceTimersByTime(40_000);
      return Promise.reject(new Error('no answer'));
    };
    const away = { ...context, mediaStore: { ...context.mediaStore, remove } };
    await expect(purgeMedia(away)).rejects.toThrow('no answer');
    vi.useRealTimers();
    expect(tries).toBe(2);
  });
});

test('deleted pictures go also when unused places cannot be looked for', async () => {
  const mediaId = await add(owner, 160);
  const { storageKey } = await context.db.media.findUniqueOrThrow({ where: { id: mediaId } });
  await deleteMedia(context, owner.caller, { mediaId });
  await requestUpload(context, owner.caller, {});
  await moveTime(context, { days: 3 });
  const tables = connectOwner(context.config.databaseUrl!);
  await tables.query('alter table revision_media rename to elsewhere');
  await expect(purgeMedia(context)).rejects.toThrow('revision_media');
  await tables.query('alter table elsewhere rename to revision_media');
  await tables.end();
  expect(await isKept(storageKey!)).toBe(false);
});
