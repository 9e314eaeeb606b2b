import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { newId } from '../../server/ids.ts';
import { addPicture } from '../../server/media/add-picture.ts';
import { photo } from '../media/pictures.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, csrfOf, type Visitor } from './support/visitor.ts';

const EVIL = '"><script>alert(1)</script>';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;
let viewer: Visitor;
let made = 0;

beforeAll(async () => {
  server = await startPagesServer({ MEDIA_QUOTA_MB: '1' });
  scene = await createScene(server.context);
  [owner, viewer] = [createVisitor(server.url), createVisitor(server.url)];
  await owner.signIn(OWNER);
  await viewer.signIn(await addMember(server.context, scene.owner.teamId, 'viewer'));
});
afterAll(() => server[Symbol.asyncDispose]());

async function addOne(filename: string, more: { altText?: string; tags?: string[] } = {}) {
  const bytes = new Uint8Array(await photo(60 + ++made, 50));
  return addPicture(server.context, scene.owner, { source: 'upload', bytes, filename, ...more });
}

const findMedia = (id: string) => server.context.db.media.findUniqueOrThrow({ where: { id } });

describe('a script that uploads', () => {
  async function upload(file: File, visitor = owner, more: Record<string, string> = {}) {
    const form = new FormData();
    form.append('csrf', csrfOf((await visitor.get('/')).text));
    form.append('file', file);
    for (const [name, value] of Object.entries(more)) form.append(name, value);
    const cookie = [...visitor.cookies].map((pair) => pair.join('=')).join('; ');
    return fetch(`${server.url}/media`, {
      ...{ method: 'POST', body: form, redirect: 'manual' },
      headers: { cookie, accept: 'application/json', origin: server.url },
    });
  }

  test('is told where the picture is, or in words why it was not taken', async () => {
    const picture = new Uint8Array(await photo(200, 200));
    const taken = await upload(new File([picture], `${EVIL}.jpg`));
    expect(taken.status).toBe(201);
    expect(taken.headers.get('content-type')).toContain('application/json');
    expect(await taken.json()).toEqual({
      href: expect.stringMatching(/^\/media\/med_[0-9a-f]{32}$/) as string,
      src: expect.stringMatching(/^\/media\/med_[0-9a-f]{32}\/thumbnail\?v=/) as string,
      name: expect.any(String) as string,
      isDescribed: false,
    });
    const refused = await upload(new File(['no picture'], 'x.jpg'));
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ error_description: expect.any(String) as string });
    expect((await upload(new File([picture], 'x.jpg'), viewer)).status).toBe(403);
  });

  test('may say as much beside the picture as a form may, and describe it as far as any may be', async () => {
    const picture = new Uint8Array(await photo(210, 200));
    const file = () => new File([picture], 'long.jpg');
    const flood = await upload(file(), owner, { one: 'é'.repeat(20_000), two: 'é'.repeat(20_000) });
    expect(flood.status).toBe(400);
    expect(await flood.json()).toMatchObject({
      error_description: expect.stringContaining('The words beside the file are too long') as string,
    });
    expect((await upload(file(), owner, { altText: 'a'.repeat(2_500) })).status).toBe(201);
    const media = await server.context.db.media.findFirstOrThrow({ where: { filename: 'long.jpg' } });
    expect(media.altText).toHaveLength(2_000);
  });
});

describe('a card of words', () => {
  test('is made in the browser, with its words as alt text', async () => {
    const card = { title: 'Fresh  bread', subtitle: EVIL, size: 'square', theme: 'dark' };
    const answer = await owner.submit('/media', '/media/card', card);
    expect(answer.location).toMatch(/^\/media\/med_\w+\?done=media_added$/);
    const media = await findMedia(/med_\w+/.exec(answer.location!)![0]);
    expect(media).toMatchObject({ source: 'card', width: 1080, height: 1080 });
    expect(media.altText).toBe(`Fresh bread. ${EVIL}`);
    expect((await owner.get(answer.location!)).text).not.toContain('<script>alert');
  });

  test('without a title is refused beside the field, and what was typed stays', async () => {
    const answer = await owner.submit('/media', '/media/card', { title: ' ', subtitle: `Kept ${EVIL}` });
    expect(answer.status).toBe(400);
    expect(answer.text).toMatch(/id="field-title-error">A card needs a title\./);
    expect(answer.text).toContain('value="Kept &quot;>&lt;script');
    expect(answer.text).toMatch(/<details open><summary>As a card of words/);
  });

  test('is not a viewer’s to make, nor an import', async () => {
    for (const [path, fields] of [
      ['/media/card', { title: 'No' }],
      ['/media/import', { url: 'https://example.com/a.jpg' }],
    ] as const) {
      expect((await viewer.submit('/', path, fields)).status, path).toBe(403);
    }
  });
});

