import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';

import { newId } from '../../server/ids.ts';
import { createBlueskyOauth } from '../../server/networks/bluesky-oauth.ts';
import { startPagesServer, type PagesServer } from './support/pages-server.ts';
import { addPost, createScene, OWNER, type Scene } from './support/scene.ts';
import { createVisitor, type Visitor } from './support/visitor.ts';

let server: PagesServer;
let scene: Scene;
let owner: Visitor;
beforeAll(async () => {
  server = await startPagesServer({ X_CLIENT_ID: 'our-app', INSTAGRAM_APP_ID: 'our-app' });
  scene = await createScene(server.context);
  owner = createVisitor(server.url);
  await owner.signIn(OWNER);
});
afterAll(() => server[Symbol.asyncDispose]());

/** As it is read: without markup, in one line. */
async function read(path: string): Promise<string> {
  const { text } = await owner.get(path);
  return text
    .replace(/^[\s\S]*<main/, '<main')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll(/\s+/g, ' ');
}

describe('the page for linking', () => {
  test.each([
    [
      'linkedin',
      ['LINKEDIN_CLIENT_ID', 'LINKEDIN_CLIENT_SECRET'],
      'Sign In with LinkedIn using OpenID Connect',
    ],
    ['threads', ['THREADS_APP_ID', 'THREADS_APP_SECRET'], 'threads_manage_replies'],
    ['instagram', ['INSTAGRAM_APP_SECRET'], 'instagram_business_content_publish'],
    ['facebook', ['FACEBOOK_APP_ID', 'FACEBOOK_APP_SECRET'], 'pages_manage_posts'],
  ])('of %s names the settings, the permissions and the redirect URI', async (network, settings, needs) => {
    const { text: markup } = await owner.get(`/channels/link/${network}`);
    expect([...markup.matchAll(/<code>([^<]+)<\/code>/g)].map(([, name]) => name)).toEqual(settings);
    const text = await read(`/channels/link/${network}`);
    expect(text).toContain(needs);
    expect(text).toContain(`${server.url}/channels/link/${network}/callback`);
    expect(text).toContain('Not yet proven against the real service');
    expect(text).not.toContain('Continue to');
  });

  it('of X says what a post costs before anybody goes there', async () => {
    const text = await read('/channels/link/x');
    expect(text).toContain('Publishing costs 0.015 USD a post there, 0.20 USD with an address in it');
    expect(text).toContain('Continue to X');
    expect(await read('/channels/link/mastodon')).not.toContain('costs');
  });

  it('says where pictures could not go out', async () => {
    expect(await read('/channels/link/instagram')).toContain(
      'Instagram fetches pictures by itself, and this server has no address on the internet',
    );
    expect(await read('/channels/link/facebook')).not.toContain('fetches pictures');
  });
});

test('before a channel is disconnected, people read how many posts wait for it then', async () => {
  const { db } = server.context;
  const id = newId('channel');
  const { teamId } = scene.owner;
  await db.channel.create({
    data: { id, teamId, network: 'threads', handle: 'harbour', remoteAccountId: '17', status: 'ok' },
  });
  const path = `/channels/${id}/disconnect`;
  expect(await read(path)).toContain('Nothing is scheduled on this channel.');
  await addPost(server.context, { ...scene, channelId: id }, { text: 'One', state: 'scheduled' });
  expect(await read(path)).toContain('The one post that is scheduled on this channel is held until');
  await addPost(server.context, { ...scene, channelId: id }, { text: 'Two', state: 'scheduled' });
  const text = await read(path);
  expect(text).toContain('The 2 posts that are scheduled on this channel are held until it is linked again.');
  expect(text).toContain('Threads still lists Grantcast among the apps of the account');
  await owner.submit(path, path);
  const held = await db.delivery.findMany({ where: { channelId: id } });
  expect(held.map(({ state, problemMessage }) => [state, problemMessage])).toEqual(
    Array.from({ length: 2 }, () => ['held', expect.stringContaining('goes on when it is linked again')]),
  );
});

test('what Bluesky reads of this server is what its own library takes, for anybody, and holds no secret', async () => {
  const publicUrl = 'https://posts.example.com';
  await using reached = await startPagesServer({ PUBLIC_URL: publicUrl });
  const answer = await fetch(`${reached.url}/channels/link/bluesky/client.json`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toContain('application/json');
  const told = (await answer.json()) as { jwks: { keys: object[] } };
  expect(told).toMatchObject({
    client_id: `${publicUrl}/channels/link/bluesky/client.json`,
    redirect_uris: [`${publicUrl}/channels/link/bluesky/callback`],
    scope: 'atproto repo:app.bsky.feed.post blob:image/*',
    token_endpoint_auth_method: 'private_key_jwt',
    dpop_bound_access_tokens: true,
  });
  expect(Object.keys(told.jwks.keys[0]!).toSorted()).toEqual(['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y']);
  const client = await createBlueskyOauth(reached.context).open({}, reached.context.fetch);
  expect(client.clientMetadata).toMatchObject(told);
  for (const network of ['x', 'mastodon', 'unknown']) {
    expect((await fetch(`${reached.url}/channels/link/${network}/client.json`)).status).toBe(404);
  }
});
