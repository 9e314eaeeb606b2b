// The address of a server comes from a person, so whatever answers there may be hostile: nothing breaks, and nothing is shown.
import { expect, test } from 'vitest';

import { mastodonLink } from '../../server/networks/mastodon-link.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import { startFakeServer, type FakeAnswer, type FakeRequest } from '../support/fakes/fake-server.ts';
import { startFakeMastodon } from '../support/fakes/mastodon/fake-mastodon.ts';
import { failureOf, linkCallOf, openAccount } from './mastodon-calls.ts';

const METADATA = '/.well-known/oauth-authorization-server';
const NESTED = '['.repeat(200_000) + ']'.repeat(200_000);
const WORDS = '<script>alert(1)</script>';

/** Answers as a good server until the path in question. */
async function startHostile(path: string, hostile: (request: FakeRequest) => FakeAnswer) {
  const good: Record<string, unknown> = {
    '/api/v1/apps': { client_id: 'id', client_secret: 'secret' },
    '/oauth/token': { access_token: 'token', token_type: 'Bearer', scope: 'read write', created_at: 1 },
    '/api/v1/accounts/verify_credentials': { id: '1', username: 'alice' },
    '/api/v2/instance': { configuration: { statuses: { max_characters: 500 } } },
  };
  return startFakeServer((request) => {
    if (request.path === path) return hostile(request);
    return good[request.path] ? { status: 200, body: good[request.path] } : { status: 404, body: 'none' };
  });
}

async function linkWith(url: string): Promise<unknown> {
  const call = { ...linkCallOf([new URL(url).host]), signal: AbortSignal.timeout(2000) };
  return failureOf(
    (async () => {
      const { memory } = await mastodonLink.begin({ ...call, state: 's', answer: url });
      const query = new URLSearchParams({ code: 'code', server: new URL(url).host });
      return mastodonLink.finish({ ...call, memory, query });
    })(),
  );
}

const PATHS = [METADATA, '/api/v1/apps', '/oauth/token', '/api/v1/accounts/verify_credentials'];
const HOSTILE: readonly [string, FakeAnswer][] = [
  ['a huge answer', { status: 200, body: 'x'.repeat(3_000_000) }],
  ['a page', { status: 200, body: `<html>${WORDS}</html>` }],
  ['nested lists', { status: 200, body: NESTED }],
  ['a redirect to itself', { status: 302, headers: { location: '/' } }],
  ['a redirect inside', { status: 307, headers: { location: 'http://127.0.0.1:1/' } }],
  ['null', { status: 200, body: 'null' }],
  ['a list', { status: 200, body: [] }],
  [
    'numbers for words',
    { status: 200, body: { client_id: 1, access_token: 2, id: 3, authorization_endpoint: 4 } },
  ],
  ['an error with markup', { status: 400, body: { error: WORDS, error_description: WORDS } }],
  ['an error of the server', { status: 500, body: `<html>${WORDS}</html>` }],
];

test.each(PATHS)('whatever answers at %s, linking ends with a sentence of ours', async (path) => {
  for (const [what, answer] of HOSTILE) {
    await using server = await startHostile(path, () => answer);
    const failure = await linkWith(server.url);
    expect({ what, isExpected: failure instanceof NetworkError }).toEqual({ what, isExpected: true });
    expect((failure as NetworkError).message).not.toMatch(/[<>]|script/);
    expect((failure as NetworkError).code).toMatch(/^[\w.]{1,60}$/);
    const followed = server.journal.filter(({ request }) => request.path === '/');
    expect(followed).toEqual([]);
  }
});

test('a server that does not answer in time is given up', async () => {
  await using server = await startHostile(METADATA, () => ({ status: 200, body: {} }));
  server.failNext(() => true, 'late_before');
  expect(await linkWith(server.url)).toMatchObject({ kind: 'ambiguous', code: 'timeout' });
});

