import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import { newId } from '../../server/ids.ts';
import { addCard } from '../../server/media/add-card.ts';
import { addPicture } from '../../server/media/add-picture.ts';
import { cleanFilename } from '../../server/media/clean-filename.ts';
import { deleteMedia } from '../../server/media/delete-media.ts';
import { getLibraryFacts } from '../../server/media/library-facts.ts';
import { listMedia } from '../../server/media/list-media.ts';
import type { MediaDetails } from '../../server/media/media-details.ts';
import type { MediaInput } from '../../server/media/new-media.ts';
import { purgeMedia } from '../../server/media/purge-media.ts';
import { purgeRenditions } from '../../server/media/purge-renditions.ts';
import { removeUnusedFile } from '../../server/media/remove-unused-file.ts';
import { requestUpload } from '../../server/media/request-upload.ts';
import { findUpload, receiveUpload } from '../../server/media/receive-upload.ts';
import { lockStorageKey } from '../../server/media/storage-key.ts';
import { updateMedia } from '../../server/media/update-media.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { updatePost } from '../../server/posts/update-post.ts';
import { connectClient } from '../domain/connect-client.ts';
import { moveTime } from '../support/move-time.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';
import { callTool } from '../tools/call-tool.ts';
import { photo } from './pictures.ts';

let context: Context;
let roomy: Context;
let made = 0;

beforeAll(async () => {
  context = await openTestContext({ MEDIA_QUOTA_MB: '0.06' });
  roomy = { ...context, config: { ...context.config, media: { ...context.config.media, quotaBytes: 1e7 } } };
});
afterAll(() => context[Symbol.asyncDispose]());

const newPhoto = async (width = 100 + ++made) => new Uint8Array(await photo(width, 80));
const add = async (owner: TestOwner, bytes?: Uint8Array) =>
  addPicture(context, owner.caller, { source: 'upload', bytes: bytes ?? (await newPhoto()) });
const rowOf = (id: string) => context.db.media.findUniqueOrThrow({ where: { id } });

async function draftWith(owner: TestOwner, mediaIds: string[]) {
  const { campaignId } = await createCampaign(context, owner.caller, { name: 'Spring', goal: 'Be seen' });
  const input = { campaignId, channelIds: [owner.playgroundChannelId], text: `Look ${++made}`, mediaIds };
  return (await createPost(context, owner.caller, input)).postId;
}

