// Linking an account on any server that speaks Mastodon's protocol.
import { expect, test } from 'vitest';

import { AppError } from '../../server/errors.ts';
import { mastodonLink } from '../../server/networks/mastodon-link.ts';
import { startFakeMastodon } from '../support/fakes/mastodon/fake-mastodon.ts';
import { pressAuthorize } from '../support/fakes/press-authorize.ts';
import { CALLBACK, failureOf, linkAccount, linkCallOf } from './mastodon-calls.ts';

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

test('the callback carries the server, so that each has an address of its own', async () => {
  await using fake = await startFakeMastodon();
  const call = linkCallOf([new URL(fake.url).host]);
  const { authorizeUrl } = await mastodonLink.begin({ ...call, state: 's', answer: fake.url });
  const redirectUri = new URL(authorizeUrl.searchParams.get('redirect_uri')!);
  expect(redirectUri.origin + redirectUri.pathname).toBe(CALLBACK);
  expect(redirectUri.searchParams.get('server')).toBe(new URL(fake.url).host);
});
