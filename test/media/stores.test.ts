import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { readConfig } from '../../server/config.ts';
import { checkMediaStore } from '../../server/media/check-media-store.ts';
import { createDiskMediaStore } from '../../server/media/disk-media-store.ts';
import { MAX_SOURCE_BYTES } from '../../server/media/image-engine.ts';
import type { MediaStore } from '../../server/media/media-store.ts';
import { openMediaStore } from '../../server/media/open-media-store.ts';
import { createLog } from '../../server/log.ts';

const TEAM = `team_${'a'.repeat(32)}`;
const newKey = () => `${TEAM}/${createHash('sha256').update(randomBytes(8)).digest('hex')}`;
const WRONG_KEYS = [
  ...['', '/', '..', '../secret.key', `${TEAM}/../secret.key`, `/etc/passwd`, `${TEAM}/..%2f..%2fx`],
  ...[`${newKey()}/..`, `${newKey()}/../../x`, `${newKey()}\0`, `${newKey()}.jpg`, `${newKey()}\n`],
  ...[`${TEAM.toUpperCase()}/${'a'.repeat(64)}`, `..\\..\\x`, `per_${'a'.repeat(32)}/${'a'.repeat(64)}`],
];

describe('on disk', () => {
  let root: string;
  let store: MediaStore;
  beforeAll(async () => {
    root = await mkdtemp(path.join(os.tmpdir(), 'grantcast-media-'));
    await writeFile(path.join(root, 'secret.key'), 'secret');
    store = createDiskMediaStore(path.join(root, 'media'));
  });
  afterAll(() => rm(root, { recursive: true, force: true }));

  test('a file is there for its owner alone, whole, and gone after its removal', async () => {
    const key = newKey();
    const bytes = new Uint8Array(randomBytes(5000));
    expect(await store.find(key)).toBeNull();
    await Promise.all(Array.from({ length: 8 }, () => store.put(key, bytes, 'image/png')));
    expect(Buffer.compare(await store.read(key), bytes)).toBe(0);
    const file = path.join(root, 'media', key);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700);
    expect(await readdir(path.dirname(file))).toHaveLength(1);
    await store.remove(key);
    await store.remove(key);
    expect(await store.find(key)).toBeNull();
    await expect(store.read(key)).rejects.toMatchObject({ details: { code: 'media_unreadable' } });
  });

  test.each(WRONG_KEYS)('%j is no key: nothing is written, read or removed', async (key) => {
    await expect(async () => store.put(key, new Uint8Array(1), 'image/png')).rejects.toThrow('not the key');
    await expect(async () => store.read(key)).rejects.toThrow('not the key');
    await expect(async () => store.remove(key)).rejects.toThrow('not the key');
    expect((await readdir(root)).toSorted()).toEqual(['media', 'secret.key']);
  });

  test('a link that lies in the place of a file is not followed', async () => {
    const key = newKey();
    await mkdir(path.join(root, 'media', TEAM), { recursive: true });
    await symlink(path.join(root, 'secret.key'), path.join(root, 'media', key));
    await expect(store.read(key)).rejects.toMatchObject({ details: { code: 'media_unreadable' } });
  });

  test('a disk that takes nothing is said to, and leaves no half file', async () => {
    const full = createDiskMediaStore(path.join(root, 'secret.key', 'media'));
    const written = full.put(newKey(), new Uint8Array(1), 'image/png');
    await expect(written).rejects.toMatchObject({
      kind: 'Unavailable',
      details: { code: 'media_unwritable' },
    });
  });
});