describe('one file for the same bytes', () => {
  test('the same file, ten times at once, is one picture', async () => {
    const owner = await createOwner(context);
    const bytes = await newPhoto();
    const media = await Promise.all(Array.from({ length: 10 }, () => add(owner, bytes)));
    expect(new Set(media.map(({ id }) => id)).size).toBe(1);
    expect(media.every(({ state }) => state === 'ready')).toBe(true);
  });

  test('the same card is the same picture, described by its own words', async () => {
    const owner = await createOwner(context);
    const card = { title: 'Ship it', subtitle: 'Every Friday' };
    const [first, second] = [
      await addCard(roomy, owner.caller, { card }),
      await addCard(roomy, owner.caller, { card }),
    ];
    expect(second.id).toBe(first.id);
    expect(first.altText).toBe('Ship it. Every Friday');
    const other = await addCard(roomy, owner.caller, { card: { ...card, theme: 'dark' } });
    expect(other.id).not.toBe(first.id);
  });

  test('what is said when a picture comes again fills what was empty, adds tags and changes nothing', async () => {
    const owner = await createOwner(context);
    const { campaignId } = await createCampaign(context, owner.caller, { name: 'Hills', goal: 'Be seen' });
    const bytes = await newPhoto();
    const say = (input: MediaInput) =>
      addPicture(context, owner.caller, { source: 'upload', bytes, ...input });
    const { id } = await say({ tags: ['hill'] });
    const postId = await draftWith(owner, [id]);
    const said = { altText: 'A green hill', tags: ['hill', 'green'] };
    expect(await say({ altText: ' A green hill ', tags: ['green'], campaignId })).toMatchObject({
      ...{ id, campaignId, ...said },
    });
    expect(await say({ altText: 'Another', tags: ['green'] })).toMatchObject({ id, campaignId, ...said });
    const inDraft = await context.db.revisionMedia.findFirstOrThrow({ where: { postId } });
    expect(inDraft.altText).toBe('A green hill');
    const changes = await context.db.activity.count({ where: { action: 'media.changed', target: id } });
    expect(changes).toBe(1);
  });

  test('upload_media says when what it was told of a known picture was not taken', async () => {
    const owner = await createOwner(context);
    const { caller } = await connectClient(roomy, owner);
    const upload = async (input: object) =>
      callTool(roomy, caller, 'upload_media', { card: { title: 'A tool says it' }, ...input });
    const taken = { media_id: expect.any(String) as string, state: 'ready' };
    expect(await upload({ tags: ['a'] })).toHaveProperty('output', taken);
    expect(await upload({ alt_text: 'A tool says it', tags: ['b'] })).toHaveProperty('output', taken);
    expect(await upload({ alt_text: 'Something else' })).toHaveProperty('output', {
      ...taken,
      problem: 'It was in the library already; its description stays: change it with update_media.',
    });
  });

  test('teams share nothing', async () => {
    const [one, two] = [await createOwner(context), await createOwner(context)];
    const bytes = await newPhoto();
    const [first, second] = [await add(one, bytes), await add(two, bytes)];
    expect(second.id).not.toBe(first.id);
    const [firstRow, secondRow] = [await rowOf(first.id), await rowOf(second.id)];
    expect(firstRow.storageKey!.startsWith(`${one.team.id}/`)).toBe(true);
    expect(secondRow.storageKey!.startsWith(`${two.team.id}/`)).toBe(true);
  });

  test('a picture that was deleted comes back as a new one, and its file stays', async () => {
    const owner = await createOwner(context);
    const bytes = await newPhoto();
    const first = await add(owner, bytes);
    await deleteMedia(context, owner.caller, { mediaId: first.id });
    await moveTime(context, { hours: 2 });
    const [second] = await Promise.all([add(owner, bytes), purgeMedia(context), purgeMedia(context)]);
    await purgeMedia(context);
    expect(second.id).not.toBe(first.id);
    const { storageKey, byteCount } = await rowOf(second.id);
    expect((await context.mediaStore.read(storageKey!)).byteLength).toBe(byteCount);
  });

  test.each([
    ['lost', (key: string) => context.mediaStore.remove(key)],
    ['cut short', (key: string) => context.mediaStore.put(key, new Uint8Array(9), 'image/jpeg')],
  ] as const)('a file that was %s is whole again when its picture comes again', async (_, harm) => {
    const owner = await createOwner(context);
    const bytes = await newPhoto();
    const { id } = await add(owner, bytes);
    const { storageKey, byteCount } = await rowOf(id);
    await harm(storageKey!);
    expect((await add(owner, bytes)).id).toBe(id);
    expect((await context.mediaStore.read(storageKey!)).byteLength).toBe(byteCount);
  });

  test('a card whose file was lost is whole again when it is drawn again', async () => {
    const owner = await createOwner(context);
    const card = { title: 'Lost and found' };
    const { id } = await addCard(roomy, owner.caller, { card });
    const { storageKey, byteCount } = await rowOf(id);
    await context.mediaStore.remove(storageKey!);
    expect((await addCard(roomy, owner.caller, { card })).id).toBe(id);
    expect((await context.mediaStore.read(storageKey!)).byteLength).toBe(byteCount);
  });

  test('keeping and removing the same bytes at once never leaves a picture without its file', async () => {
    const owner = await createOwner(context);
    const bytes = await newPhoto();
    for (let round = 0; round < 10; round += 1) {
      const { id } = await add(owner, bytes);
      await deleteMedia(context, owner.caller, { mediaId: id });
      await moveTime(context, { hours: 2 });
      const [again] = await Promise.all([add(owner, bytes), purgeMedia(context)]);
      const { storageKey } = await rowOf(again.id);
      expect(await context.mediaStore.find(storageKey!)).not.toBeNull();
    }
  });
});