const FIELDS: readonly [string, Record<string, unknown>][] = [
  ['/api/v1/apps', { client_id: 'id\n' }],
  ['/api/v1/apps', { client_secret: 'a b' }],
  ['/api/v1/apps', { client_id: 'x'.repeat(10_000) }],
  ['/oauth/token', { access_token: 'token\r\nx-evil: 1' }],
  ['/oauth/token', { access_token: '' }],
  ['/oauth/token', { token_type: 'mac' }],
  ['/oauth/token', { scope: ['read', 'write'] }],
  ['/oauth/token', { scope: 'read' }],
  ['/api/v1/accounts/verify_credentials', { id: '../../x' }],
  ['/api/v1/accounts/verify_credentials', { id: '<b>1</b>' }],
  ['/api/v1/accounts/verify_credentials', { id: '1'.repeat(1000) }],
  ['/api/v1/accounts/verify_credentials', { username: WORDS }],
  ['/api/v1/accounts/verify_credentials', { username: 'alice\u202E' }],
  ['/api/v1/accounts/verify_credentials', { username: 'a'.repeat(101) }],
  ['/api/v1/accounts/verify_credentials', { username: 'alice@mastodon.social' }],
];

test.each(FIELDS)('%s with %j links nothing', async (path, fields) => {
  const body = {
    client_id: 'id',
    client_secret: 'secret',
    access_token: 'token',
    token_type: 'Bearer',
    scope: 'read write',
    id: '1',
    username: 'alice',
    ...fields,
  };
  await using server = await startHostile(path, () => ({ status: 200, body }));
  const failure = await linkWith(server.url);
  expect(failure).toBeInstanceOf(NetworkError);
  expect((failure as NetworkError).message).not.toMatch(/[<>]|script/);
});

const ELSEWHERE = [
  'https://mastodon.social',
  'javascript:alert(1)',
  'http://127.0.0.1:1',
  'data:text/html,x',
  '',
];

test.each(ELSEWHERE)('a server that sends people or secrets to %j is not linked', async (elsewhere) => {
  for (const name of ['authorization_endpoint', 'token_endpoint']) {
    await using server = await startHostile(METADATA, ({ headers }) => {
      const own = `http://${headers.get('host')}`;
      const endpoints = {
        authorization_endpoint: `${own}/oauth/authorize`,
        token_endpoint: `${own}/oauth/token`,
      };
      return { status: 200, body: { ...endpoints, [name]: `${elsewhere}/oauth` } };
    });
    const failure = await linkWith(server.url);
    expect(failure).toBeInstanceOf(NetworkError);
    expect(server.journal.map(({ request }) => request.path)).toEqual([METADATA]);
  }
});

test.each(['authorization_endpoint', 'token_endpoint'])(
  'a %s whose path names another server is not followed there',
  async (name) => {
    await using other = await startFakeServer(() => ({ status: 200, body: {} }));
    await using server = await startHostile(METADATA, ({ headers }) => {
      const own = `http://${headers.get('host')}`;
      const endpoints = {
        authorization_endpoint: `${own}/oauth/authorize`,
        token_endpoint: `${own}/oauth/token`,
      };
      return { status: 200, body: { ...endpoints, [name]: `${own}//${new URL(other.url).host}/oauth` } };
    });
    const hosts = [server.url, other.url].map((url) => new URL(url).host);
    const call = { ...linkCallOf(hosts), state: 's', answer: server.url };
    expect(await failureOf(mastodonLink.begin(call))).toMatchObject({ code: 'foreign_endpoint' });
    expect(other.journal).toEqual([]);
  },
);

