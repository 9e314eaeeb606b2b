import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { discardPost } from '../../server/posts/discard-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { previewPost } from '../../server/posts/preview-post.ts';
import { updatePost } from '../../server/posts/update-post.ts';
import { connectClient, scopesOf, type TestConnection } from '../domain/connect-client.ts';
import { addPicture } from '../domain/draft-scene.ts';
import { createOwner, type TestOwner } from '../support/test-context.ts';
import { FormFields } from './support/form-fields.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, csrfOf, type Visitor } from './support/visitor.ts';

const HOSTILE =
  '<script>alert(1)</script><img src=x onerror=alert(2)> #<b> https://example.com/"onmouseover="x @<i>';

let server: PagesServer;
let scene: Scene;
let owner: TestOwner;
let person: Visitor;
let agent: TestConnection;
let mediaId: string;
let postId: string;
/** Practice channels by the network whose rules they keep. */
let practice: Record<string, string>;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  const { teamId, personId } = scene.owner;
  owner = { team: { id: teamId }, person: { id: personId }, caller: scene.owner } as TestOwner;
  agent = await connectClient(server.context, owner, scopesOf('schedule'));
  practice = {};
  for (const imitates of ['x', 'bluesky', 'mastodon', 'linkedin', 'instagram', 'threads', 'facebook']) {
    const id = newId('channel');
    practice[imitates] = id;
    await server.context.db.channel.create({
      data: {
        ...{ id, teamId, network: 'playground', handle: `on-${imitates}` },
        remoteAccountId: id,
        imitates,
      },
    });
  }
  person = createVisitor(server.url);
  await person.signIn(OWNER);
});
afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  mediaId = await addPicture(server.context, owner, { altText: 'A loaf <on> a table' });
  ({ postId } = await createPost(server.context, agent.caller, {
    ...{ campaignId: scene.campaignId, channelIds: [scene.channelId] },
    ...{ text: 'Fresh bread from seven', mediaIds: [mediaId] },
  }));
});

const schedule = async () => {
  const { rev } = await getPost(server.context, scene.owner, { postId });
  await schedulePost(server.context, agent.caller, { postId, expectedRev: rev, at: '2036-12-01T09:00' });
};
const editPath = () => `/posts/${postId}/edit`;
const openEditor = async (path = editPath()) => new FormFields((await person.get(path)).text, 'editor');
const partOf = (channelId: string, index = 0) => `part_${channelId}_${index}`;
const post = (form: FormFields, pressed: string, path = editPath()) =>
  person.post(path, [...form.pairs, ['do', pressed]]);
const saved = () => getPost(server.context, scene.owner, { postId });