test('a file is not removed while somebody writes a row that names it', async () => {
  const owner = await createOwner(context);
  const { id } = await add(owner);
  const { teamId, storageKey } = await rowOf(id);
  await deleteMedia(context, owner.caller, { mediaId: id });
  let isSettled = false;
  const removal = await context.db.$transaction(async (tx) => {
    await lockStorageKey(tx, storageKey!, 'shared');
    const removing = removeUnusedFile(context, teamId, storageKey!).finally(() => (isSettled = true));
    const isWaiting = async () => {
      const [row] = await context.db.$queryRaw<{ count: number }[]>`
        select count(*)::int from pg_locks where locktype = 'advisory' and not granted`;
      return row!.count > 0;
    };
    await expect.poll(async () => isSettled || (await isWaiting())).toBe(true);
    await tx.media.update({ where: { id }, data: { state: 'ready' } });
    return { removing };
  });
  expect(await removal.removing).toBe(false);
  expect(await context.mediaStore.find(storageKey!)).not.toBeNull();
});

describe('the quota', () => {
  test('counts files once, names used and allowed, and is free again after a deletion', async () => {
    const owner = await createOwner(context);
    const kept: MediaDetails[] = [];
    let refusal: unknown;
    for (let at = 0; at < 60 && !refusal; at += 1) {
      await add(owner).then(
        (media) => kept.push(media),
        (error: unknown) => (refusal = error),
      );
    }
    expect(kept.length).toBeGreaterThan(3);
    expect(refusal).toMatchObject({
      kind: 'Conflict',
      details: {
        ...{ code: 'media_quota_reached', limit: 0.1, actual: 0.1 },
        nextStep: expect.stringContaining('for 90 days after a post is over') as string,
      },
      message: expect.stringMatching(/holds 0\.1 MB of the 0\.1 MB/) as string,
    });
    expect(kept.reduce((sum, { byteCount }) => sum + byteCount!, 0)).toBeLessThanOrEqual(60_000);
    await deleteMedia(context, owner.caller, { mediaId: kept[0]!.id });
    await expect(add(owner, await newPhoto(101))).resolves.toMatchObject({ state: 'ready' });
  });

  test('holds when many come at once', async () => {
    const owner = await createOwner(context);
    const pictures = await Promise.all(Array.from({ length: 40 }, () => newPhoto()));
    const results = await Promise.allSettled(pictures.map((bytes) => add(owner, bytes)));
    const [sum] = await context.db.$queryRaw<{ bytes: number }[]>`
      select sum(byte_count)::float8 as bytes from media where team_id = ${owner.team.id} and state <> 'deleted'`;
    expect(results.some(({ status }) => status === 'rejected')).toBe(true);
    expect(sum!.bytes).toBeLessThanOrEqual(60_000);
  });

  test('counts what comes through an upload link too', async () => {
    const owner = await createOwner(context);
    const { uploadUrl } = await requestUpload(context, owner.caller, {});
    const upload = await findUpload(context, uploadUrl.split('/').at(-1)!);
    const bytes = new Uint8Array(await photo(900, 700));
    await expect(receiveUpload(context, upload, { bytes, address: '127.0.0.1' })).rejects.toMatchObject({
      details: { code: 'media_quota_reached' },
    });
    expect(await rowOf(upload.id)).toMatchObject({
      state: 'awaiting_upload',
      problemCode: 'media_quota_reached',
    });
  });
});

