// Linking an account on any server: the address comes from a person, so whatever answers there may be hostile.
import { expect, test } from 'vitest';

import { AppError } from '../../server/errors.ts';
import { mastodonLink } from '../../server/networks/mastodon-link.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import { startFakeServer, type FakeAnswer, type FakeRequest } from '../support/fakes/fake-server.ts';
import { startFakeMastodon } from '../support/fakes/mastodon/fake-mastodon.ts';
import { pressAuthorize } from '../support/fakes/press-authorize.ts';
import { CALLBACK, linkAccount, linkCallOf } from './mastodon-calls.ts';

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    (value) => value,
    (error: unknown) => error,
  );

test('an account is linked with what its own server says, and the token is for this account alone', async () => {
  await using fake = await startFakeMastodon();
  const { id } = fake.addAccount('alice');
  const { host } = new URL(fake.url);
  const { account, authorizeUrl } = await linkAccount(fake);
  expect(account).toMatchObject({
    remoteAccountId: `${id}@${host}`,
    handle: `alice@${host}`,
    grantedScopes: ['read:accounts', 'read:statuses', 'write:statuses', 'write:media'],
    ownLimits: { max_characters: 500, characters_reserved_per_url: 23, image_size_limit: 16_777_216 },
  });
  expect(authorizeUrl.searchParams.get('code_challenge_method')).toBe('S256');
  expect(authorizeUrl.searchParams.get('state')).toBe('s1');
  expect(JSON.parse(account.credentials!)).toEqual({ server: fake.url, accessToken: expect.any(String) });
  expect(fake.server.strays).toEqual([]);
});

test('a server from before discovery and PKCE is linked all the same', async () => {
  await using fake = await startFakeMastodon({ hasMetadata: false, hasInstanceV2: false });
  fake.addAccount('alice');
  const { account, authorizeUrl } = await linkAccount(fake);
  expect(authorizeUrl.searchParams.has('code_challenge')).toBe(false);
  expect(account.ownLimits).toMatchObject({ max_characters: 500 });
});

test('this server is registered once, again when it was forgotten, and again at another address', async () => {
  await using fake = await startFakeMastodon();
  fake.addAccount('alice');
  const call = linkCallOf([new URL(fake.url).host]);
  const registrations = () =>
    fake.server.journal.filter(({ request }) => request.path === '/api/v1/apps').length;
  await linkAccount(fake, call);
  await linkAccount(fake, call);
  expect(registrations()).toBe(1);
  fake.pages.forgetApps();
  await linkAccount(fake, call);
  expect(registrations()).toBe(2);
  await linkAccount(fake, { ...call, redirectUri: 'https://moved.example/callback' });
  expect(registrations()).toBe(3);
  expect([...call.stored.keys()]).toEqual([fake.url]);
});

const NAMED = [
  ['mastodon.social', 'https://mastodon.social'],
  [' Mastodon.Social/ ', 'https://mastodon.social'],
  ['@alice@mastodon.social', 'https://mastodon.social'],
  ['alice@mastodon.social', 'https://mastodon.social'],
  ['https://mastodon.social/@alice', 'https://mastodon.social'],
  ['mastodon.social/@alice', 'https://mastodon.social'],
] as const;

test.each(NAMED)('%j names the server %s', async (answer, server) => {
  const asked: string[] = [];
  const call = linkCallOf([]);
  const fetch = Object.assign(
    async (url: string | URL) => {
      asked.push(new URL(url).origin);
      throw new TypeError('enough');
    },
    { close: async () => undefined },
  );
  await failureOf(mastodonLink.begin({ ...call, fetch, state: 's', answer }));
  expect(asked).toEqual([server]);
});

test.each([
  '',
  '@',
  'javascript:alert(1)',
  'ftp://mastodon.social',
  'https://a:b@mastodon.social',
  'a b',
  '<b>',
])('%j names no server, and nothing is asked', async (answer) => {
  const failure = await failureOf(mastodonLink.begin({ ...linkCallOf([]), state: 's', answer }));
  expect(failure).toBeInstanceOf(AppError);
  expect(failure).toMatchObject({ details: { code: 'invalid_server', field: 'answer' } });
});

test.each([
  '127.0.0.1',
  'http://169.254.169.254',
  'localhost',
  'https://10.0.0.1:8443',
  'http://mastodon.social',
])('%s is not called: it is private, or not https', async (answer) => {
  const failure = await failureOf(mastodonLink.begin({ ...linkCallOf([]), state: 's', answer }));
  expect(failure).toMatchObject({ kind: 'not_sent', code: 'refused_url' });
});

test('a private server is called where the operator named it', async () => {
  await using fake = await startFakeMastodon();
  const refused = await failureOf(mastodonLink.begin({ ...linkCallOf([]), state: 's', answer: fake.url }));
  expect(refused).toMatchObject({ code: 'refused_url' });
  expect(fake.server.journal).toEqual([]);
});

test('somebody who refuses, or who allows less than is needed, is told so', async () => {
  await using fake = await startFakeMastodon();
  fake.addAccount('alice');
  const call = linkCallOf([new URL(fake.url).host]);
  const finish = async (pressed: Parameters<typeof pressAuthorize>[1]) => {
    const { authorizeUrl, memory } = await mastodonLink.begin({ ...call, state: 's', answer: fake.url });
    const { searchParams: query } = await pressAuthorize(authorizeUrl, pressed);
    return failureOf(mastodonLink.finish({ ...call, memory, query }));
  };
  expect(await finish({ deny: true })).toMatchObject({ kind: 'rejected', code: 'access_denied' });
  expect(await finish({ without: ['write:media'] })).toMatchObject({
    kind: 'rejected',
    code: 'scope_missing',
  });
});

test('a code that a good server gave in the name of another one goes to neither', async () => {
  await using good = await startFakeMastodon();
  await using evil = await startFakeMastodon();
  good.addAccount('victim');
  const call = linkCallOf([new URL(good.url).host, new URL(evil.url).host]);
  const theirs = await mastodonLink.begin({ ...call, state: 'attacker', answer: good.url });
  const victims = await mastodonLink.begin({ ...call, state: 'victim', answer: evil.url });
  // The evil server sends the person on to the good one, with the challenge of its own attempt there.
  const sentOn = new URL(theirs.authorizeUrl);
  sentOn.searchParams.set('state', 'victim');
  const { searchParams: query } = await pressAuthorize(sentOn);
  const before = evil.server.journal.length;
  const failure = await failureOf(mastodonLink.finish({ ...call, memory: victims.memory, query }));
  expect(failure).toMatchObject({ kind: 'rejected', code: 'other_server' });
  expect(evil.server.journal).toHaveLength(before);
  // Nor does the good one give a code to the address that belongs to the evil one.
  sentOn.searchParams.set('redirect_uri', victims.authorizeUrl.searchParams.get('redirect_uri')!);
  await expect(pressAuthorize(sentOn)).rejects.toThrow('not registered');
});

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

test('the callback carries the server, so that each has an address of its own', async () => {
  await using fake = await startFakeMastodon();
  const call = linkCallOf([new URL(fake.url).host]);
  const { authorizeUrl } = await mastodonLink.begin({ ...call, state: 's', answer: fake.url });
  const redirectUri = new URL(authorizeUrl.searchParams.get('redirect_uri')!);
  expect(redirectUri.origin + redirectUri.pathname).toBe(CALLBACK);
  expect(redirectUri.searchParams.get('server')).toBe(new URL(fake.url).host);
});
