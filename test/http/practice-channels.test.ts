import { afterAll, beforeAll, expect, it } from 'vitest';

import { addPracticeChannel } from '../../server/channels/add-practice-channel.ts';
import { listChannels } from '../../server/channels/list-channels.ts';
import { NETWORK_IDS } from '../../server/networks/network-rules.ts';
import { createPost } from '../../server/posts/create-post.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addMember, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;

beforeAll(async () => {
  server = await startPagesServer();
  scene = await createScene(server.context);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
});
afterAll(() => server[Symbol.asyncDispose]());

const practised = async () =>
  (await listChannels(server.context, scene.owner, {})).filter(({ imitates }) => imitates);

it('the form adds one, shows what it is, and offers its network no more', async () => {
  expect((await owner.get('/channels')).text).toContain('<option value="x">X</option>');
  const answer = await owner.submit('/channels', '/channels/practice', { imitates: 'x' });
  expect(answer.location).toBe('/channels?done=practice_added');
  const { text } = await owner.get(answer.location!);
  expect(text).toContain('Practice channel for X</h2>');
  expect(text).toContain('At most 280 characters');
  expect(text).not.toContain('<option value="x">X</option>');
  expect(await practised()).toMatchObject([{ network: 'playground', handle: 'practice-x', imitates: 'x' }]);
});

it('who asks for the channels of a network gets those that practise it', async () => {
  const asked = await listChannels(server.context, scene.owner, { network: 'x' });
  expect(asked).toMatchObject([{ network: 'playground', imitates: 'x' }]);
});

it('adding it again, at once or after it was disconnected, leaves one', async () => {
  const again = () => addPracticeChannel(server.context, scene.owner, { imitates: 'linkedin' });
  const ids = await Promise.all([again(), again(), again()]);
  const { channelId } = ids[0];
  expect(ids.every((one) => one.channelId === channelId)).toBe(true);
  const away = await owner.submit(`/channels/${channelId}/disconnect`, `/channels/${channelId}/disconnect`);
  expect(away.location).toBe('/channels?done=disconnected');
  expect((await practised()).some(({ imitates }) => imitates === 'linkedin')).toBe(false);
  expect(await again()).toEqual({ channelId });
  expect((await practised()).filter(({ imitates }) => imitates === 'linkedin')).toHaveLength(1);
});

it('its posts are counted as on the network that it practises', async () => {
  const { channelId } = await addPracticeChannel(server.context, scene.owner, { imitates: 'x' });
  const { captions } = await createPost(server.context, scene.owner, {
    campaignId: scene.campaignId,
    channelIds: [scene.channelId, channelId],
    text: `${'字'.repeat(130)} https://example.com/${'a'.repeat(100)}`,
  });
  expect(captions).toMatchObject([
    { count: 251, limit: 500, problems: [] },
    { count: 284, limit: 280, problems: [{ ruleId: 'text_length' }, { ruleId: 'link_price' }] },
  ]);
});

it('there is one for every network but the Playground, and then no form', async () => {
  for (const imitates of NETWORK_IDS.filter((id) => id !== 'playground')) {
    await owner.submit('/channels', '/channels/practice', { imitates });
  }
  expect(await practised()).toHaveLength(NETWORK_IDS.length - 1);
  expect((await owner.get('/channels')).text).not.toContain('Add a practice channel');
});

it.each(['', 'playground', 'nowhere', '__proto__'])(
  '“%s” is no network to practise for',
  async (imitates) => {
    const before = await server.context.db.channel.count();
    const page = await owner.get('/channels/link/bluesky');
    const csrf = /name="csrf" value="([^"]+)"/.exec(page.text)![1]!;
    const answer = await owner.post('/channels/practice', { csrf, imitates }, { origin: server.url });
    expect(answer.status).toBe(400);
    expect(await server.context.db.channel.count()).toBe(before);
  },
);

it('a viewer sees no form and is refused', async () => {
  const { email, password, caller } = await addMember(server.context, scene.owner.teamId, 'viewer');
  const viewer = createVisitor(server.url);
  await viewer.signIn({ email, password });
  expect((await viewer.get('/channels')).text).not.toContain('/channels/practice');
  await expect(addPracticeChannel(server.context, caller, { imitates: 'x' })).rejects.toMatchObject({
    kind: 'NotAllowed',
  });
});
