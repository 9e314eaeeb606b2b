// The stand-in, held to what the documentation shows and to a client that somebody else wrote.
import { createHash } from 'node:crypto';

import { createOAuthAPIClient, createRestAPIClient, MastoHttpError } from 'masto';
import { expect, test } from 'vitest';

import { pressAuthorize } from '../support/fakes/press-authorize.ts';
import { startFakeMastodon } from '../support/fakes/mastodon/fake-mastodon.ts';
import { countStatusCharacters, toStatusHtml } from '../support/fakes/mastodon/fake-status-text.ts';
import { findDocumented } from '../support/fakes/mastodon/find-documented.ts';

const SCOPES = 'read write';
const REDIRECT_URI = 'https://app.example/callback';

async function signIn(fake: Awaited<ReturnType<typeof startFakeMastodon>>) {
  const anonymous = createRestAPIClient({ url: fake.url });
  const app = await anonymous.v1.apps.create({
    clientName: 'Somebody else',
    redirectUris: REDIRECT_URI,
    scopes: SCOPES,
    website: 'https://app.example',
  });
  const verifier = 'a-verifier-of-at-least-forty-three-characters-x';
  const authorizeUrl = new URL('/oauth/authorize', fake.url);
  authorizeUrl.search = new URLSearchParams({
    response_type: 'code',
    client_id: app.clientId!,
    redirect_uri: REDIRECT_URI,
    scope: SCOPES,
    state: 's1',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }).toString();
  const callback = await pressAuthorize(authorizeUrl);
  const oauth = createOAuthAPIClient({ url: fake.url });
  const given = {
    grantType: 'authorization_code',
    clientId: app.clientId!,
    clientSecret: app.clientSecret!,
    redirectUri: REDIRECT_URI,
    code: callback.searchParams.get('code')!,
    codeVerifier: verifier,
  } as const;
  const token = await oauth.token.create(given);
  return { app, oauth, given, token, callback };
}

test('a foreign client registers, signs in with PKCE, and is refused what the code was used for already', async () => {
  await using fake = await startFakeMastodon();
  fake.addAccount('alice');
  const { token, callback, oauth, given, app } = await signIn(fake);
  expect(callback.searchParams.get('state')).toBe('s1');
  expect(token).toMatchObject({ tokenType: 'Bearer', scope: SCOPES, createdAt: expect.any(Number) });
  await expect(oauth.token.create(given)).rejects.toMatchObject({
    statusCode: 400,
    message: 'invalid_grant',
  });
  const { clientId, clientSecret } = app;
  await oauth.revoke({ clientId: clientId!, clientSecret: clientSecret!, token: token.accessToken });
  const client = createRestAPIClient({ url: fake.url, accessToken: token.accessToken });
  await expect(client.v1.accounts.verifyCredentials()).rejects.toMatchObject({ statusCode: 401 });
  expect(fake.server.strays).toEqual([]);
});

