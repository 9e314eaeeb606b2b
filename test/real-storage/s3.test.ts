import { createHash, randomBytes } from 'node:crypto';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readConfig } from '../../server/config.ts';
import { openMediaStore } from '../../server/media/open-media-store.ts';
import { addPicture } from '../../server/media/add-picture.ts';
import { deleteMedia } from '../../server/media/delete-media.ts';
import type { MediaStore } from '../../server/media/media-store.ts';
import { purgeMedia } from '../../server/media/purge-media.ts';
import { moveTime } from '../support/move-time.ts';
import { createOwner, openTestContext } from '../support/test-context.ts';
import { startTestServer } from '../support/test-server.ts';
import { startRealS3, type RealS3 } from './real-s3.ts';

let s3: RealS3;
let store: MediaStore;

const open = (settings: Record<string, string>) =>
  openMediaStore(readConfig({ ...s3.settings, ...settings }));
const newKey = () => `team_${'0'.repeat(32)}/${createHash('sha256').update(randomBytes(8)).digest('hex')}`;

beforeAll(async () => {
  s3 = await startRealS3();
  store = open({});
});
afterAll(async () => {
  await store.close();
  await s3[Symbol.asyncDispose]();
});

test('a file is written, read by another process, and removed, each twice', async () => {
  const key = newKey();
  const bytes = new Uint8Array(randomBytes(300_000));
  const another = open({});
  expect(await store.find(key)).toBeNull();
  for (let run = 0; run < 2; run += 1) await store.put(key, bytes, 'image/jpeg');
  expect(Buffer.compare(await another.read(key), bytes)).toBe(0);
  for (let run = 0; run < 2; run += 1) await store.remove(key);
  expect(await another.find(key)).toBeNull();
  await expect(another.read(key)).rejects.toMatchObject({ details: { code: 'media_unreadable' } });
  await another.close();
});

test('the small version lies beside it', async () => {
  const key = `${newKey()}-thumbnail`;
  await store.put(key, new Uint8Array([1, 2, 3]), 'image/webp');
  expect([...(await store.read(key))]).toEqual([1, 2, 3]);
});

test('what is no key of ours never reaches the server', async () => {
  for (const key of ['../secret', 'a/b', `/${newKey()}`, `${newKey()}/..`, `${newKey()}?acl`, '']) {
    await expect(store.put(key, new Uint8Array(1), 'image/png')).rejects.toThrow('not the key');
    await expect(store.read(key)).rejects.toThrow('not the key');
    await expect(store.remove(key)).rejects.toThrow('not the key');
  }
});

describe('the check at the start', () => {
  test('is content with settings that work, and leaves nothing behind', async () => {
    await expect(store.check()).resolves.toBeUndefined();
  });

  test.each([
    ['S3_SECRET_ACCESS_KEY', 'wrong', 'SignatureDoesNotMatch'],
    ['S3_ACCESS_KEY_ID', 'NOBODY', 'InvalidAccessKeyId'],
    ['S3_BUCKET', 'another-bucket', 'NoSuchBucket'],
  ])('names %s when it is wrong', async (field, value, code) => {
    const wrong = open({ [field]: value });
    await expect(wrong.check()).rejects.toMatchObject({
      kind: 'InvalidInput',
      details: { code: 'invalid_setting', field },
      message: expect.stringMatching(
        new RegExp(`${code}.*${field === 'S3_BUCKET' ? value : field}`),
      ) as string,
    });
    await expect(wrong.check()).rejects.not.toMatchObject({
      message: expect.stringContaining('S3RVER') as string,
    });
    await wrong.close();
  });

  test('keeps a server from starting, with one sentence', async () => {
    const starting = startTestServer({ ...s3.settings, S3_BUCKET: 'another-bucket' });
    await expect(starting).rejects.toThrow('there is no bucket another-bucket');
  });
});

test('a library on S3: a picture is kept, shown, deleted, and its file goes', async () => {
  const context = await openTestContext(s3.settings);
  const owner = await createOwner(context);
  const bytes = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#246' } })
    .png()
    .toBuffer();
  const media = await addPicture(context, owner.caller, { source: 'upload', bytes });
  const { storageKey } = await context.db.media.findUniqueOrThrow({ where: { id: media.id } });
  expect((await store.read(storageKey!)).byteLength).toBe(media.byteCount);
  await deleteMedia(context, owner.caller, { mediaId: media.id });
  await moveTime(context, { hours: 2 });
  await purgeMedia(context);
  expect(await store.find(storageKey!)).toBeNull();
  await context[Symbol.asyncDispose]();
});
