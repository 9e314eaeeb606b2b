import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import type { PersonCaller } from '../../server/caller.ts';
import type { Context } from '../../server/context.ts';
import { deleteMedia } from '../../server/media/delete-media.ts';
import { listMedia } from '../../server/media/list-media.ts';
import type { MediaInput } from '../../server/media/new-media.ts';
import { purgeMedia } from '../../server/media/purge-media.ts';
import { requestUpload } from '../../server/media/request-upload.ts';
import { moveTime } from '../support/move-time.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { photo } from './pictures.ts';

const MAX_BYTES = 300_000;

let server: TestServer;
let context: Context;
let caller: PersonCaller;
let picture: Uint8Array<ArrayBuffer>;
let other: Uint8Array<ArrayBuffer>;

beforeAll(async () => {
  server = await startTestServer({ MEDIA_MAX_MB: '0.3', WORKERS: 'none', LOG_LEVEL: 'silent' });
  ({ context } = server.running);
  const member = await context.db.membership.findFirstOrThrow();
  caller = { kind: 'person', ...member, role: 'owner' };
  picture = new Uint8Array(await photo(320, 200));
  other = new Uint8Array(await photo(200, 320));
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  await context.pool.query('delete from rate_limit');
});

async function askForLink(input: MediaInput = {}) {
  const { uploadUrl, ...link } = await requestUpload(context, caller, input);
  // The server of the test is reached by its address, not by its name.
  return { ...link, url: uploadUrl.replace('localhost', '127.0.0.1') };
}

async function put(url: string, body: RequestInit['body'], init: RequestInit = {}) {
  const response = await fetch(url, { method: 'PUT', body, duplex: 'half', ...init } as RequestInit);
  return { response, status: response.status, answer: (await response.json()) as Record<string, unknown> };
}

async function look(id: string) {
  const { items } = await listMedia(context, caller, { ids: [id] });
  return items[0];
}

test('a file that is sent to the link is a picture of the library', async () => {
  const { url, mediaId } = await askForLink({ filename: '../../etc/hill.jpg', altText: 'A hill' });
  const sent = await put(url, picture);
  expect(sent).toMatchObject({ status: 200, answer: { media_id: mediaId, state: 'ready', w: 320, h: 200 } });
  expect(await look(mediaId)).toMatchObject({
    state: 'ready',
    filename: 'hill.jpg',
    altText: 'A hill',
    width: 320,
  });
  const row = await context.db.activity.findFirstOrThrow({
    where: { action: 'media.uploaded', target: mediaId },
  });
  expect(row).toMatchObject({
    actor: 'person',
    personId: caller.personId,
    result: 'ok',
    address: '127.0.0.1',
  });
});

test('curl -T sends a file', async () => {
  const { url, mediaId } = await askForLink({ filename: 'by-curl' });
  const file = path.join(context.config.dataDir, 'by-curl.jpg');
  await writeFile(file, picture);
  const { stdout } = await promisify(execFile)('curl', ['-sS', '-T', file, url]);
  expect(JSON.parse(stdout)).toMatchObject({ media_id: mediaId, state: 'ready' });
});

test('a body of unknown length is taken as well', async () => {
  const { url } = await askForLink({ filename: 'chunked' });
  const body = new ReadableStream({
    start(controller) {
      for (let at = 0; at < picture.length; at += 1000) controller.enqueue(picture.subarray(at, at + 1000));
      controller.close();
    },
  });
  expect(await put(url, body)).toMatchObject({ status: 200, answer: { state: 'ready' } });
});

test('the token is nowhere in the database', async () => {
  const { url } = await askForLink({ filename: 'secret' });
  const token = url.split('/').at(-1)!;
  const { rows } = await context.pool.query<{ dump: string }>('select media::text as dump from media');
  expect(rows.map(({ dump }) => dump).join()).not.toContain(token);
  expect(rows.map(({ dump }) => dump).join()).not.toContain(Buffer.from(token, 'base64url').toString('hex'));
});

test('the same file again gets the same answer, another file does not', async () => {
  const { url, mediaId } = await askForLink({ filename: 'twice' });
  const first = await put(url, picture);
  expect(await put(url, picture)).toMatchObject({ status: 200, answer: first.answer });
  expect(await put(url, other)).toMatchObject({ status: 409, answer: { error: 'already_uploaded' } });
  expect(await look(mediaId)).toMatchObject({ width: 320, height: 200 });
});

test('what is no picture is refused and noted, and the link still takes one', async () => {
  const { url, mediaId } = await askForLink({ filename: 'page.html' });
  const refused = await put(url, '<html><script>alert(1)</script>');
  expect(refused).toMatchObject({ status: 400, answer: { error: 'not_an_image' } });
  expect(await look(mediaId)).toMatchObject({ state: 'awaiting_upload', problem: { code: 'not_an_image' } });
  expect((await put(url, '')).answer).toMatchObject({ error: 'no_file' });
  expect(await put(url, picture)).toMatchObject({ status: 200 });
  expect(await look(mediaId)).toMatchObject({ state: 'ready', problem: null });
});

test.each([
  ['wrong', () => 'A'.repeat(43)],
  ['no token', () => '..%2f..%2fetc%2fpasswd'],
  ['too long', () => 'A'.repeat(5000)],
])('a token that is %s opens nothing', async (_, token) => {
  const { url } = await askForLink({ filename: 'token' });
  const sent = await put(`${url.slice(0, url.lastIndexOf('/'))}/${token()}`, picture);
  expect(sent).toMatchObject({ status: 404, answer: { error: 'upload_link_invalid' } });
});