test('a foreign client posts with a key, replies, attaches a picture, reads, deletes and meets errors', async () => {
  await using fake = await startFakeMastodon();
  fake.addAccount('alice');
  const { token } = await signIn(fake);
  const client = createRestAPIClient({ url: fake.url, accessToken: token.accessToken });
  const me = await client.v1.accounts.verifyCredentials();
  expect(me).toMatchObject({ username: 'alice', acct: 'alice', followersCount: 3 });
  const instance = await client.v2.instance.fetch();
  expect(instance.configuration.statuses.maxCharacters).toBe(500);

  const withKey = { requestInit: { headers: { 'Idempotency-Key': 'k1' } } };
  const first = await client.v1.statuses.create({ status: 'Hello' }, withKey);
  const again = await client.v1.statuses.create({ status: 'Something else' }, withKey);
  expect(again.id).toBe(first.id);
  const reply = await client.v1.statuses.create({ status: 'More', inReplyToId: first.id });
  expect(reply.inReplyToId).toBe(first.id);

  const file = new Blob([new Uint8Array([1, 2, 3])], { type: 'image/png' });
  const media = await client.v2.media.create({ file, description: 'A dot' });
  const pictured = await client.v1.statuses.create({ status: '', mediaIds: [media.id] });
  expect(pictured.mediaAttachments).toMatchObject([{ id: media.id, description: 'A dot' }]);

  const page = await client.v1.accounts.$select(me.id).statuses.list({ limit: 2, excludeReblogs: true });
  expect(page.map(({ id }) => id)).toEqual([pictured.id, reply.id]);
  const older = await client.v1.accounts.$select(me.id).statuses.list({ maxId: reply.id });
  expect(older.map(({ id }) => id)).toEqual([first.id]);
  expect(await client.v1.statuses.fetch({ id: [first.id, 'none', reply.id] })).toHaveLength(2);

  expect(await client.v1.statuses.$select(first.id).remove()).toMatchObject({ text: 'Hello' });
  const gone = client.v1.statuses.$select(first.id).remove();
  await expect(gone).rejects.toMatchObject({ statusCode: 404, message: 'Record not found' });
  const long = client.v1.statuses.create({ status: 'x'.repeat(501) });
  await expect(long).rejects.toBeInstanceOf(MastoHttpError);
  await expect(client.v1.statuses.create({ status: ' ' })).rejects.toMatchObject({ statusCode: 422 });
  expect(fake.server.strays).toEqual([]);
});

test('a key holds for an hour, and what is written down late lets a second post through', async () => {
  await using fake = await startFakeMastodon();
  const accessToken = fake.issueToken(fake.addAccount('alice'));
  const client = createRestAPIClient({ url: fake.url, accessToken });
  const post = () =>
    client.v1.statuses.create({ status: 'Hello' }, { requestInit: { headers: { 'Idempotency-Key': 'k' } } });
  const { id } = await post();
  fake.server.clock.moveBy(3599);
  expect((await post()).id).toBe(id);
  fake.server.clock.moveBy(2);
  expect((await post()).id).not.toBe(id);
  expect(fake.state.statuses).toHaveLength(2);

  fake.state.traits.keyWrittenAfterSeconds = 60;
  fake.server.clock.moveBy(3600);
  const late = await post();
  expect((await post()).id).not.toBe(late.id);
});