/** What the page says about a field, without its tags. */
function sayOf(markup: string, id: string): string {
  const [, inner = ''] = new RegExp(`id="${id}"[^>]*>([\\s\\S]*?)</(?:p|ul)>`).exec(markup) ?? [];
  return inner
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

describe('saving', () => {
  test('keeps the schedule, is the yes of who edits, and says so', async () => {
    await schedule();
    const form = await openEditor();
    const answer = await post(form.set(partOf(scene.channelId), 'Fresh bread from nine\r\nsharp'), 'save');
    expect(answer.location).toBe(`/posts/${postId}?done=edited_scheduled`);
    const after = await saved();
    expect(after).toMatchObject({ rev: 2, state: 'scheduled', approval: { decision: 'approved' } });
    expect(after.text).toBe('Fresh bread from nine\nsharp');
    expect(after.deliveries[0]).toMatchObject({
      parts: [after.text],
      localTime: 'Mon, 1 Dec 2036, 09:00 CET',
    });
    expect(after.pictures).toHaveLength(1);
    expect((await person.get(answer.location!)).text).toContain(
      'It keeps its time, and goes out under your name.',
    );
  });

  test('that is refused keeps what was typed, with the problem beside its field', async () => {
    await schedule();
    const long = 'too long '.repeat(100);
    const refused = await post((await openEditor()).set(partOf(scene.channelId), long), 'save');
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('Nothing was saved.');
    expect(new FormFields(refused.text, 'editor').all(partOf(scene.channelId))).toEqual([long]);
    expect(sayOf(refused.text, `${partOf(scene.channelId)}-problems`)).toContain('Shorten the text');
    expect((await saved()).rev).toBe(1);
  });

  test('puts pictures in their order, and another channel on the post', async () => {
    const second = await addPicture(server.context, owner, { altText: 'A second one' });
    const form = (await openEditor()).add('media', second).add('channel', practice['x']!);
    const reordered = await post(form, `up ${second}`);
    const form2 = new FormFields(reordered.text, 'editor');
    expect(form2.all('media')).toEqual([second, mediaId]);
    // What is new begins with the text of the post.
    expect(form2.all(partOf(practice['x']!))).toEqual(['Fresh bread from seven']);
    await post(form2.set(partOf(practice['x']!), 'Bread, for X'), 'save');
    const after = await saved();
    expect(after.pictures.map((picture) => picture.mediaId)).toEqual([second, mediaId]);
    expect(after.deliveries.map(({ channelId, parts }) => [channelId, parts])).toEqual([
      [scene.channelId, ['Fresh bread from seven']],
      [practice['x'], ['Bread, for X']],
    ]);
  });

  test('keeps what was typed for a channel that is unticked and ticked again', async () => {
    const form = (await openEditor())
      .add('channel', practice['x']!)
      .add(partOf(practice['x']!), 'Own words for X');
    const without = new FormFields(
      (await post(form.untick('channel', practice['x']!), 'check')).text,
      'editor',
    );
    expect(without.all('channel')).toEqual([scene.channelId]);
    const again = await post(without.add('channel', practice['x']!), 'check');
    expect(new FormFields(again.text, 'editor').all(partOf(practice['x']!))).toEqual(['Own words for X']);
  });

  /** On the schedule of the Playground, and a draft for X. */
  const scheduleOne = async () => {
    const form = await openEditor();
    await post(form.add('channel', practice['x']!).add(partOf(practice['x']!), 'For X'), 'save');
    const onlyChannelIds = [scene.channelId];
    const at = '2036-12-01T09:00';
    await schedulePost(server.context, agent.caller, { postId, expectedRev: 2, at, onlyChannelIds });
  };
  const goOut = () =>
    server.context.db.delivery.updateMany({
      where: { postId, channelId: scene.channelId },
      data: { state: 'published', remoteId: newId('playgroundPost'), publishedAt: new Date() },
    });
  const captionsOf = async () => (await saved()).deliveries.map(({ parts }) => parts[0]);

  test('leaves alone what is out already, and changes the rest', async () => {
    await scheduleOne();
    await goOut();
    const { text } = await person.get(editPath());
    expect(text).toMatch(new RegExp(`<textarea id="${partOf(scene.channelId)}"[^>]* readonly`));
    const form = new FormFields(text, 'editor');
    expect(form.all('channel').toSorted()).toEqual([scene.channelId, practice['x']!].toSorted());
    const answer = await post(form.set(partOf(practice['x']!), 'Better for X'), 'save');
    expect(answer.location).toBe(`/posts/${postId}?done=edited`);
    const forged = (await openEditor()).set(partOf(scene.channelId), 'Changed after all');
    const refused = await post(forged.untick('channel', scene.channelId), 'save');
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('the post is out, or on its way: what it says there stays');
    expect(await captionsOf()).toEqual(['Fresh bread from seven', 'Better for X']);
  });

  test('what goes out while somebody writes stays as it went out, and the rest is saved', async () => {
    await scheduleOne();
    const typed = (await openEditor()).set(partOf(practice['x']!), 'Better for X');
    typed.set(partOf(scene.channelId), 'Too late');
    await goOut();
    for (const pressed of ['check', 'save']) {
      const { text } = await post(typed, pressed);
      expect(text).toContain('What it says there stays as it went out.');
      expect(text).toMatch(/<textarea id="typed-[^>]*readonly[^>]*>\s*Too late<\/textarea>/);
      const shown = new FormFields(text, 'editor');
      expect(shown.all(partOf(scene.channelId))).toEqual(['Fresh bread from seven']);
      expect(shown.all(partOf(practice['x']!))).toEqual(['Better for X']);
    }
    const told = new FormFields((await post(typed, 'save')).text, 'editor');
    expect((await post(told, 'save')).location).toBe(`/posts/${postId}?done=edited`);
    expect(await captionsOf()).toEqual(['Fresh bread from seven', 'Better for X']);
  });

  test('keeps what was typed when pictures cannot be made', async () => {
    const wide = await addPicture(server.context, owner, { altText: 'Wide', width: 2400, height: 900 });
    const form = (await openEditor()).untick('media', mediaId).add('media', wide);
    await post(form.add('channel', practice['instagram']!), 'save');
    await schedule();
    const { storageKey } = await server.context.db.media.findUniqueOrThrow({ where: { id: wide } });
    await server.context.mediaStore.remove(storageKey!);
    const typed = (await openEditor()).set(partOf(scene.channelId), 'Typed for long');
    const refused = await post(typed, 'save');
    expect(refused.status).toBe(503);
    expect(refused.text).toContain('A file of the media library cannot be read.');
    const kept = new FormFields(refused.text, 'editor');
    expect([kept.all(partOf(scene.channelId)), kept.all('rev')]).toEqual([['Typed for long'], ['2']]);
  });

  test('of a post that was thrown away meanwhile shows what was typed, and where the post is', async () => {
    const typed = (await openEditor()).set(partOf(scene.channelId), 'Typed <for> long');
    await discardPost(server.context, scene.owner, { postId, expectedRev: 1 });
    for (const pressed of ['save', 'check']) {
      const { status, text } = await post(typed, pressed);
      expect(status).toBe(409);
      expect(text).toContain('This post is in the trash until');
      expect(text).toContain('href="/trash"');
      expect(text).toMatch(/<textarea [^>]*readonly[^>]*>\s*Typed &lt;for> long<\/textarea>/);
    }
  });

  test('needs a channel', async () => {
    const refused = await post((await openEditor()).untick('channel', scene.channelId), 'save');
    expect(refused.status).toBe(409);
    expect(sayOf(refused.text, 'channels-error')).toBe('A post goes to one channel at least. Tick one.');
  });

  test('is not for viewers, nor is checking', async () => {
    const form = await openEditor();
    const viewer = await addMember(server.context, scene.owner.teamId, 'viewer');
    const looker = createVisitor(server.url);
    await looker.signIn(viewer);
    expect((await looker.get(editPath())).status).toBe(403);
    expect((await looker.get('/posts/new')).status).toBe(403);
    expect((await looker.post(editPath(), form.pairs)).status).toBe(403);
    expect((await looker.post(`${editPath()}/check`, form.pairs)).status).toBe(403);
  });
});

test('people of another team find nothing to edit, and nothing of a team gets into their posts', async () => {
  const other = await createOwner(server.context);
  const stranger = createVisitor(server.url);
  await stranger.signIn(await addMember(server.context, other.team.id, 'owner'));
  const { pairs } = await openEditor();
  for (const path of [editPath(), `/posts/${postId}/history`, `/campaigns/${scene.campaignId}/edit`]) {
    expect((await stranger.get(path)).status, path).toBe(404);
  }
  const { text } = await stranger.get('/campaigns/new');
  const csrf: [string, string] = ['csrf', csrfOf(text)];
  const fields = pairs.filter(([name]) => name !== 'csrf' && name !== 'team');
  for (const path of [editPath(), `${editPath()}/check`]) {
    expect((await stranger.post(path, [csrf, ...fields, ['do', 'check']])).status, path).toBe(404);
  }
  const stolen: [string, string][] = [csrf, ['campaign', scene.campaignId], ['channel', scene.channelId]];
  const refused = await stranger.post('/posts/new', [...stolen, ['media', mediaId], ['do', 'save']]);
  expect([403, 409, 200]).toContain(refused.status);
  for (const secret of ['A loaf', 'Opening week', 'Fresh bread']) expect(refused.text).not.toContain(secret);
  expect(await server.context.db.post.count({ where: { teamId: other.team.id } })).toBe(0);
});

describe('what is typed', () => {
  test('may be long in every channel', async () => {
    const form = (await openEditor()).set(partOf(scene.channelId), 'Хлеб '.repeat(3000));
    const kept = new FormFields((await post(form, 'check')).text, 'editor');
    expect(kept.all(partOf(scene.channelId))[0]).toHaveLength(15_000);
    expect((await post(form.set(partOf(scene.channelId), 'a'.repeat(200_000)), 'check')).status).toBe(413);
  });

  test('is one text of 20,000 characters at most', async () => {
    const form = (await openEditor()).set(partOf(scene.channelId), 'a'.repeat(20_000));
    expect((await post(form, 'check')).status).toBe(200);
    const refused = await post(form.set(partOf(scene.channelId), 'a'.repeat(20_001)), 'check');
    expect(refused.status).toBe(400);
    expect(refused.text).toContain('One of the texts is longer than 20,000 characters.');
    const begun = (await openEditor('/posts/new')).set('text', 'a'.repeat(20_001));
    expect((await post(begun, 'check', '/posts/new/check')).status).toBe(400);
  });

  test('is 100,000 characters at most, also where many channels say one text', async () => {
    const begun = (await openEditor('/posts/new')).set('text', 'a'.repeat(15_000));
    const { postId: longId } = await createPost(server.context, agent.caller, {
      ...{ campaignId: scene.campaignId, channelIds: [scene.channelId], text: 'a'.repeat(15_000) },
    });
    const edited = await openEditor(`/posts/${longId}/edit`);
    for (const channelId of Object.values(practice)) {
      begun.add('channel', channelId);
      edited.add('channel', channelId);
    }
    for (const path of ['/posts/new', '/posts/new/check'])
      expect((await post(begun, 'check', path)).status, path).toBe(400);
    for (const path of [`/posts/${longId}/edit`, `/posts/${longId}/edit/check`])
      expect((await post(edited, 'check', path)).status, path).toBe(400);
    const kept = await openEditor();
    for (const channelId of Object.values(practice).slice(0, 6))
      kept.add(partOf(channelId), 'a'.repeat(17_000));
    expect((await post(kept, 'check')).text).toContain('longer than 100,000 characters');
  });
});

describe('a newer revision', () => {
  test('is shown beside what was typed, word by word, and nothing of it is lost', async () => {
    const form = (await openEditor()).set(partOf(scene.channelId), 'Fresh bread from nine');
    const changes = { text: 'Fresh bread from eight' };
    await updatePost(server.context, agent.caller, { postId, expectedRev: 1, changes });
    const refused = await post(form, 'save');
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('for Olivia Owner saved revision 2 while you wrote');
    expect(refused.text).toContain('Fresh bread from <del>eight</del><ins>nine</ins>');
    const kept = new FormFields(refused.text, 'editor');
    expect(kept.all(partOf(scene.channelId))).toEqual(['Fresh bread from nine']);
    for (const rev of ['', 'NaN', '1e30', '-1'])
      expect((await post(form.set('rev', rev), 'save')).status).toBe(409);
    expect((await saved()).text).toBe('Fresh bread from eight');
    expect((await post(kept, 'save')).location).toBe(`/posts/${postId}?done=edited`);
    expect(await saved()).toMatchObject({ rev: 3, text: 'Fresh bread from nine' });
  });

  test('is not lost by whatever was pressed before saving', async () => {
    const form = (await openEditor()).set(partOf(scene.channelId), 'Mine');
    const changes = { text: 'Theirs' };
    await updatePost(server.context, agent.caller, { postId, expectedRev: 1, changes });
    await schedule();
    const checked = new FormFields((await post(form, 'check')).text, 'editor');
    const longer = new FormFields((await post(checked, `part ${scene.channelId}`)).text, 'editor');
    const none = new FormFields(
      (await post(longer.untick('channel', scene.channelId), 'save')).text,
      'editor',
    );
    expect([none.all('rev'), none.all('places')]).toEqual([['1'], ['']]);
    const refused = await post(none.add('channel', scene.channelId), 'save');
    expect(refused.text).toContain('saved revision 2 while you wrote');
    expect((await saved()).text).toBe('Theirs');
    const seen = new FormFields(refused.text, 'editor');
    expect(seen.all('rev')).toEqual(['2']);
    expect((await post(seen, 'save')).location).toBe(`/posts/${postId}?done=edited_scheduled`);
  });

  test('that comes while a move is looked at is not lost either', async () => {
    const form = (await openEditor()).set(partOf(scene.channelId), 'Mine');
    await schedule();
    const moved = await post(form, 'save');
    expect(moved.text).toContain('The post was moved to another time or channel');
    expect(moved.text).toContain('What is on the schedule keeps its time.');
    const seen = new FormFields(moved.text, 'editor');
    const changes = { text: 'Theirs' };
    await updatePost(server.context, agent.caller, { postId, expectedRev: 1, changes });
    const refused = await post(seen, 'save');
    expect(refused.text).toContain('saved revision 2 while you wrote');
    const last = await post(new FormFields(refused.text, 'editor'), 'save');
    expect(last.location).toBe(`/posts/${postId}?done=edited_scheduled`);
  });

  test('is taken over where nobody typed: the other channel and the pictures', async () => {
    const own = (await openEditor()).add('channel', practice['x']!).add(partOf(practice['x']!), 'For X');
    await post(own, 'save');
    const form = (await openEditor()).set(partOf(practice['x']!), 'For X, shorter');
    const changes = { overrides: [{ channelId: scene.channelId, text: 'Theirs' }], mediaIds: [] };
    await updatePost(server.context, agent.caller, { postId, expectedRev: 2, changes });
    const refused = await post(form, 'save');
    expect(refused.text).not.toContain('<del>Theirs');
    await post(new FormFields(refused.text, 'editor'), 'save');
    const after = await saved();
    expect(after.deliveries.map(({ parts }) => parts[0])).toEqual(['Theirs', 'For X, shorter']);
    expect(after.pictures).toEqual([]);
  });
});

describe('checking', () => {
  test('counts and objects as preview_post does, network by network', async () => {
    const text = `See https://example.com/${'a'.repeat(60)} @baker@example.social 👩‍👩‍👧‍👦 ${'word '.repeat(70)}`;
    const form = await openEditor();
    for (const channelId of Object.values(practice))
      form.add('channel', channelId).add(partOf(channelId), text);
    const { text: markup } = await post(form, 'check');
    await post(new FormFields(markup, 'editor'), 'save');
    const preview = await previewPost(server.context, scene.owner, { postId });
    expect(preview.channels).toHaveLength(8);
    for (const { channelId, count, limit, problems } of preview.channels) {
      const field = partOf(channelId);
      expect(sayOf(markup, `${field}-count`)).toContain(`${count} of ${limit} `);
      for (const { fix, isAboutPictures } of problems) {
        const beside = isAboutPictures ? 'picture-problems' : `(?:${field}|caption-${channelId})-problems`;
        const say = new RegExp(`id="${beside}"[^>]*>([\\s\\S]*?)</ul>`, 'g');
        const said = [...markup.matchAll(say)].map(([, inner]) => inner).join(' ');
        expect(
          said
            .replace(/&quot;/g, '"')
            .replace(/&lt;/g, '<')
            .replace(/&amp;/g, '&'),
        ).toContain(fix);
      }
    }
    expect(sayOf(markup, `${partOf(practice['x']!)}-count`)).toMatch(/^\d+ too many: \d+ of 280 characters$/);
    expect(sayOf(markup, `${partOf(practice['bluesky']!)}-count`)).toMatch(/of 300 graphemes$/);
  });

  test('answers a script with the form alone, and saves nothing', async () => {
    const form = (await openEditor()).set(partOf(scene.channelId), 'Half a sent');
    const answer = await person.post(`${editPath()}/check`, form.pairs);
    expect(answer.text).toMatch(/^<div id="editor-body">/);
    expect(sayOf(answer.text, `${partOf(scene.channelId)}-count`)).toBe('11 of 500 graphemes');
    expect((await saved()).rev).toBe(1);
  });

  test('makes a thread of a text that is too long, which then has nothing to object to', async () => {
    const form = (await openEditor()).add('channel', practice['bluesky']!);
    form.add(partOf(practice['bluesky']!), 'A sentence about bread. '.repeat(30));
    const split = await post(form, `split ${practice['bluesky']!}`);
    const [first, second] = [0, 1].map((index) => partOf(practice['bluesky']!, index));
    const threaded = new FormFields(split.text, 'editor');
    expect(threaded.all(first!)[0]).toMatch(/^A sentence about bread\./);
    expect(threaded.all(second!)[0]).toMatch(/bread\.$/);
    expect(sayOf(split.text, `${first!}-problems`)).toBe('');
    expect(split.text).toMatch(/1 of 3.*2 of 3.*3 of 3/s);
  });

  test('shows what each network makes of a text, a card where it draws one, and pictures as it cuts them', async () => {
    const form = (await openEditor()).untick('media', mediaId);
    const text = 'See https://example.com/loaf @baker #bread';
    for (const network of ['x', 'bluesky', 'instagram']) {
      form.add('channel', practice[network]!).add(partOf(practice[network]!), text);
    }
    const { text: plain } = await post(form, 'check');
    const lookOf = (markup: string, network: string) =>
      new RegExp(`id="caption-${practice[network]!}-look">([\\s\\S]*?)</article>`).exec(markup)![1]!;
    expect(lookOf(plain, 'x')).toContain(
      '<span class="mark" data-kind="link">https://example.com/loaf</span>',
    );
    expect(lookOf(plain, 'x')).toContain('<span class="mark" data-kind="hashtag">#bread</span>');
    expect(lookOf(plain, 'x')).toContain('<strong>example.com</strong>');
    expect(lookOf(plain, 'bluesky')).toContain('data-kind="link">https://example.com/loaf');
    expect(lookOf(plain, 'bluesky')).not.toContain('link-card');
    expect(lookOf(plain, 'instagram')).not.toContain('data-kind="link"');
    const wide = await addPicture(server.context, owner, { altText: 'Wide', width: 2400, height: 900 });
    const { text: pictured } = await post(form.add('media', wide), 'check');
    expect(lookOf(pictured, 'instagram')).toContain('<svg role="img" aria-label="Wide" viewBox="');
    expect(lookOf(pictured, 'x')).not.toContain('link-card');
  });

  test('shows hostile text as text in every preview', async () => {
    const form = await openEditor();
    form.set(partOf(scene.channelId), HOSTILE);
    for (const channelId of Object.values(practice))
      form.add('channel', channelId).add(partOf(channelId), HOSTILE);
    const { text } = await post(form, 'check');
    expect(text).not.toMatch(/<script>alert|<img src=x|<b>|<i>/);
    expect(text.match(/&lt;script>alert/g)!.length).toBeGreaterThanOrEqual(16);
  });
});

describe('a new post', () => {
  test('begins with the channels of its campaign and becomes a draft', async () => {
    const path = `/posts/new?campaign=${scene.campaignId}`;
    const form = await openEditor(path);
    expect(form.all('campaign')).toEqual([scene.campaignId]);
    expect(form.all('channel')).toEqual([scene.channelId]);
    const checked = await post(
      form.set('text', 'Written in the browser').add('media', mediaId),
      'check',
      '/posts/new',
    );
    const { location } = await post(new FormFields(checked.text, 'editor'), 'save', '/posts/new');
    expect(location).toMatch(/^\/posts\/pst_[0-9a-f]+\?done=drafted$/);
    const created = await getPost(server.context, scene.owner, { postId: location!.slice(7, 43) });
    expect(created).toMatchObject({ text: 'Written in the browser', state: 'draft', rev: 1 });
    expect(created.createdBy).toEqual({ personName: 'Olivia Owner', clientName: null });
    expect(created.pictures).toHaveLength(1);
    const where = { target: created.id };
    const recorded = await server.context.db.activity.findMany({ where });
    expect(recorded).toMatchObject([{ action: 'post.created', personId: scene.owner.personId }]);
  });

  test('is of the campaign that it was begun from, however old that is', async () => {
    const { teamId, personId } = scene.owner;
    const newer = Array.from({ length: 50 }, (_, index) => ({
      ...{ id: newId('campaign'), teamId, createdByPersonId: personId },
      ...{ name: `Later ${index}`, goal: 'Be seen' },
    }));
    await server.context.db.campaign.createMany({ data: newer });
    const form = await openEditor(`/posts/new?campaign=${scene.campaignId}`);
    expect(form.all('campaign')).toEqual([scene.campaignId]);
    const { location } = await post(form.set('text', 'Of an old one'), 'save', '/posts/new');
    const created = await getPost(server.context, scene.owner, { postId: location!.slice(7, 43) });
    expect(created.campaignId).toBe(scene.campaignId);
    await server.context.db.campaign.deleteMany({ where: { id: { in: newer.map(({ id }) => id) } } });
  });

  test('that cannot be saved keeps what was typed', async () => {
    const form = await openEditor('/posts/new');
    form
      .set('campaign', 'cmp_00000000000000000000000000000000')
      .set('text', 'Kept')
      .add('channel', scene.channelId);
    const refused = await post(form, 'save', '/posts/new');
    expect(refused.status).toBe(409);
    const kept = new FormFields(refused.text, 'editor');
    expect([kept.all('text'), kept.all('channel')]).toEqual([['Kept'], [scene.channelId]]);
  });
});