test('a link works for an hour, used or not', async () => {
  const unused = await askForLink({ filename: 'unused' });
  const used = await askForLink({ filename: 'used' });
  await put(used.url, picture);
  expect(unused.expiresAt.getTime() - Date.now()).toBeGreaterThan(3_500_000);
  await moveTime(context, { seconds: 3590 });
  expect((await put(used.url, picture)).status).toBe(200);
  await moveTime(context, { seconds: 20 });
  for (const { url } of [unused, used]) expect((await put(url, picture)).status).toBe(404);
  expect(await look(unused.mediaId)).toMatchObject({ state: 'awaiting_upload' });
});

test('asked for again with the same words it is the same place, and the link before is dead', async () => {
  const first = await askForLink({ filename: 'again', tags: ['a'] });
  const second = await askForLink({ filename: 'again', tags: ['a'] });
  expect(second.mediaId).toBe(first.mediaId);
  expect((await put(first.url, picture)).status).toBe(404);
  expect((await put(second.url, picture)).status).toBe(200);
  const third = await askForLink({ filename: 'again', tags: ['a'] });
  expect(third.mediaId).not.toBe(first.mediaId);
});

test('asked for many times at once it is one place', async () => {
  const links = await Promise.all(Array.from({ length: 8 }, () => askForLink({ filename: 'at once' })));
  expect(new Set(links.map(({ mediaId }) => mediaId)).size).toBe(1);
});

test('two files at once: one counts, and its sender is told so', async () => {
  const { url, mediaId } = await askForLink({ filename: 'race' });
  const sent = await Promise.all([put(url, picture), put(url, other)]);
  const winner = sent.findIndex(({ status }) => status === 200);
  expect(sent.map(({ status }) => status).toSorted()).toEqual([200, 409]);
  const { width } = (await look(mediaId))!;
  expect(width).toBe([320, 200][winner]);
  const row = await context.db.media.findUniqueOrThrow({ where: { id: mediaId } });
  expect((await context.mediaStore.read(row.storageKey!)).byteLength).toBe(row.byteCount);
});

test('the same file at once twice is taken by both', async () => {
  const { url } = await askForLink({ filename: 'same race' });
  const sent = await Promise.all([put(url, picture), put(url, picture)]);
  expect(sent.map(({ status }) => status)).toEqual([200, 200]);
});

test('a file that is too large is refused, whatever its length was said to be', async () => {
  const { url, mediaId } = await askForLink({ filename: 'large' });
  const large = Buffer.alloc(MAX_BYTES + 1, 1);
  expect(await put(url, large)).toMatchObject({ status: 400, answer: { error: 'file_too_large' } });
  const chunks = new ReadableStream({
    start(controller) {
      for (let at = 0; at < 20; at += 1) controller.enqueue(Buffer.alloc(50_000, 1));
      controller.close();
    },
  });
  expect(await put(url, chunks)).toMatchObject({ status: 400, answer: { error: 'file_too_large' } });
  expect(await look(mediaId)).toMatchObject({ state: 'awaiting_upload' });
  expect((await put(url, picture)).status).toBe(200);
});

test('a body that ends before its length leaves the link as it was', async () => {
  const { url, mediaId } = await askForLink({ filename: 'cut off' });
  const { port, pathname } = new URL(url);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`PUT ${pathname} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${picture.length}\r\n\r\n`);
  socket.end(picture.subarray(0, 1000));
  socket.resume();
  await once(socket, 'close');
  expect(await look(mediaId)).toMatchObject({ state: 'awaiting_upload' });
  expect((await put(url, picture)).status).toBe(200);
});

test('cookies and other sites change nothing: there is no cookie, no CORS, and only PUT', async () => {
  const { url } = await askForLink({ filename: 'cors' });
  const foreign = { headers: { origin: 'https://evil.example', cookie: 'grantcast_session=x' } };
  const { response, status } = await put(url, picture, foreign);
  expect(status).toBe(200);
  expect(response.headers.get('access-control-allow-origin')).toBeNull();
  expect(response.headers.get('set-cookie')).toBeNull();
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  for (const method of ['GET', 'POST', 'DELETE', 'OPTIONS']) {
    const refused = await fetch(url, { method });
    expect({ method, status: refused.status, allow: refused.headers.get('allow') }).toEqual({
      ...{ method, status: 405 },
      allow: 'PUT',
    });
  }
});

test('one address may send so many files a minute', async () => {
  const { url } = await askForLink({ filename: 'often' });
  const wrong = `${url.slice(0, -3)}AAA`;
  const statuses: number[] = [];
  for (let at = 0; at < 12; at += 1) {
    const sent = await Promise.all(Array.from({ length: 11 }, () => put(wrong, 'x')));
    statuses.push(...sent.map(({ status }) => status));
  }
  expect(statuses.filter((status) => status === 404)).toHaveLength(120);
  expect(statuses.filter((status) => status === 503)).toHaveLength(12);
});

test('a picture that was deleted takes no file, and a place that was never used is gone after a day', async () => {
  const deleted = await askForLink({ filename: 'deleted' });
  await deleteMedia(context, caller, { mediaId: deleted.mediaId });
  expect((await put(deleted.url, picture)).status).toBe(404);
  const unused = await askForLink({ filename: 'gone' });
  await purgeMedia(context);
  expect(await look(unused.mediaId)).toBeDefined();
  await moveTime(context, { hours: 26 });
  await purgeMedia(context);
  expect(await look(unused.mediaId)).toBeUndefined();
});