describe('on S3, when the server fails', () => {
  let server: Server;
  let store: MediaStore;
  let answers: ((request: IncomingMessage, response: ServerResponse) => void)[];
  let asked: string[];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.method} ${request.url}`);
      request.resume();
      request.on('end', () => (answers.shift() ?? (() => response.end()))(request, response));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    store = openMediaStore(settingsFor((server.address() as AddressInfo).port));
  });
  beforeEach(() => {
    answers = [];
    asked = [];
  });
  afterAll(async () => {
    await store.close();
    server.closeAllConnections();
    server.close();
  });

  const settingsFor = (port: number) =>
    readConfig({
      ...{ S3_BUCKET: 'media', S3_ACCESS_KEY_ID: 'key', S3_SECRET_ACCESS_KEY: 'a secret' },
      S3_ENDPOINT: `http://127.0.0.1:${port}`,
    });
  const fails = (status: number, code: string) => (_: IncomingMessage, response: ServerResponse) =>
    response
      .writeHead(status)
      .end(`<Error><Code>${code}</Code><Message>ignore previous instructions</Message></Error>`);
  const breaks = (request: IncomingMessage) => request.socket.destroy();

  test('it is tried again: twice after 5xx, 429 and broken connections', async () => {
    const key = newKey();
    answers = [fails(503, 'SlowDown'), breaks];
    await store.put(key, new Uint8Array([1]), 'image/png');
    expect(asked).toEqual(Array(3).fill(`PUT /media/${key}`));
    answers = [fails(500, 'InternalError'), fails(429, 'TooMany'), (_, response) => response.end('x')];
    expect(await store.read(key)).toHaveLength(1);
  });

  test.each([
    ['put', 'media_unwritable'],
    ['read', 'media_unreadable'],
    ['remove', 'media_unwritable'],
  ] as const)('%s gives up as %s, in words of ours', async (verb, code) => {
    for (const failure of [fails(500, 'InternalError'), fails(403, 'AccessDenied'), breaks]) {
      answers = [failure, failure, failure];
      const error = await store[verb](newKey(), new Uint8Array(1), 'image/png').catch(
        (thrown: unknown) => thrown,
      );
      expect(error).toMatchObject({ kind: 'Unavailable', details: { code } });
      expect((error as Error).message).not.toMatch(/ignore|secret|127\.0\.0\.1/);
    }
  });

  test('one deadline holds for all tries together', async () => {
    answers = [() => {}];
    await expect(store.put(newKey(), new Uint8Array(1), 'image/png', 900)).rejects.toMatchObject({
      details: { code: 'media_unwritable' },
    });
    expect(asked).toHaveLength(1);
  });

  test('a refusal is not tried again', async () => {
    answers = [fails(403, 'AccessDenied')];
    await expect(store.read(newKey())).rejects.toThrow();
    expect(asked).toHaveLength(1);
  });

  test('nothing is there only when the server says so, not when the bucket is missing', async () => {
    answers = [fails(404, 'NoSuchKey')];
    expect(await store.find(newKey())).toBeNull();
    answers = [fails(404, 'NoSuchBucket')];
    await expect(store.find(newKey())).rejects.toMatchObject({ details: { code: 'media_unreadable' } });
  });

  test.each(WRONG_KEYS)('%j never reaches it', async (key) => {
    await expect(store.put(key, new Uint8Array(1), 'image/png')).rejects.toThrow('not the key');
    await expect(store.read(key)).rejects.toThrow('not the key');
    await expect(store.remove(key)).rejects.toThrow('not the key');
    expect(asked).toEqual([]);
  });

  test.each([
    ['AccessDenied', 403, 'S3_ACCESS_KEY_ID', 'GetObject, PutObject and DeleteObject'],
    ['AuthorizationHeaderMalformed', 400, 'S3_REGION', 'us-east-1'],
    ['RequestTimeTooSkewed', 403, 'S3_ENDPOINT', 'clock'],
    ['Whatever', 400, 'S3_ENDPOINT', 'S3_FORCE_PATH_STYLE'],
  ])('the check says what %s means', async (code, status, field, words) => {
    answers = [fails(status, code)];
    const error = await store.check().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ kind: 'InvalidInput', details: { code: 'invalid_setting', field } });
    expect((error as Error).message).toContain(words);
  });

  test('a server that is away is logged at the start, and stops nothing', async () => {
    const away = openMediaStore(settingsFor(1));
    await expect(away.check()).rejects.toMatchObject({ details: { code: 'media_store_unreachable' } });
    await expect(checkMediaStore({ mediaStore: away, log: createLog('silent') })).resolves.toBeUndefined();
    await away.close();
  });
});

test.each([
  [{ S3_BUCKET: 'media' }, 'set all three'],
  [{ S3_ACCESS_KEY_ID: 'key', S3_SECRET_ACCESS_KEY: 'secret' }, 'set all three'],
  [{ S3_ENDPOINT: 'http://127.0.0.1:9000' }, 'set all three'],
  [{ S3_BUCKET: '../media' }, 'S3_BUCKET'],
  [{ S3_REGION: 'us east' }, 'S3_REGION'],
  [{ MEDIA_MAX_MB: '25.1' }, /MEDIA_MAX_MB.*at most 25: the image engine takes no larger picture/s],
  [{ MEDIA_MAX_MB: '0' }, 'MEDIA_MAX_MB'],
])('the settings %j are refused with a sentence', (settings, words) => {
  expect(() => readConfig(settings)).toThrow(words);
});

test('the largest picture that may be set is the largest that the image engine takes', () => {
  expect(readConfig({ MEDIA_MAX_MB: '25' }).media.maxBytes).toBe(MAX_SOURCE_BYTES);
});
