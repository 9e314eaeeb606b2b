import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { schedulePost } from '../../server/deliveries/schedule-post.ts';
import { newId } from '../../server/ids.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { getPost } from '../../server/posts/get-post.ts';
import { updatePost } from '../../server/posts/update-post.ts';
import { connectClient, scopesOf, type TestConnection } from '../domain/connect-client.ts';
import { addPicture } from '../domain/draft-scene.ts';
import type { TestOwner } from '../support/test-context.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, csrfOf, valueOf, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let owner: TestOwner;
let person: Visitor;
let agent: TestConnection;
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
  ({ postId } = await createPost(server.context, agent.caller, {
    ...{ campaignId: scene.campaignId, channelIds: [scene.channelId] },
    text: 'Fresh bread from seven',
  }));
  await update(2, 'Fresh bread from eight');
  const mediaIds = [await addPicture(server.context, owner, { altText: 'A <loaf>' })];
  await updatePost(server.context, scene.owner, {
    ...{ postId, expectedRev: 2, changes: { text: 'Warm bread from eight', mediaIds } },
  });
});

const update = (rev: number, text: string) =>
  updatePost(server.context, agent.caller, { postId, expectedRev: rev - 1, changes: { text } });
const history = (query = '') => person.get(`/posts/${postId}/history${query}`);
const use = async (rev: number, shownRev?: number) => {
  const { text } = await history(`?to=${rev}`);
  const fields = { csrf: csrfOf(text), rev: String(shownRev ?? 3), places: valueOf(text, 'places') };
  return person.post(`/posts/${postId}/history`, { ...fields, use: String(rev) });
};

describe('the history of a post', () => {
  test('says who or which client wrote each revision', async () => {
    const { text } = await history();
    const [third = '', second = '', first = ''] = [3, 2, 1].map(
      (rev) => new RegExp(`Revision ${rev}</strong>([\\s\\S]*?)</li>`).exec(text)?.[1],
    );
    expect(third).toContain('by <span>Olivia Owner</span>');
    for (const earlier of [second, first]) {
      expect(earlier).toContain(`by <span>${agent.caller.clientName} for Olivia Owner</span>`);
    }
    expect(third).toContain('>now</span>');
    expect(third).not.toContain('Use this text again');
  });

  test('shows any two revisions word by word, with what became of pictures', async () => {
    expect((await history()).text).toContain('<del>Fresh</del><ins>Warm</ins> bread from eight');
    const far = (await history('?from=1&to=3')).text;
    expect(far).toContain('<del>Fresh</del><ins>Warm</ins> bread from <del>seven</del><ins>eight</ins>');
    expect(far).toContain('Picture 1 is new.');
    const back = (await history('?from=3&to=2')).text;
    expect(back).toContain('<del>Warm</del><ins>Fresh</ins>');
    expect(back).toContain('A picture was taken off: A &lt;loaf>.');
    expect((await history('?from=99&to=x')).status).toBe(200);
  });

  test('has the button only under all that the post would say, on every channel and with its pictures', async () => {
    const secondId = newId('channel');
    const { teamId } = scene.owner;
    await server.context.db.channel.create({
      data: { id: secondId, teamId, network: 'playground', handle: 'second', remoteAccountId: secondId },
    });
    const thread = { channelId: secondId, parts: ['Bread!', 'From seven'] };
    await updatePost(server.context, agent.caller, {
      ...{ postId, expectedRev: 3 },
      changes: { channelIds: [scene.channelId, secondId], overrides: [thread] },
    });
    await update(5, 'Cold bread from nine');
    for (const query of ['', '?from=4&to=5', '?from=1&to=5']) {
      expect((await history(query)).text, query).not.toContain('Use this text again');
    }
    const { text } = await history('?from=5&to=4');
    const previews = [...text.matchAll(/aria-label="As it looks on [\s\S]*?<\/article>/g)].map(String);
    expect(previews).toHaveLength(2);
    expect(previews[0]).toContain('>Warm bread from eight</p>');
    expect(previews[1]).toContain('>Bread!</p>');
    expect(previews[1]).toContain('>From seven</p>');
    for (const preview of previews) expect(preview).toContain('A &lt;loaf>');
    expect(text).toContain('value="4">Use this text again');
    // The post did not go to the second channel then, and says there what it says now.
    const before = (await history('?from=5&to=1')).text;
    for (const words of ['Fresh bread from seven', 'Bread!', 'From seven']) {
      expect(before).toContain(`>${words}</p>`);
    }
    await use(1, 5);
    const { deliveries } = await getPost(server.context, scene.owner, { postId });
    expect(deliveries.map(({ parts }) => parts)).toEqual([['Fresh bread from seven'], thread.parts]);
  });

  test('gives an earlier text back as a new revision, on the schedule too', async () => {
    await schedulePost(server.context, agent.caller, { postId, expectedRev: 3, at: '2036-12-01T09:00' });
    expect((await use(1)).location).toBe(`/posts/${postId}?done=edited_scheduled`);
    const post = await getPost(server.context, scene.owner, { postId });
    expect(post).toMatchObject({ rev: 4, text: 'Fresh bread from seven', state: 'scheduled' });
    expect(post.pictures).toHaveLength(1);
  });

  test('gives nothing back over a revision that nobody looked at', async () => {
    const refused = await use(1, 2);
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('Nothing was saved.');
    expect((await use(77)).status).toBe(404);
  });

  test('is there to read for viewers, without anything to do', async () => {
    const viewer = await addMember(server.context, scene.owner.teamId, 'viewer');
    const looker = createVisitor(server.url);
    await looker.signIn(viewer);
    const { text } = await looker.get(`/posts/${postId}/history?to=1`);
    expect(text).toContain('Revision 3');
    expect(text).not.toContain('Use this text again');
    const fields = { csrf: csrfOf(text), rev: '3', use: '1' };
    expect((await looker.post(`/posts/${postId}/history`, fields)).status).toBe(403);
  });
});
