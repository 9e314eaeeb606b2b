import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createGuardedFetch, type GuardedFetch } from '../../server/fetch.ts';
import type { LinkedAccount } from '../../server/networks/account-link.ts';
import { createInstagram } from '../../server/networks/instagram.ts';
import type { Network } from '../../server/networks/network.ts';
import { createThreads } from '../../server/networks/threads.ts';
import type { FakeGraph } from '../support/fakes/meta/graph.ts';
import { startFakeInstagram, type FakeInstagram } from '../support/fakes/meta/instagram.ts';
import { startFakeThreads, type FakeThreads } from '../support/fakes/meta/threads.ts';
import { pressAuthorize } from '../support/fakes/press-authorize.ts';
import { startFakeServer } from '../support/fakes/fake-server.ts';
import documented from '../support/fakes/meta/documented.json' with { type: 'json' };

const REDIRECT_URI = 'https://posts.company.com/channels/link/callback';
const HOUR_SECONDS = 3600;
const noApps = { find: async () => null, store: async () => undefined };

let threads: FakeThreads;
let instagram: FakeInstagram;
let fetch: GuardedFetch;

beforeAll(async () => {
  threads = await startFakeThreads();
  instagram = await startFakeInstagram();
  fetch = createGuardedFetch(['127.0.0.1']);
});
afterAll(async () => {
  await fetch.close();
  await threads[Symbol.asyncDispose]();
  await instagram[Symbol.asyncDispose]();
});
beforeEach(() => {
  threads.isTester = true;
});

const SCOPES = {
  threads: [
    ...['threads_basic', 'threads_content_publish', 'threads_manage_replies'],
    ...['threads_read_replies', 'threads_manage_insights', 'threads_delete'],
  ],
  instagram: [
    ...['instagram_business_basic', 'instagram_business_content_publish'],
    'instagram_business_manage_insights',
  ],
};

function open(kind: 'threads' | 'instagram'): { network: Network; graph: FakeGraph } {
  const fake = kind === 'threads' ? threads : instagram;
  const { clientId, clientSecret } = fake.graph.oauth.registerApp({
    redirectUris: [REDIRECT_URI],
    scopes: SCOPES[kind],
  });
  const app = { clientId, clientSecret: clientSecret!, apiUrl: fake.url, webUrl: fake.url };
  const network =
    kind === 'threads'
      ? createThreads(app)
      : createInstagram({ ...app, oauthUrl: fake.url, graphVersion: 'v25.0' });
  return { network, graph: fake.graph };
}

const linkCall = () => ({
  ...{ redirectUri: REDIRECT_URI, fetch, apps: noApps },
  signal: AbortSignal.timeout(10_000),
});

async function link(network: Network, press: Parameters<typeof pressAuthorize>[1]): Promise<LinkedAccount[]> {
  const { authorizeUrl, memory } = await network.link!.begin({ ...linkCall(), state: 'state-1', answer: '' });
  const callback = await pressAuthorize(authorizeUrl, press);
  expect(callback.searchParams.get('state')).toBe('state-1');
  return network.link!.finish({ ...linkCall(), memory, query: callback.searchParams });
}

