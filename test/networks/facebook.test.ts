import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createGuardedFetch, type GuardedFetch } from '../../server/fetch.ts';
import type { LinkCall, LinkedAccount } from '../../server/networks/account-link.ts';
import { createFacebook } from '../../server/networks/facebook.ts';
import { explainMetaError } from '../../server/networks/meta-errors.ts';
import type { Network } from '../../server/networks/network.ts';
import { startFakeServer } from '../support/fakes/fake-server.ts';
import documented from '../support/fakes/meta/documented-facebook.json' with { type: 'json' };
import {
  FACEBOOK_VERSION,
  startFakeFacebook,
  type FakeFacebook,
} from '../support/fakes/meta/fake-facebook.ts';
import { graphError, REFUSALS } from '../support/fakes/meta/graph-errors.ts';
import { pressAuthorize } from '../support/fakes/press-authorize.ts';

const REDIRECT_URI = 'http://127.0.0.1:3000/channels/callback';
const PAGE = documented.pages.answer.data[0]!;

let fake: FakeFacebook;
let fetch: GuardedFetch;
let network: Network;

const createFor = (url: string, secret = 'secret') =>
  createFacebook({
    ...{ clientId: fake.app.clientId, clientSecret: secret, apiUrl: url, webUrl: url },
    graphVersion: FACEBOOK_VERSION,
  });
const linkCall = (): LinkCall => ({
  redirectUri: REDIRECT_URI,
  fetch,
  signal: AbortSignal.timeout(10_000),
  apps: { find: async () => null, store: async () => undefined },
});

beforeAll(async () => {
  fake = await startFakeFacebook(REDIRECT_URI);
  fetch = createGuardedFetch(['127.0.0.1']);
  network = createFor(fake.url, fake.app.clientSecret!);
});
afterAll(async () => {
  await fetch.close();
  await fake[Symbol.asyncDispose]();
});

async function link(answer: Parameters<typeof pressAuthorize>[1], on = network): Promise<LinkedAccount[]> {
  const begun = await on.link!.begin({ ...linkCall(), state: 'state-1', answer: '' });
  const callback = await pressAuthorize(begun.authorizeUrl, answer);
  expect(callback.searchParams.get('state')).toBe('state-1');
  return on.link!.finish({ ...linkCall(), memory: begun.memory, query: callback.searchParams });
}

describe('linking', () => {
  test('gives the Pages on which the person may create content, each with its own token', async () => {
    const first = fake.addPage('carol', { name: 'First\u202e Page' });
    const second = fake.addPage('carol', { name: 'Second Page' });
    fake.addPage('carol', { name: 'Only looked at', tasks: ['ANALYZE'] });
    fake.addPage('dave', { name: 'Of somebody else' });
    const accounts = await link({ accountId: 'carol' });
    expect(accounts).toMatchObject([
      { remoteAccountId: first.id, handle: 'First Page', kind: 'Page' },
      { remoteAccountId: second.id, handle: 'Second Page', kind: 'Page' },
    ]);
    expect(accounts.map(({ credentials }) => JSON.parse(credentials!))).toEqual([
      { token: first.token },
      { token: second.token },
    ]);
    expect(accounts[0]!.grantedScopes).toContain('pages_manage_posts');
    expect(fake.strays).toEqual([]);
  });

  test.each([
    ['a person who refuses', { deny: true }, 'access_denied'],
    ['a permission that was left out', { without: ['pages_manage_posts'] }, 'scope_missing'],
  ])('%s is told so', async (_, answer, code) => {
    fake.addPage('erin');
    await expect(link({ accountId: 'erin', ...answer })).rejects.toMatchObject({ kind: 'rejected', code });
  });

  test('a person without a Page is told so', async () => {
    fake.addPage('frank', { tasks: ['ANALYZE'] });
    await expect(link({ accountId: 'frank' })).rejects.toMatchObject({ code: 'no_pages' });
  });

  test('with a wrong secret of the app nothing is linked', async () => {
    fake.addPage('grace');
    const wrong = createFor(fake.url, 'another secret');
    await expect(link({ accountId: 'grace' }, wrong)).rejects.toMatchObject({ code: 'link_failed' });
  });

  test('names the settings that are missing', () => {
    const bare = { clientId: undefined, clientSecret: undefined, apiUrl: fake.url, webUrl: fake.url };
    expect(createFacebook({ ...bare, graphVersion: 'v25.0' }).link!.missingSettings).toEqual([
      'FACEBOOK_APP_ID',
      'FACEBOOK_APP_SECRET',
    ]);
  });
});

describe('documented answers', () => {
  test('are read as they are, by the connector', async () => {
    const bodies: Record<string, unknown> = {
      '/v25.0/oauth/access_token': { access_token: 'long-lived' },
      '/v25.0/me/permissions': {
        data: ['pages_show_list', 'pages_manage_posts', 'pages_read_engagement'].map((permission) => ({
          permission,
          status: 'granted',
        })),
      },
      '/v25.0/me/accounts': documented.pages.answer,
      [`/v25.0/${documented.post.answer.id}`]: documented.removed.answer,
    };
    await using server = await startFakeServer(({ path }) => {
      const body = bodies[path];
      return body === undefined ? undefined : { status: 200, body };
    });
    const connector = createFor(server.url);
    const query = new URLSearchParams({ code: 'code', state: 'state' });
    const [account] = await connector.link!.finish({ ...linkCall(), memory: {}, query });
    expect(account).toMatchObject({ remoteAccountId: PAGE.id, handle: PAGE.name });
    const { remoteAccountId, handle, credentials } = account!;
    const channel = { channelId: 'channel', remoteAccountId, handle, credentials, grantedScopes: [] };
    const call = { channel, fetch, signal: AbortSignal.timeout(10_000) };
    await connector.takeDown!(call, [{ remoteId: documented.post.answer.id, remoteUrl: '' }]);
    expect(server.strays).toEqual([]);
    expect(
      explainMetaError({ status: 400, headers: new Headers(), body: documented.error.answer }, 'Facebook'),
    ).toMatchObject({
      kind: 'auth_expired',
      code: '190/460',
    });
  });

  test('have the members that the stand-in answers with', async () => {
    const refusal = graphError(REFUSALS.expired).body.error;
    expect(Object.keys(documented.error.answer.error)).toEqual(expect.arrayContaining(Object.keys(refusal)));
  });
});

describe('addresses of posts', () => {
  const channel = { remoteAccountId: '134895793791914', handle: 'grantcast.quay' };
  const url = 'https://www.facebook.com/134895793791914/posts/1151365305478282';
  const own = { remoteId: '134895793791914_1151365305478282', remoteUrl: url };

  test.each([
    [url, own],
    ['https://facebook.com/Grantcast.Quay/posts/1151365305478282', own],
    ['https://www.facebook.com/permalink.php?story_fbid=1151365305478282&id=134895793791914', own],
    ['https://www.facebook.com/another.page/posts/1151365305478282', null],
    ['https://www.facebook.com/42/posts/1151365305478282', null],
    ['https://www.facebook.com.example.com/134895793791914/posts/1151365305478282', null],
    ['https://www.facebook.com/134895793791914/about', null],
  ])('%s', (address, expected) => {
    expect(network.readPermalink(new URL(address), channel)).toEqual(expected);
  });
});
