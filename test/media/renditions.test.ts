import { createHash } from 'node:crypto';

import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { addPicture } from '../../server/media/add-picture.ts';
import type { MediaStore } from '../../server/media/media-store.ts';
import { makeRenditions, readPictures, readRenditions } from '../../server/media/renditions.ts';
import { storageKeyOf } from '../../server/media/storage-key.ts';
import { readThumbnail } from '../../server/media/thumbnail.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { purgeDiscarded } from '../../server/posts/purge-discarded.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';
import { photo } from './pictures.ts';

let context: Context;
let owner: TestOwner;
let campaignId: string;
const channels: Record<string, string> = {};

beforeAll(async () => {
  context = await openTestContext();
  owner = await createOwner(context);
  ({ campaignId } = await createCampaign(context, owner.caller, { name: 'Launch', goal: 'Be seen' }));
  for (const imitates of ['x', 'linkedin', 'instagram', 'bluesky']) {
    const { id } = await context.db.channel.create({
      data: {
        ...{ id: newId('channel'), teamId: owner.team.id, network: 'playground', imitates },
        ...{ handle: imitates, remoteAccountId: `practice-${imitates}` },
      },
    });
    channels[imitates] = id;
  }
});
afterAll(async () => context[Symbol.asyncDispose]());

async function renditionsOf(place: { postId: string; rev: number; channelId: string }) {
  return readRenditions(context, place, await readPictures(context, place));
}

async function addMedia(bytes: Uint8Array): Promise<string> {
  const { width, height, format } = await sharp(bytes).metadata();
  const contentHash = new Uint8Array(createHash('sha256').update(bytes).digest());
  const storageKey = storageKeyOf(owner.team.id, contentHash);
  const mimeType = `image/${format}`;
  await context.mediaStore.put(storageKey, bytes, mimeType);
  const id = newId('media');
  await context.db.media.create({
    data: {
      ...{ id, teamId: owner.team.id, state: 'ready', source: 'upload', mimeType, width, height },
      ...{ byteCount: bytes.byteLength, storageKey, contentHash, originHash: contentHash },
      createdByPersonId: owner.person.id,
    },
  });
  return id;
}

async function addPost(mediaIds: readonly string[], networks: readonly string[]) {
  const channelIds = networks.map((network) => channels[network]!);
  const { postId, rev } = await createPost(context, owner.caller, {
    ...{ campaignId, channelIds, text: `Look at this ${newId('post')}` },
  });
  const place = { teamId: owner.team.id, postId, rev };
  await context.db.revisionMedia.createMany({
    data: mediaIds.map((mediaId, index) => ({
      ...place,
      ...{ mediaId, position: index + 1, altText: `Picture ${index + 1}`, focalX: 1, focalY: 0.5 },
    })),
  });
  return { ...place, channelIds };
}

const rowsOf = (postId: string) =>
  context.db.rendition.findMany({ where: { postId }, orderBy: [{ channelId: 'asc' }, { position: 'asc' }] });

test('each channel gets what its network takes; what fits is the library file itself', async () => {
  const wide = await photo(2400, 1000);
  const mediaId = await addMedia(wide);
  const post = await addPost([mediaId], ['x', 'instagram', 'bluesky']);
  await makeRenditions(context, post);
  const [forX, forInstagram, forBluesky] = await Promise.all(
    post.channelIds.map(async (channelId) => (await renditionsOf({ ...post, channelId }))[0]!),
  );
  const media = await context.db.media.findUniqueOrThrow({ where: { id: mediaId } });
  expect(forX).toMatchObject({
    width: 2400,
    height: 1000,
    storageKey: media.storageKey,
    altText: 'Picture 1',
  });
  expect(forInstagram!.width / forInstagram!.height).toBeLessThanOrEqual(1.91);
  expect(forInstagram!.width).toBeLessThanOrEqual(1440);
  expect(forBluesky!.width).toBe(2000);
  expect(forBluesky!.byteCount).toBeLessThanOrEqual(976_000);
  for (const part of [forX, forInstagram, forBluesky]) {
    const bytes = await part!.read();
    expect(bytes.byteLength).toBe(part!.byteCount);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(part!.contentHash);
    const { width, height, format } = await sharp(bytes).metadata();
    expect([width, height, `image/${format}`]).toEqual([part!.width, part!.height, part!.mimeType]);
  }
});

test('a cut keeps the focal point', async () => {
  const source = await sharp({ create: { width: 1500, height: 500, channels: 3, background: '#0000ff' } })
    .composite([
      {
        input: { create: { width: 500, height: 500, channels: 3, background: '#ff0000' } },
        left: 1000,
        top: 0,
      },
    ])
    .jpeg()
    .toBuffer();
  const post = await addPost([await addMedia(source)], ['instagram']);
  await makeRenditions(context, post);
  const [part] = await renditionsOf({ ...post, channelId: post.channelIds[0]! });
  const { data, info } = await sharp(await part!.read())
    .raw()
    .toBuffer({ resolveWithObject: true });
  const lastPixel = data.subarray(data.length - info.channels);
  expect([lastPixel[0]! > 200, lastPixel[2]! < 50]).toEqual([true, true]);
});