describe.each(['threads', 'instagram'] as const)('linking %s', (kind) => {
  test('ends with the account, a token for two months and what it may do', async () => {
    const { network, graph } = open(kind);
    const { id, username } = graph.addAccount(`link.${kind}`);
    const [account, ...others] = await link(network, { accountId: id });
    expect(others).toEqual([]);
    expect(account).toMatchObject({ remoteAccountId: id, handle: username, grantedScopes: SCOPES[kind] });
    const days = (account!.tokenExpiresAt!.getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(59);
    const { token } = JSON.parse(account!.credentials!) as { token: string };
    expect(graph.oauth.tokens.find(token)).toMatchObject({ accountId: id });
  });

  test('a permission that was left out is named', async () => {
    const { network, graph } = open(kind);
    const { id } = graph.addAccount(`left.out.${kind}`);
    const [, publishing] = SCOPES[kind];
    await expect(link(network, { accountId: id, without: [publishing!] })).rejects.toMatchObject({
      code: 'scope_missing',
      message: expect.stringContaining(`publishing posts (${publishing})`),
    });
  });

  test('a person who refuses links nothing, and a code that is worth nothing says so without words of theirs', async () => {
    const { network, graph } = open(kind);
    const { id } = graph.addAccount(`refuses.${kind}`);
    await expect(link(network, { accountId: id, deny: true })).rejects.toMatchObject({
      code: 'access_denied',
    });
    const query = new URLSearchParams({ code: 'made-up', state: 'x' });
    const made = network.link!.finish({ ...linkCall(), memory: {}, query });
    await expect(made).rejects.toMatchObject({ kind: 'rejected', code: 'link_failed' });
  });

  test('a token is renewed once it is a day old and while it lives, and never after', async () => {
    const fake = kind === 'threads' ? threads : instagram;
    const { network, graph } = open(kind);
    const { id } = graph.addAccount(`renews.${kind}`);
    const [account] = await link(network, { accountId: id });
    const access = (credentials: string) => ({
      ...{ channelId: 'c', remoteAccountId: id, handle: 'h', grantedScopes: [], credentials },
    });
    const renew = (credentials: string) =>
      network.refresh!(access(credentials), fetch, AbortSignal.timeout(10_000));
    await expect(renew(account!.credentials!)).rejects.toMatchObject({ kind: 'rejected' });
    fake.clock.moveBy(25 * HOUR_SECONDS);
    const renewed = await renew(account!.credentials!);
    expect(renewed.credentials).not.toBe(account!.credentials);
    fake.clock.moveBy(61 * 24 * HOUR_SECONDS);
    await expect(renew(renewed.credentials)).rejects.toMatchObject({ kind: 'auth_expired' });
  });

  test('says which setting is missing', () => {
    const prefix = kind.toUpperCase();
    const app = {
      clientId: undefined,
      clientSecret: undefined,
      apiUrl: 'https://a.test',
      webUrl: 'https://a.test',
    };
    const network =
      kind === 'threads'
        ? createThreads(app)
        : createInstagram({ ...app, oauthUrl: 'https://a.test', graphVersion: 'v25.0' });
    expect(network.link!.missingSettings).toEqual([`${prefix}_APP_ID`, `${prefix}_APP_SECRET`]);
  });
});

describe.each([true, false])('an account of Threads whose token may be looked into: %s', (isTester) => {
  test('is linked when it may publish threads and see what is out, and else told what is missing', async () => {
    threads.isTester = isTester;
    const { network, graph } = open('threads');
    const { id } = graph.addAccount(isTester ? 'a.tester' : 'not.a.tester');
    const [account] = await link(network, { accountId: id, without: ['threads_manage_insights'] });
    expect(account).toMatchObject({ remoteAccountId: id });
    for (const scope of ['threads_content_publish', 'threads_manage_replies', 'threads_read_replies']) {
      await expect(link(network, { accountId: id, without: [scope] })).rejects.toMatchObject({
        code: 'scope_missing',
        message: expect.stringMatching(new RegExp(`needed: [a-z ]+ \\(${scope}\\)\\. Link`)),
      });
    }
  });
});

test('the answer of Instagram is read as it is documented, in a list', async () => {
  const { answer } = documented.instagram.shortLivedToken;
  const answers: unknown[] = [
    answer,
    { access_token: 'long', token_type: 'bearer', expires_in: 5_183_944 },
    { data: [{ user_id: '17841405822304914', username: 'quay' }] },
  ];
  await using vendor = await startFakeServer(() => ({ status: 200, body: answers.shift() }));
  const app = { clientId: 'app', clientSecret: 'secret', apiUrl: vendor.url, webUrl: vendor.url };
  const network = createInstagram({ ...app, oauthUrl: vendor.url, graphVersion: 'v25.0' });
  const query = new URLSearchParams({ code: 'AQBx-hBsH3#_' });
  const [account] = await network.link!.finish({ ...linkCall(), memory: {}, query });
  expect(account).toMatchObject({ remoteAccountId: '17841405822304914', handle: 'quay' });
  const sent = new URLSearchParams(vendor.journal[0]!.request.body.toString());
  expect(sent.get('code')).toBe('AQBx-hBsH3');
});

test('nothing was called that is not documented', () => {
  expect([...threads.strays, ...instagram.strays]).toEqual([]);
});