describe('what posts keep of a picture', () => {
  test('counts in the quota when the picture is deleted', async () => {
    const owner = await createOwner(context);
    let keptBytes = 0;
    for (let round = 0; round < 3; round += 1) {
      const { id, byteCount } = await add(owner, await newPhoto(700 + round));
      keptBytes += byteCount!;
      const postId = await draftWith(owner, [id]);
      await schedulePost(context, owner.caller, { postId, expectedRev: 1, at: '2036-12-01T09:00' });
      await context.db.delivery.updateMany({ where: { postId }, data: { state: 'cancelled' } });
      await deleteMedia(context, owner.caller, { mediaId: id });
    }
    expect((await getLibraryFacts(context, owner.caller)).usedBytes).toBe(keptBytes);
    await expect(add(owner, await newPhoto(900))).rejects.toMatchObject({
      details: { code: 'media_quota_reached' },
    });
  });

  test('goes an hour after the post has another revision, and not before', async () => {
    const owner = await createOwner(roomy);
    const { caller, team } = owner;
    const { id } = await addPicture(roomy, caller, {
      ...{ source: 'upload', bytes: new Uint8Array(await photo(2400, 600)) },
    });
    const imitates = { network: 'playground', imitates: 'instagram', handle: 'pictures' };
    const channel = await context.db.channel.create({
      data: { ...imitates, id: newId('channel'), teamId: team.id, remoteAccountId: 'practice-pictures' },
    });
    const { campaignId } = await createCampaign(context, caller, { name: 'Autumn', goal: 'Be seen' });
    const { postId } = await createPost(context, caller, {
      ...{ campaignId, channelIds: [channel.id], text: 'Look here', mediaIds: [id] },
    });
    await schedulePost(roomy, caller, { postId, expectedRev: 1, at: '2036-12-01T09:00' });
    await updateMedia(context, caller, { mediaId: id, focalPoint: { x: 1, y: 1 } });
    await updatePost(roomy, caller, { postId, expectedRev: 1, changes: { mediaIds: [id] } });
    const renditions = () => context.db.rendition.findMany({ where: { postId }, orderBy: { rev: 'asc' } });
    const isThere = async (key: string) => (await context.mediaStore.find(key)) !== null;
    await purgeRenditions(context);
    const [before, after] = await renditions();
    expect([before!.rev, after!.rev]).toEqual([1, 2]);
    await moveTime(context, { hours: 2 });
    await purgeRenditions(context);
    expect((await renditions()).map(({ rev }) => rev)).toEqual([2]);
    expect([await isThere(before!.storageKey), await isThere(after!.storageKey)]).toEqual([false, true]);
  });
});

describe('a change of what is said about a picture', () => {
  test('reaches drafts, and nothing that was scheduled', async () => {
    const owner = await createOwner(context);
    const { id } = await add(owner);
    const [draft, placed] = [await draftWith(owner, [id]), await draftWith(owner, [id])];
    await schedulePost(context, owner.caller, { postId: placed, expectedRev: 1, at: '2036-12-01T09:00' });
    const hashOf = async (postId: string) =>
      Buffer.from(
        (await context.db.postRevision.findFirstOrThrow({ where: { postId } })).contentHash,
      ).toString('hex');
    const before = [await hashOf(draft), await hashOf(placed)];
    await updateMedia(context, owner.caller, { mediaId: id, altText: 'A hill', focalPoint: { x: 0, y: 1 } });
    const altOf = async (postId: string) =>
      (await context.db.revisionMedia.findFirstOrThrow({ where: { postId } })).altText;
    expect([await altOf(draft), await altOf(placed)]).toEqual(['A hill', null]);
    expect(await hashOf(draft)).not.toBe(before[0]);
    expect(await hashOf(placed)).toBe(before[1]);
    await updateMedia(context, owner.caller, { mediaId: id, altText: ' ' });
    expect((await rowOf(id)).altText).toBeNull();
  });
});

