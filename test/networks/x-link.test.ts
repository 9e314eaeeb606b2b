import { afterEach, describe, expect, it, test } from 'vitest';

import { createXLink } from '../../server/networks/x-link.ts';
import { pressAuthorize } from '../support/fakes/press-authorize.ts';
import { openXBench, REDIRECT_URI, type XBench } from './x-bench.ts';

let bench: XBench;
afterEach(async () => {
  await bench[Symbol.asyncDispose]();
});

const open = async (clientSecret?: string | null) => {
  bench = await openXBench(clientSecret);
  return { ...bench, link: bench.network.link! };
};

type Pressed = Parameters<typeof pressAuthorize>[1];

async function linkAnAccount(pressed?: Pressed, between: () => void = () => undefined) {
  const { network, linkCall } = bench;
  const { authorizeUrl, memory } = await network.link!.begin({ ...linkCall(), state: 'a state', answer: '' });
  const callback = await pressAuthorize(authorizeUrl, pressed);
  between();
  return network.link!.finish({ ...linkCall(), memory, query: callback.searchParams });
}

describe('linking', () => {
  test.each([
    ['a confidential client says who it is by Basic', 'its: s€cret/+'],
    ['a public client by its id alone', null],
  ])('%s', async (_name, clientSecret) => {
    const { fake } = await open(clientSecret);
    fake.addAccount({ id: '77', username: 'Harbour' });
    const [linked, ...others] = await linkAnAccount();
    expect(others).toEqual([]);
    expect(linked).toMatchObject({ remoteAccountId: '77', handle: 'Harbour' });
    expect(linked!.grantedScopes).toContain('offline.access');
    expect(linked!.ownLimits).toBeUndefined();
    const seconds = (linked!.tokenExpiresAt!.getTime() - Date.now()) / 1000;
    expect(seconds).toBeGreaterThan(7100);
    expect(Object.keys(JSON.parse(linked!.credentials!) as object)).toEqual(['accessToken', 'refreshToken']);
    const asked = fake.journal.find(({ request }) => request.path === '/2/oauth2/token')!.request;
    expect(asked.headers.get('authorization')?.startsWith('Basic ') ?? false).toBe(clientSecret !== null);
    expect(asked.body.toString().includes('client_id=')).toBe(clientSecret === null);
  });

  it('asks for a code by PKCE with S256, at the exact address', async () => {
    const { link, linkCall, app } = await open();
    const { authorizeUrl } = await link.begin({ ...linkCall(), state: 's'.repeat(500), answer: '' });
    expect(Object.fromEntries(authorizeUrl.searchParams)).toMatchObject({
      response_type: 'code',
      client_id: app.clientId,
      redirect_uri: REDIRECT_URI,
      code_challenge_method: 'S256',
      scope: 'tweet.read tweet.write users.read media.write offline.access',
    });
    await expect(link.begin({ ...linkCall(), state: 's'.repeat(501), answer: '' })).rejects.toThrow('500');
  });

  it('of an account that pays takes long posts', async () => {
    const { fake, network } = await open();
    fake.addAccount({ subscription: 'Premium' });
    const [linked] = await linkAnAccount();
    expect(linked!.ownLimits).toEqual({ max_characters: 25_000 });
    expect(network.rules.maxLength).toBe(280);
  });

  it('says what is missing before anybody is sent to X', async () => {
    const { app } = await open();
    expect(createXLink(app).missingSettings).toEqual([]);
    expect(createXLink({ ...app, clientId: undefined }).missingSettings).toEqual(['X_CLIENT_ID']);
  });

  test.each<[string, Pressed, string]>([
    ['a person who refuses', { deny: true }, 'access_denied'],
    ['a permission that is left out', { without: ['media.write'] }, 'scope_missing'],
    ['a link that would end after two hours', { without: ['offline.access'] }, 'scope_missing'],
  ])('%s is told, and no account comes of it', async (_name, pressed, code) => {
    const { fake } = await open();
    fake.addAccount();
    await expect(linkAnAccount(pressed)).rejects.toMatchObject({ kind: 'rejected', code });
  });

  it('takes a code for 30 seconds, and only with the verifier that it was asked for with', async () => {
    const { fake, link, linkCall } = await open();
    fake.addAccount();
    const late = linkAnAccount(undefined, () => fake.clock.moveBy(31));
    await expect(late).rejects.toMatchObject({ kind: 'rejected', code: 'code_refused' });
    const { authorizeUrl } = await link.begin({ ...linkCall(), state: 'a', answer: '' });
    const { memory } = await link.begin({ ...linkCall(), state: 'b', answer: '' });
    const { searchParams: query } = await pressAuthorize(authorizeUrl);
    await expect(link.finish({ ...linkCall(), memory, query })).rejects.toMatchObject({
      code: 'code_refused',
    });
  });

  it('names the settings when X does not know the app', async () => {
    const { fake, app, linkCall } = await open();
    fake.addAccount();
    const link = createXLink({ ...app, clientSecret: 'another' });
    const { authorizeUrl, memory } = await link.begin({ ...linkCall(), state: 'a', answer: '' });
    const { searchParams: query } = await pressAuthorize(authorizeUrl);
    await expect(link.finish({ ...linkCall(), memory, query })).rejects.toMatchObject({
      kind: 'rejected',
      code: 'app_credentials',
      message: expect.stringContaining('X_CLIENT_SECRET'),
    });
  });

  test.each(['../etc', 'a'.repeat(21), '<b>', ''])('an account named %j is none', async (username) => {
    const { fake } = await open();
    fake.addAccount({ username });
    await expect(linkAnAccount()).rejects.toMatchObject({ kind: 'ambiguous' });
  });
});

describe('renewing', () => {
  const refresh = (credentials: string | undefined) => {
    const { network, createAccess, fetch } = bench;
    const { channel, signal } = createAccess();
    return network.refresh!({ ...channel, credentials }, fetch, signal);
  };

  it('gives new tokens once; the used one ends all that came from the consent', async () => {
    const { createAccess, fetch, network } = await open();
    const { channel, signal } = createAccess();
    const renewed = await network.refresh!(channel, fetch, signal);
    const renewedChannel = { ...channel, credentials: renewed.credentials };
    await expect(network.measureChannel!({ channel: renewedChannel, fetch, signal })).resolves.toBeDefined();
    await expect(network.refresh!(channel, fetch, signal)).rejects.toMatchObject({
      kind: 'auth_expired',
      code: 'token_refused',
    });
    await expect(network.measureChannel!({ channel: renewedChannel, fetch, signal })).rejects.toMatchObject({
      kind: 'auth_expired',
    });
  });

  it('without a refresh token asks nobody', async () => {
    const { fake } = await open();
    await expect(refresh(JSON.stringify({ accessToken: 'a' }))).rejects.toMatchObject({
      kind: 'auth_expired',
    });
    await expect(refresh(undefined)).rejects.toMatchObject({ kind: 'auth_expired' });
    expect(fake.journal).toEqual([]);
  });

  test.each([
    { status: 401, body: 'Sign in to the proxy' },
    { status: 400, body: '<html>Bad Request</html>' },
    { status: 503, body: { title: 'Service Unavailable' } },
    { status: 200, body: { access_token: 'new' } },
  ])('an answer of somebody in between (%j) ends no link', async (answer) => {
    const { fake } = await open();
    fake.failNext(({ path }) => path === '/2/oauth2/token', answer);
    const tokens = JSON.stringify({ accessToken: 'a', refreshToken: 'r' });
    await expect(refresh(tokens)).rejects.toMatchObject({ kind: 'ambiguous' });
  });
});
