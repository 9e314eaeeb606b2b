import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { addPicture } from '../../server/media/add-picture.ts';
import { mediaFilePath, mediaThumbnailPath, renditionPath } from '../../server/media/media-urls.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { startPagesServer, type PagesServer } from '../http/support/pages-server.ts';
import { addMember, createScene, OWNER, type Scene } from '../http/support/scene.ts';
import { createVisitor, csrfOf, type Visitor } from '../http/support/visitor.ts';
import { createOwner } from '../support/test-context.ts';
import { photo } from './pictures.ts';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;
let viewer: Visitor;
let theirMediaId: string;
let bytes: Uint8Array<ArrayBuffer>;
let made = 0;

beforeAll(async () => {
  server = await startPagesServer({ MEDIA_MAX_MB: '0.3', LOG_LEVEL: 'error' });
  scene = await createScene(server.context);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
  const member = await addMember(server.context, scene.owner.teamId, 'viewer');
  viewer = createVisitor(server.url);
  await viewer.signIn(member);
  bytes = new Uint8Array(await photo(640, 400));
  const others = await createOwner(server.context);
  const theirs = await addPicture(server.context, others.caller, { source: 'upload', bytes });
  theirMediaId = theirs.id;
});
afterAll(() => server[Symbol.asyncDispose]());

const cookiesOf = ({ cookies }: Visitor) => [...cookies].map((pair) => pair.join('=')).join('; ');

async function send(visitor: Visitor, fields: Record<string, string | File>, headers: HeadersInit = {}) {
  const form = new FormData();
  const csrf = csrfOf((await visitor.get('/media')).text);
  for (const [name, value] of Object.entries({ csrf, ...fields })) form.append(name, value);
  const init = { method: 'POST', body: form, redirect: 'manual' } as const;
  const own = { cookie: cookiesOf(visitor), accept: 'text/html', origin: server.url, ...headers };
  const response = await fetch(`${server.url}/media`, { ...init, headers: own });
  return { status: response.status, location: response.headers.get('location'), text: await response.text() };
}