test('limits that are no limits are left out, and linking does not fail for them', async () => {
  const limitsWith = async (body: unknown, status = 200) => {
    await using server = await startHostile('/api/v2/instance', () => ({ status, body }));
    const [account] = (await linkWith(server.url)) as { ownLimits?: unknown; handle: string }[];
    return account!.ownLimits;
  };
  const statuses = { max_characters: WORDS, max_media_attachments: -1, characters_reserved_per_url: 30 };
  expect(await limitsWith({ configuration: { statuses, media_attachments: WORDS } })).toEqual({
    characters_reserved_per_url: 30,
  });
  expect(await limitsWith({ configuration: null })).toEqual({});
  expect(await limitsWith(WORDS)).toBeUndefined();
  expect(await limitsWith({ error: WORDS }, 500)).toBeUndefined();
  expect(await limitsWith('x'.repeat(3_000_000))).toBeUndefined();
});

test('the token goes to its own server alone, and never along a redirect', async () => {
  await using other = await startFakeServer(() => ({ status: 200, body: { id: '1', username: 'alice' } }));
  await using server = await startHostile('/api/v1/accounts/verify_credentials', () => ({
    status: 307,
    headers: { location: `${other.url}/api` },
  }));
  const call = linkCallOf([new URL(server.url).host, new URL(other.url).host]);
  const { memory } = await mastodonLink.begin({ ...call, state: 's', answer: server.url });
  const query = new URLSearchParams({ code: 'code', server: new URL(server.url).host });
  expect(await failureOf(mastodonLink.finish({ ...call, memory, query }))).toBeInstanceOf(NetworkError);
  expect(other.journal).toEqual([]);
});

test('statuses of a hostile server: no address of elsewhere is kept, and a flood of markup takes no time', async () => {
  await using fake = await startFakeMastodon();
  const { network, callOf } = openAccount(fake, fake.addAccount('alice'));
  const usual = `${fake.url}/@alice/1`;
  const urls = [
    'javascript:alert(1)',
    'https://evil.example/@alice/1',
    `${fake.url.replace('//', '//a:b@')}/1`,
    null,
    '',
  ];
  for (const url of urls) {
    fake.server.failNext(() => true, { status: 200, body: { id: '1', url } });
    expect(await network.send(callOf())).toEqual({ remoteId: '1', remoteUrl: usual });
  }
  const floods = ['<', '<br', '&', '&#', '@a', '@a@', '@a-', '@a@b.', '</p', ' '].map((piece) =>
    piece.repeat(80_000),
  );
  const created_at = new Date().toISOString();
  const begunAt = performance.now();
  for (const content of floods) {
    const status = { id: '1', url: null, created_at, content, media_attachments: [] };
    fake.server.failNext(() => true, { status: 200, body: [status] });
    expect(await network.readBack(callOf())).toBeNull();
  }
  expect(performance.now() - begunAt).toBeLessThan(5000);
});

test('a server that repeats a page for ever is not followed for ever', async () => {
  await using fake = await startFakeMastodon();
  const { network, callOf } = openAccount(fake, fake.addAccount('alice'));
  const status = {
    id: '1',
    url: null,
    created_at: new Date().toISOString(),
    content: 'x',
    media_attachments: [],
  };
  for (let n = 0; n < 50; n += 1) fake.server.failNext(() => true, { status: 200, body: [status] });
  expect(await failureOf(network.readBack(callOf()))).toMatchObject({ kind: 'ambiguous' });
  expect(fake.server.journal.length).toBeLessThanOrEqual(10);
});

test('numbers of a hostile server: only of what was asked for, and only numbers', async () => {
  await using fake = await startFakeMastodon();
  const { network, remote } = openAccount(fake, fake.addAccount('alice'));
  const measureWith = (statuses: unknown[]) => {
    fake.server.failNext(() => true, { status: 200, body: statuses });
    return network.measure!(remote, ['1']);
  };
  expect(await measureWith([{ id: '2', favourites_count: 5 }])).toEqual(new Map());
  expect((await measureWith([{ id: '1' }])).get('1')).toMatchObject({
    likes: null,
    comments: null,
    shares: null,
  });
  expect(await measureWith([{ id: '1', favourites_count: WORDS }])).toEqual(new Map());
  expect(await measureWith([{ id: '1', favourites_count: -1 }])).toEqual(new Map());
});