test('requests are counted, and the time of the reset is written in ISO 8601', async () => {
  await using fake = await startFakeMastodon();
  const accessToken = fake.issueToken(fake.addAccount('alice'));
  const ask = () =>
    fetch(`${fake.url}/api/v1/accounts/verify_credentials`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
  for (let call = 0; call < 300; call += 1) expect((await ask()).status).toBe(200);
  const refused = await ask();
  expect(refused.status).toBe(429);
  expect(refused.headers.get('x-ratelimit-remaining')).toBe('0');
  expect(refused.headers.get('x-ratelimit-reset')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  fake.server.clock.moveBy(301);
  expect((await ask()).status).toBe(200);
});

test('what a real server shows for a text is what the stand-in shows, but for attributes', () => {
  const [{ content }] = findDocumented('entity', 'Status') as [{ content: string }];
  const written =
    '"I lost my inheritance with one wrong digit on my sort code"\n\nhttps://www.theguardian.com/money/2019/dec/07/i-lost-my-193000-inheritance-with-one-wrong-digit-on-my-sort-code';
  const bare = (html: string) => html.replaceAll(/ (?:rel|target|translate)="[^"]*"/g, '');
  expect(bare(toStatusHtml(written, 'https://mastodon.social'))).toBe(bare(content));
});

test('links count 23, and the domain of a mention is free', () => {
  expect(countStatusCharacters(`https://example.com/${'x'.repeat(300)}`, 23)).toBe(23);
  expect(countStatusCharacters('@alice@example.com hi', 23)).toBe('@alice hi'.length);
  expect(countStatusCharacters('👩‍👩‍👧‍👦!', 23)).toBe(2);
});

test('every field that an example of the documentation has, an answer of the stand-in has too', async () => {
  await using fake = await startFakeMastodon();
  const accessToken = fake.issueToken(fake.addAccount('alice'));
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${accessToken}`, ...(init.headers as Record<string, string>) };
    return (await (await fetch(fake.url + path, { ...init, headers })).json()) as object;
  };
  const form = new FormData();
  form.set('file', new Blob([new Uint8Array([1])], { type: 'image/png' }), 'a.png');
  const media = await ask('/api/v2/media', { method: 'POST', body: form });
  const json = { 'content-type': 'application/json' };
  const status = await ask('/api/v1/statuses', { method: 'POST', body: '{"status":"Hi"}', headers: json });
  const register = JSON.stringify(findDocumented('request', 'POST /api/v1/apps')[0]);
  const app = await ask('/api/v1/apps', { method: 'POST', body: register, headers: json });
  const compared: [string, object, object][] = [
    ['MediaAttachment', media, findDocumented('answer', 'POST /api/v2/media', 200)[0]!],
    ['Status', status, findDocumented('answer', 'GET /api/v1/statuses/:id', 200)[0]!],
    ['CredentialApplication', app, findDocumented('answer', 'POST /api/v1/apps', 200)[0]!],
    [
      'metadata',
      await ask('/.well-known/oauth-authorization-server'),
      findDocumented('answer', 'GET /.well-known/oauth-authorization-server', 200)[0]!,
    ],
    ['Instance', await ask('/api/v2/instance'), findDocumented('entity', 'Instance')[0]!],
    ['V1::Instance', await ask('/api/v1/instance'), findDocumented('entity', 'V1::Instance')[0]!],
    [
      'CredentialAccount',
      await ask('/api/v1/accounts/verify_credentials'),
      findDocumented('answer', 'GET /api/v1/accounts/verify_credentials', 200)[0]!,
    ],
  ];
  for (const [name, shown, documented] of compared) {
    const missing = Object.keys(documented).filter((key) => !(key in shown) && !UNUSED.has(key));
    expect({ name, missing }).toEqual({ name, missing: [] });
  }
});

/** Of servers' own pages, and of no use to anybody here. */
const UNUSED = new Set(['email', 'approval_required', 'invites_enabled']);

test('the errors of the documentation are those that the stand-in answers with', async () => {
  await using fake = await startFakeMastodon();
  const accessToken = fake.issueToken(fake.addAccount('alice'), ['read', 'write']);
  const ask = async (method: string, path: string, token = accessToken, body?: BodyInit) => {
    const init = { method, headers: { authorization: `Bearer ${token}` }, ...(body && { body }) };
    const answer = await fetch(fake.url + path, init);
    return [answer.status, await answer.json()] as const;
  };
  const documented = (name: string, status: number) => [status, findDocumented('answer', name, status)[0]];
  expect(await ask('POST', '/api/v1/statuses', 'none')).toEqual(documented('POST /api/v1/statuses', 401));
  expect(await ask('POST', '/api/v1/statuses')).toEqual(documented('POST /api/v1/statuses', 422));
  expect(await ask('DELETE', '/api/v1/statuses/1')).toEqual(documented('DELETE /api/v1/statuses/:id', 404));
  expect(await ask('GET', '/api/v1/media/1')).toEqual(documented('GET /api/v1/media/:id', 404));
  const text = new FormData();
  text.set('file', new Blob(['x'], { type: 'text/plain' }), 'a.txt');
  expect(await ask('POST', '/api/v2/media', accessToken, text)).toEqual(
    documented('POST /api/v2/media', 422),
  );
  const token = new URLSearchParams({ grant_type: 'authorization_code', client_id: 'none', code: 'x' });
  expect(await ask('POST', '/oauth/token', '', token)).toEqual(documented('POST /oauth/token', 401));
  expect(await ask('POST', '/oauth/revoke', '', token)).toEqual(documented('POST /oauth/revoke', 403));
});