test('ten calls at once leave the renditions of one, and another call changes nothing', async () => {
  const post = await addPost(
    [await addMedia(await photo(2300, 900)), await addMedia(await photo(700, 800))],
    ['x', 'instagram'],
  );
  await Promise.all(Array.from({ length: 10 }, () => makeRenditions(context, post)));
  const rows = await rowsOf(post.postId);
  expect(rows).toHaveLength(4);
  await makeRenditions(context, post);
  expect(await rowsOf(post.postId)).toEqual(rows);
});

test('networks that want the same get the same file', async () => {
  const drawing = await sharp({ create: { width: 5000, height: 300, channels: 4, background: '#123456' } })
    .webp()
    .toBuffer();
  const post = await addPost([await addMedia(drawing)], ['x', 'bluesky', 'linkedin']);
  await makeRenditions(context, post);
  const again = await addPost([await addMedia(drawing)], ['x', 'linkedin']);
  await makeRenditions(context, again);
  const keyOf = async (postId: string, network: string) =>
    (await rowsOf(postId)).find(({ channelId }) => channelId === channels[network])!.storageKey;
  expect(await keyOf(post.postId, 'x')).toBe(await keyOf(again.postId, 'x'));
  expect(await keyOf(post.postId, 'linkedin')).toBe(await keyOf(again.postId, 'linkedin'));
});

test('files are put one at a time, each to be there before its transaction ends by itself', async () => {
  const [asked, putting]: [(number | undefined)[], string[]] = [[], []];
  let atOnce = 0;
  const mediaStore: MediaStore = {
    ...context.mediaStore,
    async put(...file) {
      asked.push(file[3]);
      atOnce = Math.max(atOnce, putting.push(file[0]));
      await context.mediaStore.put(...file);
      putting.pop();
    },
  };
  const post = await addPost([await addMedia(await photo(2700, 1300))], ['instagram', 'bluesky', 'x']);
  await makeRenditions({ ...context, mediaStore }, post);
  expect(await rowsOf(post.postId)).toHaveLength(3);
  expect({ asked, atOnce }).toEqual({ asked: [8000, 8000], atOnce: 1 });
});

test('renditions outlive the picture in the library; a picture that is gone before cannot be scheduled', async () => {
  const mediaId = await addMedia(await photo(1200, 700));
  const made = await addPost([mediaId], ['x']);
  await makeRenditions(context, made);
  const late = await addPost([mediaId], ['x']);
  await context.db.media.update({ where: { id: mediaId }, data: { state: 'deleted' } });
  await makeRenditions(context, made);
  expect(await renditionsOf({ ...made, channelId: channels['x']! })).toHaveLength(1);
  await expect(makeRenditions(context, late)).rejects.toMatchObject({
    kind: 'Conflict',
    details: { code: 'media_deleted', field: 'media_ids' },
  });
  expect(await rowsOf(late.postId)).toEqual([]);
});

test('a picture that cannot be cut to the shape of a network is refused by name, and nothing is left of the attempt', async () => {
  const strip = await addMedia(
    await sharp({ create: { width: 3000, height: 200, channels: 3, background: '#888' } })
      .jpeg()
      .toBuffer(),
  );
  const post = await addPost([await addMedia(await photo(900, 900)), strip], ['x', 'instagram']);
  await expect(makeRenditions(context, post)).rejects.toMatchObject({
    kind: 'InvalidInput',
    details: {
      code: 'picture_breaks_rule',
      ruleId: 'picture_aspect',
      message: expect.stringMatching(
        new RegExp(`^Picture 2 \\(${strip}\\) cannot go to Instagram on channel ${channels['instagram']}: `),
      ) as string,
    },
  });
  expect(await rowsOf(post.postId)).toEqual([]);
  await makeRenditions(context, { ...post, channelIds: [channels['x']!] });
  expect(await rowsOf(post.postId)).toHaveLength(2);
});

test('a plain picture of many pixels is taken, shown small and drawn for a network', async () => {
  const plain = await sharp({ create: { width: 4000, height: 3000, channels: 3, background: '#2a6' } })
    .jpeg({ quality: 100, chromaSubsampling: '4:4:4', optimiseCoding: false })
    .toBuffer();
  const bytes = new Uint8Array(plain);
  const { id } = await addPicture(context, owner.caller, { source: 'upload', bytes });
  const { storageKey, width, height, byteCount } = await context.db.media.findUniqueOrThrow({
    where: { id },
  });
  expect(byteCount! * 100).toBeLessThan(width! * height!);
  const small = await readThumbnail(context, { storageKey: storageKey!, width: width!, height: height! });
  expect(await sharp(small).metadata()).toMatchObject({ width: 480, height: 360 });
  const post = await addPost([id], ['bluesky']);
  await makeRenditions(context, post);
  expect(await rowsOf(post.postId)).toMatchObject([{ width: 2000, height: 1500 }]);
});