describe('an import', () => {
  test.each([
    ['', 'Give the whole address'],
    ['javascript:alert(1)', 'Give the whole address'],
    ['https://', 'Give the whole address'],
    ['https://127.0.0.1:9/x.jpg', ''],
    ['http://localhost/x.jpg', ''],
  ])('of %j is refused beside the field', async (url, words) => {
    const answer = await owner.submit('/media', '/media/import', { url, altText: `About it ${EVIL}` });
    expect([400, 503]).toContain(answer.status);
    expect(answer.text).toMatch(new RegExp(`id="field-url-error">${words}`));
    expect(answer.text).toContain('About it &quot;>&lt;script');
  });
});

describe('alt texts one after the other', () => {
  test('come to the next picture, keep the place, and end', async () => {
    await server.context.db.media.updateMany({ data: { altText: 'Known' } });
    const [older, newer] = [await addOne(`${EVIL}older.jpg`), await addOne('newer.jpg')];
    expect((await owner.get('/media')).text).toContain('2 pictures have no alt text.');
    const first = await owner.get('/media/describe');
    expect(first.text).toContain('newer.jpg');
    expect(first.text).not.toContain('<script>alert');
    const path = `/media/${newer.id}/describe`;
    const empty = await owner.submit('/media/describe', path, { altText: '  ' });
    expect([empty.status, empty.text.includes('Write what is to be seen')]).toEqual([400, true]);
    const saved = await owner.submit('/media/describe', path, { altText: EVIL });
    expect(saved.location).toBe('/media/describe?done=media_changed');
    expect((await findMedia(newer.id)).altText).toBe(EVIL);
    expect((await owner.get(saved.location!)).text).toContain('older.jpg');
    const last = await owner.submit('/media/describe', `/media/${older.id}/describe`, { altText: 'Old' });
    expect((await owner.get(last.location!)).text).toContain('Every picture has an alt text.');
    expect((await owner.get('/media')).text).not.toContain('no alt text.');
  });

  test('are not for viewers, and not for pictures of other teams', async () => {
    expect((await viewer.get('/media/describe')).status).toBe(403);
    const one = await addOne('untouched.jpg');
    const answer = await viewer.submit('/', `/media/${one.id}/describe`, { altText: 'No' });
    expect(answer.status).toBe(403);
    expect((await owner.submit('/', `/media/${newId('media')}/describe`, { altText: 'No' })).status).toBe(
      404,
    );
    expect((await owner.get('/media/describe?cursor=nonsense')).status).toBe(400);
  });
});

describe('the library', () => {
  test('is narrowed down to a tag, together with words, and back', async () => {
    await addOne('dawn.jpg', { altText: 'Dawn', tags: ['harbour', EVIL.slice(0, 30)] });
    await addOne('noon.jpg', { altText: 'Noon', tags: ['harbour & sea'] });
    const all = (await owner.get('/media')).text;
    expect(all).toContain('href="/media?tag=harbour"');
    expect(all).not.toContain('<script>alert');
    const { text } = await owner.get('/media?tag=harbour');
    expect(text).toContain('dawn.jpg');
    expect(text).not.toContain('noon.jpg');
    expect(text).toMatch(/<a href="\/media" aria-current="true">harbour<\/a>/);
    expect((await owner.get('/media?tag=harbour+%26+sea&q=noon')).text).toContain('noon.jpg');
    expect((await owner.get('/media?tag=harbour&q=noon')).text).toContain('Nothing fits.');
  });

  test('says how much of the quota is used, and refuses beside the form what goes beyond it', async () => {
    expect((await owner.get('/media')).text).toMatch(/>[\d.]+ of 1 MB used<\/label><meter id="quota"/);
    await server.context.db.media.updateMany({ where: { source: 'card' }, data: { byteCount: 999_000 } });
    const refused = await owner.submit('/media', '/media/card', { title: 'One too many' });
    expect(refused.status).toBe(400);
    expect(refused.text).toMatch(/field-title-error">The media library of this team holds/);
    await server.context.db.media.updateMany({ where: { source: 'card' }, data: { byteCount: 9000 } });
  });
});

test('a picture shows what each network of the team cuts out of it around the focal point', async () => {
  const id = newId('channel');
  await server.context.db.channel.create({
    data: {
      ...{ id, teamId: scene.owner.teamId, network: 'playground', handle: 'p', remoteAccountId: id },
      imitates: 'instagram',
    },
  });
  const bytes = new Uint8Array(await photo(300, 100));
  const { id: mediaId } = await addPicture(server.context, scene.owner, { source: 'upload', bytes });
  const path = `/media/${mediaId}`;
  const kept = { altText: EVIL, tags: '', focalX: '100', focalY: '50' };
  await owner.submit(path, path, kept);
  const { text } = await owner.get(path);
  expect(text).toMatch(/aria-label="As Instagram shows it" viewBox="109 0 191 100" data-crop="0\.63\d* 1"/);
  expect(text).toMatch(/aria-label="As Playground shows it" viewBox="0 0 300 100"/);
  expect(text).not.toContain('<script>alert');
  const refused = await owner.submit(path, path, { ...kept, altText: `Typed ${EVIL}`, focalX: 'left' });
  expect(refused.status).toBe(400);
  expect(refused.text).toContain('Typed &quot;>&lt;script');
  expect(refused.text).toContain('value="left" id="field-focalX"');
});