async function download(visitor: Visitor | null, path: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${server.url}${path}`, {
    headers: { ...(visitor && { cookie: cookiesOf(visitor) }), ...headers },
    redirect: 'manual',
  });
  return {
    status: response.status,
    headers: response.headers,
    body: Buffer.from(await response.arrayBuffer()),
  };
}

const fileOf = (name: string, content: BlobPart = bytes) => new File([content], name, { type: 'image/jpeg' });

async function addOne(name: string, altText?: string) {
  const picture = new Uint8Array(await photo(300 + ++made, 200));
  const input = { source: 'upload', bytes: picture, filename: name, ...(altText && { altText }) } as const;
  return addPicture(server.context, scene.owner, input);
}

describe('the page', () => {
  test('says how pictures come when there is none', async () => {
    const page = await viewer.get('/media');
    expect(page.text).toContain('No pictures yet');
    expect(page.text).not.toContain('Add a picture');
  });

  test('takes a file by a plain form and shows it', async () => {
    const sent = await send(owner, { file: fileOf('..\\..\\harbour "at" dawn.jpg'), altText: 'The harbour' });
    expect(sent).toMatchObject({
      status: 303,
      location: expect.stringMatching(/^\/media\/med_\w+\?done=/) as string,
    });
    const page = await owner.get(sent.location!);
    expect(page.text).toContain('harbour at dawn.jpg');
    expect(page.text).toContain('alt="The harbour"');
    expect(page.text).toContain('The picture is in the library.');
    expect((await owner.get('/media')).text).toContain('harbour at dawn.jpg');
    const again = await send(owner, { file: fileOf('another-name.jpg') });
    expect(again.location).toBe(sent.location);
    const rows = await server.context.db.activity.findMany({ where: { action: 'media.added' } });
    expect(rows.map(({ actor, result }) => ({ actor, result }))).toContainEqual({
      actor: 'person',
      result: 'ok',
    });
  });

  test('says beside the form what is wrong with a file', async () => {
    expect(await send(owner, { altText: 'no file' })).toMatchObject({
      status: 400,
      text: expect.stringContaining('Choose a file first') as string,
    });
    const broken = await send(owner, { file: fileOf('x.jpg', '<script>alert(1)</script>') });
    expect(broken.status).toBe(400);
    expect(broken.text).toContain('field-file-error');
    const large = await send(owner, { file: fileOf('x.jpg', new Uint8Array(400_000)) });
    expect(large.status).toBe(400);
    expect(large.text).toContain('larger than the 0.3 MB');
  });

  test('takes no file without the token of the form, from another site, from a viewer or from nobody', async () => {
    const before = await server.context.db.media.count();
    const file = fileOf('evil.jpg', new Uint8Array(await photo(111, 77)));
    expect((await send(owner, { file, csrf: 'wrong' })).status).toBe(403);
    expect((await send(owner, { file }, { origin: 'https://evil.example' })).status).toBe(403);
    expect((await send(owner, { file }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await send(viewer, { file, csrf: csrfOf((await viewer.get('/')).text) })).status).toBe(403);
    expect((await send(createVisitor(server.url), { file })).status).toBe(403);
    expect(await server.context.db.media.count()).toBe(before);
  });

  test('finds by words, shows what has no alt text, and pages', async () => {
    await Promise.all([addOne('lighthouse.jpg'), addOne('quay.jpg', 'A quay in the rain')]);
    expect((await owner.get('/media?q=LIGHT')).text).toContain('lighthouse.jpg');
    expect((await owner.get('/media?q=rain')).text).toContain('quay.jpg');
    const missing = (await owner.get('/media?show=missing-alt')).text;
    expect(missing).toContain('lighthouse.jpg');
    expect(missing).not.toContain('quay.jpg');
    expect((await owner.get('/media?q=%25')).text).toContain('Nothing fits.');
    const { teamId, personId } = scene.owner;
    const template = await server.context.db.media.findFirstOrThrow({ where: { teamId } });
    await server.context.db.media.createMany({
      data: Array.from({ length: 30 }, (_, at) => ({
        ...{ ...template, id: newId('media'), filename: `many-${at}.jpg`, createdByPersonId: personId },
        createdAt: new Date(),
      })),
    });
    const first = (await owner.get('/media?q=many')).text;
    expect(first.match(/many-\d+\.jpg/g)).toHaveLength(24);
    const next = /href="([^"]+)" rel="next"/.exec(first)![1]!.replaceAll('&amp;', '&');
    expect((await owner.get(next)).text.match(/many-\d+\.jpg/g)).toHaveLength(6);
  });

  test('changes alt text, focal point and tags, and says which numbers it takes', async () => {
    const { id } = await addOne('change-me.jpg');
    const path = `/media/${id}`;
    const changed = { altText: 'A boat', focalX: '12.5', focalY: '80', tags: 'boat, sea,  , boat' };
    expect((await owner.submit(path, path, changed)).location).toBe(`${path}?done=media_changed`);
    expect(await server.context.db.media.findUniqueOrThrow({ where: { id } })).toMatchObject({
      ...{ altText: 'A boat', focalX: 0.125, focalY: 0.8, tags: ['boat', 'sea'] },
    });
    for (const focalX of ['101', '-1', 'left', '']) {
      expect((await owner.submit(path, path, { ...changed, focalX })).status).toBe(400);
    }
    expect((await viewer.get(path)).text).not.toContain('<textarea');
    const csrf = csrfOf((await viewer.get('/')).text);
    expect((await viewer.post(path, { ...changed, csrf }, { origin: server.url })).status).toBe(403);
  });

  test('shows where a picture is used, and deletes it only when no post needs it', async () => {
    const { id } = await addOne('needed.jpg', 'Needed');
    const input = {
      campaignId: scene.campaignId,
      channelIds: [scene.channelId],
      text: 'Look at the harbour',
    };
    const { postId } = await createPost(server.context, scene.owner, { ...input, mediaIds: [id] });
    expect((await owner.get(`/media/${id}`)).text).toContain('Look at the harbour');
    await schedulePost(server.context, scene.owner, { postId, expectedRev: 1, at: '2036-12-01T09:00' });
    const path = `/media/${id}/delete`;
    expect((await owner.get(path)).text).toContain('Delete needed.jpg?');
    const refused = await owner.submit(path, path);
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('Not deleted.');
    expect(refused.text).toContain(`/posts/${postId}`);
    const free = await addOne('free.jpg', 'Free');
    const done = await owner.submit(`/media/${free.id}/delete`, `/media/${free.id}/delete`);
    expect(done.location).toBe('/media?done=media_deleted');
    expect(
      (await download(owner, mediaFilePath({ id: free.id, contentHash: free.contentHash! }))).status,
    ).toBe(404);
    expect((await owner.get(`/media/${free.id}`)).text).toContain('It was deleted.');
  });

  test('holds foreign words as words', async () => {
    const evil = '"><script>alert(1)</script>';
    const { id } = await addPicture(server.context, scene.owner, {
      ...{ source: 'upload', bytes: new Uint8Array(await photo(99, 99)) },
      ...{ filename: evil, altText: evil, tags: [evil.slice(0, 40)] },
    });
    for (const path of ['/media', `/media/${id}`, `/media/${id}/delete`]) {
      expect((await owner.get(path)).text).not.toContain('<script>alert');
    }
  });
});

describe('a file', () => {
  test('is a picture and nothing else, kept by nobody but the browser of who may see it', async () => {
    const media = await addOne('view "me".html', 'See');
    // As if the name had come in some other way than through the library.
    const filename = 'view "me";\u00e9\r\nx.html';
    await server.context.db.media.update({ where: { id: media.id }, data: { filename } });
    const path = mediaFilePath({ id: media.id, contentHash: media.contentHash! });
    const { status, headers, body } = await download(viewer, path);
    expect(status).toBe(200);
    expect(body.byteLength).toBe(media.byteCount);
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/jpeg',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; sandbox",
      'content-disposition': 'inline; filename="view mex.jpg"',
      'cache-control': 'private, max-age=31536000, immutable',
      'cross-origin-resource-policy': 'same-origin',
    });
    const fresh = await download(viewer, path, {
      'if-none-match': headers.get('etag')!,
      'cache-control': 'max-age=0',
    });
    expect([fresh.status, fresh.body.byteLength]).toEqual([304, 0]);
  });

  test('has a small version, made once', async () => {
    const media = await addPicture(server.context, scene.owner, { source: 'upload', bytes });
    const path = mediaThumbnailPath({ id: media.id, contentHash: media.contentHash! });
    const [first, second] = [await download(viewer, path), await download(viewer, path)];
    expect(first.headers.get('content-type')).toBe('image/webp');
    expect(await sharp(first.body).metadata()).toMatchObject({ format: 'webp', width: 480, height: 300 });
    expect(second.body.equals(first.body)).toBe(true);
  });

  test('is nowhere for another team, for strangers, and under names that are none', async () => {
    for (const kind of ['file', 'thumbnail']) {
      expect((await download(owner, `/media/${theirMediaId}/${kind}`)).status).toBe(404);
      const stranger = await download(null, `/media/${theirMediaId}/${kind}`);
      expect([stranger.status, stranger.headers.get('location')?.split('?')[0]]).toEqual([303, '/sign-in']);
      for (const name of [
        '..%2f..%2fsecret.key',
        newId('media'),
        `${theirMediaId}%00`,
        '%2e%2e',
        'uploads',
      ]) {
        expect([400, 404, 405]).toContain((await download(owner, `/media/${name}/${kind}`)).status);
      }
    }
    expect((await owner.get(`/media/${theirMediaId}`)).status).toBe(404);
    for (const action of [`/media/${theirMediaId}`, `/media/${theirMediaId}/delete`]) {
      const csrf = csrfOf((await owner.get('/media')).text);
      expect((await owner.post(action, { csrf }, { origin: server.url })).status).toBe(404);
    }
    const untouched = await server.context.db.media.findUniqueOrThrow({ where: { id: theirMediaId } });
    expect(untouched.state).toBe('ready');
  });

  test('what a channel gets is shown to members, at its post, revision, channel and place', async () => {
    const { id } = await addOne('rendered.jpg', 'Rendered');
    const input = { campaignId: scene.campaignId, channelIds: [scene.channelId], text: 'With a picture' };
    const { postId } = await createPost(server.context, scene.owner, { ...input, mediaIds: [id] });
    await schedulePost(server.context, scene.owner, { postId, expectedRev: 1, at: '2036-12-01T10:00' });
    const rendition = await server.context.db.rendition.findFirstOrThrow({ where: { postId } });
    const { status, body, headers } = await download(viewer, renditionPath(rendition));
    expect([status, body.byteLength, headers.get('content-type')]).toEqual([
      ...[200, rendition.byteCount, rendition.mimeType],
    ]);
    for (const path of [
      `/renditions/${postId}/2/${rendition.channelId}/1`,
      `/renditions/${postId}/1/${rendition.channelId}/2`,
      `/renditions/${postId}/1/${newId('channel')}/1`,
      `/renditions/${newId('post')}/1/${rendition.channelId}/1`,
      `/renditions/${postId}/x/${rendition.channelId}/1`,
      `/renditions/${postId}/99999999999/${rendition.channelId}/1`,
    ]) {
      expect((await download(owner, path)).status, path).toBe(404);
    }
    expect((await download(null, renditionPath(rendition))).status).toBe(303);
  });

  test('once it has gone comes from the library, and is told to be gone when it was deleted there', async () => {
    const { db } = server.context;
    const { id } = await addOne('gone.jpg', 'A quay');
    const input = { campaignId: scene.campaignId, channelIds: [scene.channelId], text: 'Long ago' };
    const { postId } = await createPost(server.context, scene.owner, { ...input, mediaIds: [id] });
    await schedulePost(server.context, scene.owner, { postId, expectedRev: 1, at: '2036-12-01T10:00' });
    const remoteId = newId('playgroundPost');
    const data = { state: 'published', publishedAt: new Date(), remoteId };
    const delivery = await db.delivery.update({
      where: { postId_channelId: { postId, channelId: scene.channelId } },
      data,
    });
    const rendition = await db.rendition.findFirstOrThrow({ where: { postId } });
    const { width, height } = rendition;
    const picture = { contentHash: 'ab', mimeType: 'image/jpeg', width, height, altText: 'A quay' };
    await db.playgroundPost.create({
      data: {
        ...{ id: remoteId, teamId: scene.owner.teamId, channelId: scene.channelId, deliveryId: delivery.id },
        ...{ partNo: 0, text: 'Long ago', media: [picture] },
      },
    });
    const pages = async () => [
      (await owner.get(`/posts/${postId}`)).text,
      (await owner.get(`/playground/${remoteId}`)).text,
    ];
    for (const text of await pages()) expect(text).toContain(`src="/renditions/${postId}/1/`);
    await db.rendition.deleteMany({ where: { postId } });
    const [post, entry] = await pages();
    expect(post).toContain(`src="/media/${id}/thumbnail?v=`);
    expect(entry).toContain(`src="/media/${id}/file?v=`);
    await db.media.update({ where: { id }, data: { state: 'deleted' } });
    for (const text of await pages()) {
      expect(text).toContain('This picture is no longer kept.');
      expect(text).toContain('A quay');
      expect(text).not.toMatch(/src="\/(media|renditions)\/|Cannot go out here/);
    }
  });
});