test('a picture that cannot be drawn is refused by its name and that of the channel', async () => {
  const mediaId = await addMedia(await photo(2400, 2400));
  const { storageKey } = await context.db.media.findUniqueOrThrow({ where: { id: mediaId } });
  await context.mediaStore.put(storageKey!, new Uint8Array(5000).fill(7), 'image/jpeg');
  const post = await addPost([mediaId], ['bluesky']);
  await expect(makeRenditions(context, post)).rejects.toMatchObject({
    kind: 'InvalidInput',
    details: {
      ...{ code: 'picture_breaks_rule', field: 'media_ids', ruleId: 'picture_refused' },
      message: expect.stringMatching(
        new RegExp(`^Picture 1 \\(${mediaId}\\) cannot go to Bluesky on channel ${channels['bluesky']}: `),
      ) as string,
    },
  });
});

test('more pictures than a network takes are refused', async () => {
  const mediaId = await addMedia(await photo(90, 90));
  const post = await addPost(Array<string>(5).fill(mediaId), ['bluesky']);
  await expect(makeRenditions(context, post)).rejects.toMatchObject({
    details: { code: 'picture_breaks_rule', ruleId: 'picture_count' },
  });
});

test('what is missing when it is sent is made then; a post without pictures has none', async () => {
  const post = await addPost([await addMedia(await photo(2500, 2500))], ['x']);
  const place = { postId: post.postId, rev: post.rev, channelId: channels['x']! };
  expect(await renditionsOf(place)).toHaveLength(1);
  const bare = await addPost([], ['x']);
  expect(await renditionsOf({ ...place, postId: bare.postId })).toEqual([]);
});

test('another team reads and makes nothing of it', async () => {
  const post = await addPost([await addMedia(await photo(2500, 500))], ['x']);
  const other = await createOwner(context);
  await makeRenditions(context, { ...post, teamId: other.team.id });
  expect(await rowsOf(post.postId)).toEqual([]);
});

test('a post that leaves the trash takes the files with it that only it needed', async () => {
  const kept = await addMedia(await photo(2400, 1100));
  const post = await addPost([kept], ['x', 'instagram']);
  await makeRenditions(context, post);
  const [forX, forInstagram] = await Promise.all(
    post.channelIds.map(async (channelId) => (await renditionsOf({ ...post, channelId }))[0]!),
  );
  await context.db.post.update({
    where: { id: post.postId },
    data: { discardedAt: new Date(Date.now() - 31 * 86_400_000) },
  });
  expect(await purgeDiscarded(context)).toBe(1);
  await expect(forInstagram!.read()).rejects.toThrow('cannot be read');
  expect((await forX!.read()).byteLength).toBe(forX!.byteCount);
});

test('a file that cannot be removed keeps its post, and goes with it as soon as it can', async () => {
  const [first, second, bare] = [
    await addPost([await addMedia(await photo(2400, 1120))], ['instagram', 'bluesky']),
    await addPost([await addMedia(await photo(2400, 1130))], ['instagram', 'bluesky']),
    await addPost([], ['x']),
  ];
  for (const post of [first, second]) await makeRenditions(context, post);
  const postIds = [first, second, bare].map(({ postId }) => postId);
  await context.db.post.updateMany({
    where: { id: { in: postIds } },
    data: { discardedAt: new Date(Date.now() - 31 * 86_400_000) },
  });
  const keys = (await context.db.rendition.findMany({ where: { postId: { in: postIds } } })).map(
    ({ storageKey }) => storageKey,
  );
  expect(new Set(keys).size).toBe(4);
  let removals = 0;
  const remove = async (key: string) => {
    removals += 1;
    if (removals > 3) throw new Error('the disk is read-only');
    await context.mediaStore.remove(key);
  };
  const failing = { ...context, mediaStore: { ...context.mediaStore, remove } };
  await expect(purgeDiscarded(failing)).rejects.toThrow('read-only');
  const named = await context.db.rendition.findMany({ where: { storageKey: { in: keys } } });
  expect(named).toHaveLength(3);
  expect(await context.db.post.count({ where: { id: bare.postId } })).toBe(0);
  expect(await purgeDiscarded(context)).toBe(2);
  expect(await Promise.all(keys.map((key) => context.mediaStore.find(key)))).toEqual(Array(4).fill(null));
});
