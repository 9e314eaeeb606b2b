import { afterAll, beforeAll, expect, test } from 'vitest';

import { newId } from '../../server/ids.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { previewPost } from '../../server/posts/preview-post.ts';
import { updatePost } from '../../server/posts/update-post.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;
let xId: string;
let practiceId: string;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
  xId = await addChannel({ network: 'x' });
  practiceId = await addChannel({ network: 'playground', imitates: 'x' });
});
afterAll(() => server[Symbol.asyncDispose]());

async function addChannel(of: { network: string; imitates?: string }): Promise<string> {
  const id = newId('channel');
  const { teamId } = scene.owner;
  await server.context.db.channel.create({ data: { ...of, id, teamId, handle: id, remoteAccountId: id } });
  return id;
}

const create = (text: string) => {
  const channelIds = [scene.channelId, practiceId, xId];
  return createPost(server.context, scene.owner, { campaignId: scene.campaignId, channelIds, text });
};
type Checked = { channelId: string; problems: { ruleId: string; severity: string; fix: string }[] };
const byOwner = () => ({
  scheduledByPersonId: scene.owner.personId,
  scheduledAt: new Date(),
  dueAt: new Date(),
});
const pricesIn = (checked: Checked[]) =>
  checked.flatMap(({ channelId, problems }) =>
    problems.flatMap(({ ruleId, severity, fix }) => (ruleId === 'price' ? [[channelId, severity, fix]] : [])),
  );
const charges = (price: string, what = 'this post') =>
  `X charges whoever runs this server ${price} for ${what}.`;

test('what a post costs is told when it is written, changed and previewed, and where it costs nothing it is not', async () => {
  const { postId, captions } = await create('Fresh bread');
  expect(pricesIn(captions)).toEqual([[xId, 'warning', charges('$0.015')]]);
  const changes = { text: 'Fresh bread: https://example.com' };
  const updated = await updatePost(server.context, scene.owner, { postId, expectedRev: 1, changes });
  expect(pricesIn(updated.captions)).toEqual([[xId, 'warning', charges('$0.20')]]);
  const { channels, isReady } = await previewPost(server.context, scene.owner, { postId });
  expect(pricesIn(channels)).toEqual([[xId, 'warning', charges('$0.20')]]);
  expect(isReady).toBe(true);
});

test('the parts of a thread are added up', async () => {
  const { postId } = await create('Fresh bread');
  const changes = { overrides: [{ channelId: xId, parts: ['One', 'Two', 'Three: example.com'] }] };
  const updated = await updatePost(server.context, scene.owner, { postId, expectedRev: 1, changes });
  const price = charges('$0.23', 'the 3 posts of this thread');
  expect(pricesIn(updated.captions)).toEqual([[xId, 'warning', price]]);
});

test('the pages of the post and of its approval say it, until it has gone out', async () => {
  const { postId } = await create('Fresh bread');
  const where = { postId, channelId: xId };
  await server.context.db.delivery.updateMany({
    where,
    data: { state: 'held', problemCode: 'approval_missing', ...byOwner() },
  });
  for (const page of [`/posts/${postId}`, `/posts/${postId}/approve`])
    expect((await owner.get(page)).text, page).toContain(charges('$0.015'));
  const published = { state: 'published', remoteId: '1', publishedAt: new Date(), problemCode: null };
  await server.context.db.delivery.updateMany({ where, data: published });
  expect((await owner.get(`/posts/${postId}`)).text).not.toContain('X charges');
});