describe('a deletion', () => {
  test('waits for posts that go out with the picture, and names them', async () => {
    const owner = await createOwner(context);
    const { caller } = await connectClient(context, owner);
    const { id } = await add(owner);
    const postId = await draftWith(owner, [id]);
    await schedulePost(context, owner.caller, { postId, expectedRev: 1, at: '2036-12-01T09:00' });
    for (const state of ['scheduled', 'awaiting_approval', 'held', 'claimed']) {
      await context.db.delivery.updateMany({
        where: { postId },
        data: {
          state,
          ...(state === 'held' && { problemCode: 'campaign_paused' }),
          ...(state === 'claimed' && { leaseUntil: new Date(Date.now() + 60_000), fence: 1 }),
        },
      });
      const outcome = await callTool(context, caller, 'delete_media', { media_id: id });
      expect(outcome).toMatchObject({ isError: false, output: { state: 'ready', blocked_by: [postId] } });
    }
    await context.db.delivery.updateMany({ where: { postId }, data: { state: 'draft', dueAt: null } });
    const outcome = await callTool(context, caller, 'delete_media', { media_id: id });
    expect(outcome).toMatchObject({ isError: false, output: { state: 'deleted' } });
  });

  test('leaves the file while something that was placed needs it', async () => {
    const owner = await createOwner(context);
    const { id } = await add(owner);
    const postId = await draftWith(owner, [id]);
    await schedulePost(context, owner.caller, { postId, expectedRev: 1, at: '2036-12-01T09:00' });
    const { storageKey } = await rowOf(id);
    const rendition = await context.db.rendition.findFirstOrThrow({ where: { postId } });
    await context.db.delivery.updateMany({ where: { postId }, data: { state: 'cancelled' } });
    await deleteMedia(context, owner.caller, { mediaId: id });
    await moveTime(context, { hours: 2 });
    await purgeMedia(context);
    expect(await context.mediaStore.find(rendition.storageKey)).not.toBeNull();
    await context.db.rendition.deleteMany({ where: { postId } });
    await purgeMedia(context);
    expect(await context.mediaStore.find(storageKey!)).toBeNull();
    expect((await rowOf(id)).storageKey).toBeNull();
  });

  test('is no business of another team', async () => {
    const [one, two] = [await createOwner(context), await createOwner(context)];
    const { id } = await add(one);
    for (const run of [
      () => deleteMedia(context, two.caller, { mediaId: id }),
      () => updateMedia(context, two.caller, { mediaId: id, altText: 'mine' }),
    ]) {
      await expect(run()).rejects.toMatchObject({ kind: 'NotFound' });
    }
    expect(await rowOf(id)).toMatchObject({ state: 'ready', altText: null });
    for (const filter of [{}, { ids: [id] }]) {
      expect((await listMedia(context, two.caller, filter)).items).toEqual([]);
    }
  });
});

test('tools tell how the networks of the team take a picture', async () => {
  const owner = await createOwner(context);
  const { caller } = await connectClient(context, owner);
  const { id } = await add(owner);
  const listed = await callTool(context, caller, 'list_media', { ids: [id] });
  expect(listed).toMatchObject({
    isError: false,
    output: { items: [{ id, state: 'ready', type: 'jpeg', fit: { playground: 'ok' } }], next_cursor: null },
  });
  const added = await callTool(context, caller, 'upload_media', { filename: 'hill.jpg' });
  expect(added).toMatchObject({ isError: false, output: { state: 'awaiting_upload' } });
  const both = await callTool(context, caller, 'upload_media', {
    url: 'https://example.com/a.png',
    card: { title: 'x' },
  });
  expect(both).toMatchObject({ isError: true, error: { code: 'url_and_card' } });
});

test.each([
  ['../../etc/passwd', 'passwd'],
  ['C:\\Windows\\hill.jpg', 'hill.jpg'],
  ['hill\u202Egpj.exe', 'hillgpj.exe'],
  ['a\u0000b\r\nSet-Cookie: x', 'abSet-Cookie x'],
  ['"><script>.png', 'script.png'],
  ['...', null],
  ['', null],
  ['/', null],
  ['\uD800broken', '\uFFFDbroken'],
  ['x'.repeat(500), 'x'.repeat(120)],
  ['.htaccess', 'htaccess'],
])('the name %j is shown as %j', (name, shown) => expect(cleanFilename(name)).toBe(shown));
