import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import { createFakeOauth, type FakeOauthRules } from '../support/fakes/fake-oauth.ts';
import { startFakeServer } from '../support/fakes/fake-server.ts';
import { pressAuthorize } from '../support/fakes/press-authorize.ts';

const RULES: FakeOauthRules = {
  authorizePath: '/authorize',
  tokenPath: '/token',
  revokePath: '/revoke',
  pkce: 'required',
  clientAuth: ['basic', 'post', 'public'],
  accessLifetimeSeconds: 7200,
  refresh: 'rotating',
};
const CALLBACK = 'https://us.example/back';
const VERIFIER = 'v'.repeat(43);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

async function startRig(rules: Partial<FakeOauthRules> = {}) {
  const oauth = createFakeOauth({ ...RULES, ...rules });
  const server = await startFakeServer((request, clock) => oauth.handle(request, clock));
  oauth.addAccount({ accountId: '7', name: 'Ada' });
  const app = oauth.registerApp({ redirectUris: [CALLBACK], scopes: ['read', 'write'] });
  const ask = (changes: Record<string, string> = {}) => {
    const url = new URL('/authorize', server.url);
    url.search = new URLSearchParams({
      response_type: 'code',
      client_id: app.clientId,
      redirect_uri: CALLBACK,
      scope: 'read write',
      state: 's<&"',
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
      ...changes,
    }).toString();
    return url;
  };
  const token = async (form: Record<string, string>, as: 'basic' | 'post' | 'wrong' = 'basic') => {
    const secret = as === 'wrong' ? 'wrong' : app.clientSecret!;
    const answer = await fetch(`${server.url}/token`, {
      method: 'POST',
      headers:
        as === 'post'
          ? {}
          : { authorization: `Basic ${Buffer.from(`${app.clientId}:${secret}`).toString('base64')}` },
      body: new URLSearchParams({
        ...form,
        ...(as === 'post' && { client_id: app.clientId, client_secret: secret }),
      }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, string> };
  };
  const exchange = (code: string | null, changes: Record<string, string> = {}) =>
    token({
      grant_type: 'authorization_code',
      code: code!,
      redirect_uri: CALLBACK,
      code_verifier: VERIFIER,
      ...changes,
    });
  return {
    oauth,
    server,
    app,
    ask,
    token,
    exchange,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

it('gives a code with the state as it was, and tokens for it once', async () => {
  await using rig = await startRig();
  const callback = await pressAuthorize(rig.ask(), { without: ['read'] });
  expect(`${callback.origin}${callback.pathname}`).toBe(CALLBACK);
  expect(callback.searchParams.get('state')).toBe('s<&"');
  const code = callback.searchParams.get('code');
  const first = await rig.exchange(code);
  expect(first).toMatchObject({ status: 200, body: { expires_in: 7200, scope: 'write' } });
  expect(rig.oauth.tokens.find(first.body['access_token']!)).toMatchObject({
    accountId: '7',
    scopes: ['write'],
  });
  expect((await rig.exchange(code)).body['error']).toBe('invalid_grant');
  expect(rig.oauth.tokens.find(first.body['access_token']!)).toBe('revoked');
});

it('refuses what is not exactly right', async () => {
  await using rig = await startRig();
  await expect(pressAuthorize(rig.ask({ redirect_uri: `${CALLBACK}/` }))).rejects.toThrow('not registered');
  await expect(pressAuthorize(rig.ask({ client_id: 'other' }))).rejects.toThrow('Unknown app');
  for (const changes of [
    { scope: 'admin' },
    { code_challenge_method: 'plain' },
    { response_type: 'token' },
  ]) {
    expect((await pressAuthorize(rig.ask(changes))).searchParams.get('error')).not.toBeNull();
  }
  const denied = await pressAuthorize(rig.ask(), { deny: true });
  expect(denied.searchParams.get('error')).toBe('access_denied');
  const codeOf = async () => (await pressAuthorize(rig.ask())).searchParams.get('code');
  expect((await rig.exchange(await codeOf(), { code_verifier: 'w'.repeat(43) })).status).toBe(400);
  expect((await rig.exchange(await codeOf(), { redirect_uri: `${CALLBACK}?` })).status).toBe(400);
  expect((await rig.token({ grant_type: 'refresh_token', refresh_token: 'x' }, 'wrong')).status).toBe(401);
  const late = await codeOf();
  rig.server.clock.moveBy(61);
  expect((await rig.exchange(late)).status).toBe(400);
});

it('ends everything of a consent whose refresh token comes twice', async () => {
  await using rig = await startRig();
  const { body } = await rig.exchange((await pressAuthorize(rig.ask())).searchParams.get('code'));
  const refresh = (token: string | undefined) =>
    rig.token({ grant_type: 'refresh_token', refresh_token: token! }, 'post');
  const second = await refresh(body['refresh_token']);
  expect(second.status).toBe(200);
  expect(second.body['refresh_token']).not.toBe(body['refresh_token']);
  expect((await refresh(body['refresh_token'])).body['error_description']).toBe('replayed');
  expect((await refresh(second.body['refresh_token'])).body['error_description']).toBe('revoked');
  expect(rig.oauth.tokens.find(second.body['access_token']!)).toBe('revoked');
});

it('keeps a reusable refresh token, ends access by the clock and by the person', async () => {
  await using rig = await startRig({ refresh: 'reusable' });
  const { body } = await rig.exchange((await pressAuthorize(rig.ask())).searchParams.get('code'));
  rig.server.clock.moveBy(7201);
  expect(rig.oauth.tokens.find(body['access_token']!)).toBe('expired');
  const renewed = await rig.token({ grant_type: 'refresh_token', refresh_token: body['refresh_token']! });
  expect(renewed.body['refresh_token']).toBe(body['refresh_token']);
  rig.oauth.tokens.revokeAccount('7');
  expect(rig.oauth.tokens.find(renewed.body['access_token']!)).toBe('revoked');
});
