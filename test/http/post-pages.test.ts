import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { approvePost } from '../../server/deliveries/approve-post.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { discardPost } from '../../server/posts/discard-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { updatePost } from '../../server/posts/update-post.ts';
import { connectClient, scopesOf, type TestConnection } from '../domain/connect-client.ts';
import { addPicture } from '../domain/draft-scene.ts';
import type { TestOwner } from '../support/test-context.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, csrfOf, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let owner: TestOwner;
let person: Visitor;
let agent: TestConnection;
let mediaId: string;
let postId: string;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  const { teamId, personId } = scene.owner;
  owner = { team: { id: teamId }, person: { id: personId }, caller: scene.owner } as TestOwner;
  agent = await connectClient(server.context, owner, scopesOf('schedule'));
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
const approve = async () => {
  const { rev, contentHash } = await getPost(server.context, scene.owner, { postId });
  await approvePost(server.context, scene.owner, { postId, rev, contentHash });
};

describe('pictures', () => {
  test('of a draft come from the library, with what is read out for them', async () => {
    const { text } = await person.get(`/posts/${postId}`);
    expect(text).toContain(`src="/media/${mediaId}/thumbnail?v=`);
    expect(text).toContain('alt="A loaf &lt;on> a table"');
    expect(text).toContain('1200 × 900, JPEG');
  });

  test('of what went out are called fit also after they were deleted from the library', async () => {
    await schedule();
    await server.context.db.delivery.updateMany({
      where: { postId },
      data: { state: 'published', remoteId: 'pgp_x', publishedAt: new Date() },
    });
    await server.context.db.media.update({ where: { id: mediaId }, data: { state: 'deleted' } });
    const { text } = await person.get(`/posts/${postId}`);
    expect(text).toContain(`src="/renditions/${postId}/1/`);
    expect(text).not.toContain('Cannot go out here');
  });

  test('on the calendar are the very ones that the network gets', async () => {
    await schedule();
    for (const path of [`/posts/${postId}`, `/posts/${postId}/approve`]) {
      const { text } = await person.get(path);
      expect(text).toContain(`src="/renditions/${postId}/1/${scene.channelId}/1?v=`);
    }
  });

  test('that nobody described are worth a look, and that were deleted keep the post from going out', async () => {
    const bare = await addPicture(server.context, owner, { altText: '' });
    const edit = { postId, expectedRev: 1, changes: { mediaIds: [bare] } };
    await updatePost(server.context, agent.caller, edit);
    expect((await person.get(`/posts/${postId}`)).text).toContain('Nobody described it.');
    await server.context.db.media.update({ where: { id: bare }, data: { state: 'deleted' } });
    expect((await person.get(`/posts/${postId}`)).text).toContain('was deleted from the library');
  });
});

describe('what changed since the last yes', () => {
  test('is shown word by word to who is asked again', async () => {
    await schedule();
    await approve();
    const changes = { text: 'Fresh bread from eight', mediaIds: [] };
    await updatePost(server.context, agent.caller, { postId, expectedRev: 1, changes });
    const { text } = await person.get(`/posts/${postId}/approve`);
    expect(text).toContain('Fresh bread from <del>seven</del><ins>eight</ins>');
    expect(text).toContain('A picture was taken off: A loaf &lt;on> a table.');
    expect(text).toContain('revision 1, approved by');
    await approve();
    expect((await person.get(`/posts/${postId}`)).text).not.toContain('What changed');
  });

  test('is nothing to speak of where nobody had approved anything', async () => {
    await updatePost(server.context, agent.caller, { postId, expectedRev: 1, changes: { text: 'Other' } });
    await schedule();
    expect((await person.get(`/posts/${postId}/approve`)).text).not.toContain('What changed');
  });
});

describe('the trash', () => {
  test('takes a post from its page and gives it back', async () => {
    const { text } = await person.get(`/posts/${postId}`);
    const discarded = await person.post(`/posts/${postId}/discard`, { csrf: csrfOf(text), rev: '1' });
    expect(discarded.location).toBe('/trash?done=discarded');
    const trash = await person.get('/trash');
    expect(trash.text).toContain('Fresh bread from seven');
    expect((await person.get(`/posts/${postId}`)).status).toBe(409);
    const form = { csrf: csrfOf(trash.text), rev: '1' };
    const restored = await person.post(`/posts/${postId}/restore`, form);
    expect(restored.location).toBe(`/posts/${postId}?done=restored`);
    expect((await person.get(`/posts/${postId}`)).status).toBe(200);
  });

  test('pages, and shows other teams and viewers nothing to do', async () => {
    for (let index = 0; index < 21; index += 1) {
      const draft = { campaignId: scene.campaignId, channelIds: [scene.channelId], text: `Thrown ${index}` };
      const created = await createPost(server.context, agent.caller, draft);
      await discardPost(server.context, agent.caller, { postId: created.postId, expectedRev: 1 });
    }
    const first = await person.get('/trash');
    expect(first.text).toContain('Thrown 20');
    expect(first.text).not.toContain('Thrown 0<');
    const older = /href="(\/trash\?[^"]*cursor=[^"]*)"/.exec(first.text)![1]!.replaceAll('&amp;', '&');
    expect((await person.get(older)).text).toContain('Thrown 0<');
    const viewer = await addMember(server.context, scene.owner.teamId, 'viewer');
    const looker = createVisitor(server.url);
    await looker.signIn(viewer);
    const seen = await looker.get('/trash');
    expect(seen.text).toContain('Thrown 20');
    expect(seen.text).not.toContain('Restore</button>');
    expect((await looker.get(`/posts/${postId}`)).text).not.toContain('Throw away');
  });
});
