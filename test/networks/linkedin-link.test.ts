import { describe, expect, onTestFinished, test } from 'vitest';

import { createGuardedFetch } from '../../server/fetch.ts';
import type { LinkedAccount } from '../../server/networks/account-link.ts';
import { createLinkedin } from '../../server/networks/linkedin.ts';
import { startFakeLinkedin } from '../support/fakes/linkedin/fake-linkedin.ts';
import { pressAuthorize } from '../support/fakes/press-authorize.ts';
import { LINKEDIN_SETTINGS } from './linkedin-calls.ts';

const CALLBACK = 'https://us.example/channels/link/linkedin/callback';
const DAY_MS = 86_400_000;
const COMMUNITY = [
  'w_organization_social',
  'r_organization_social',
  'rw_organization_admin',
  'r_member_postAnalytics',
];

async function startLinking({ hasOrganizations = false, isPartner = false } = {}) {
  const fake = await startFakeLinkedin({ isPartner });
  const guardedFetch = createGuardedFetch(['127.0.0.1']);
  onTestFinished(async () => {
    await guardedFetch.close();
    await fake[Symbol.asyncDispose]();
  });
  const scopes = ['openid', 'profile', 'w_member_social', ...(hasOrganizations ? COMMUNITY : [])];
  const { clientId, clientSecret } = fake.oauth.registerApp({ redirectUris: [CALLBACK], scopes });
  const settings = {
    ...LINKEDIN_SETTINGS,
    ...{ clientId, clientSecret: clientSecret ?? undefined, hasOrganizations },
    ...{ apiUrl: fake.url, webUrl: fake.url },
  };
  const network = createLinkedin(settings);
  const apps = { find: async () => null, store: async () => undefined };
  const call = { redirectUri: CALLBACK, fetch: guardedFetch, signal: AbortSignal.timeout(20_000), apps };
  const begin = () => network.link!.begin({ ...call, state: 'the-state', answer: '' });
  const finish = (query: URLSearchParams) => network.link!.finish({ ...call, memory: null, query });
  const link = async (accountId: string, without: string[] = []): Promise<LinkedAccount[]> => {
    const callback = await pressAuthorize((await begin()).authorizeUrl, { accountId, without });
    return finish(callback.searchParams);
  };
  return { fake, network, settings, begin, finish, link, fetch: guardedFetch };
}

describe('linking', () => {
  test('a member is linked for 60 days, by state alone', async () => {
    const { fake, begin, link } = await startLinking();
    const { accountId, urn } = fake.addMember('Ada Lovelace');
    const { authorizeUrl } = await begin();
    expect(Object.fromEntries(authorizeUrl.searchParams)).toMatchObject({
      state: 'the-state',
      redirect_uri: CALLBACK,
      scope: 'openid profile w_member_social',
    });
    const [account, ...others] = await link(accountId);
    expect(others).toEqual([]);
    expect(account).toMatchObject({
      remoteAccountId: urn,
      handle: 'Ada Lovelace',
      grantedScopes: ['openid', 'profile', 'w_member_social'],
    });
    const days = (account!.tokenExpiresAt!.getTime() - Date.now()) / DAY_MS;
    expect(Math.round(days)).toBe(60);
    expect(JSON.parse(account!.credentials!)).toEqual({ accessToken: expect.any(String) });
    expect(fake.strays).toEqual([]);
  });

  test('with the Community Management API the organisations that the member administers are offered too', async () => {
    const { fake, link } = await startLinking({ hasOrganizations: true });
    const [ada, bob] = [fake.addMember('Ada'), fake.addMember('Bob')];
    const own = fake.addOrganization('Acme', ada.urn);
    fake.addOrganization('Bobs', bob.urn);
    const accounts = await link(ada.accountId);
    expect(accounts.map(({ kind, handle, remoteAccountId }) => [kind, handle, remoteAccountId])).toEqual([
      ['Member', 'Ada', ada.urn],
      ['Organisation', 'Acme', own],
    ]);
  });

  test('a token that LinkedIn calls revoked for its first seconds links all the same', async () => {
    const { fake, link } = await startLinking();
    fake.tokenDelaySeconds = 2;
    const { accountId, urn } = fake.addMember('Ada');
    expect(await link(accountId)).toMatchObject([{ remoteAccountId: urn }]);
    const refused = fake.journal.filter(
      ({ request, status }) => request.path === '/v2/userinfo' && status === 401,
    );
    expect(refused.length).toBeGreaterThan(0);
  });

  test('a token that stays refused is told as something to try again', { timeout: 30_000 }, async () => {
    const { fake, link } = await startLinking();
    fake.tokenDelaySeconds = 60;
    const { accountId } = fake.addMember('Ada');
    await expect(link(accountId)).rejects.toMatchObject({ kind: 'not_sent', code: 'REVOKED_ACCESS_TOKEN' });
  });

  test('a refusal, a permission left out and permissions that the app does not have are told apart', async () => {
    const { fake, begin, finish, link } = await startLinking();
    const { accountId } = fake.addMember('Ada');
    const denied = await pressAuthorize((await begin()).authorizeUrl, { deny: true });
    await expect(finish(denied.searchParams)).rejects.toMatchObject({
      kind: 'rejected',
      code: 'access_denied',
    });
    await expect(link(accountId, ['w_member_social'])).rejects.toMatchObject({ code: 'scope_missing' });
    const unknown = new URLSearchParams({ error: 'unauthorized_scope_error' });
    await expect(finish(unknown)).rejects.toMatchObject({
      code: 'scope_missing',
      message: expect.stringContaining('LINKEDIN_ORGANIZATIONS'),
    });
  });

  test('a name with line breaks or without end is cut to what can be shown', async () => {
    const { fake, link } = await startLinking();
    const { accountId } = fake.addMember(`Ada\n${'x'.repeat(5000)}`);
    const [account] = await link(accountId);
    expect(account!.handle).toMatch(/^Ada x{196}$/);
  });

  test('says which settings are missing', () => {
    expect(createLinkedin(LINKEDIN_SETTINGS).link!.missingSettings).toEqual([
      'LINKEDIN_CLIENT_ID',
      'LINKEDIN_CLIENT_SECRET',
    ]);
  });
});

describe('renewing', () => {
  const access = {
    channelId: 'channel',
    remoteAccountId: 'urn:li:person:a',
    handle: 'Ada',
    grantedScopes: [],
  };

  test.each([true, false])('is promised for a link with a refresh token alone: %s', async (isPartner) => {
    const { fake, network, link } = await startLinking({ isPartner });
    const [account] = await link(fake.addMember('Ada').accountId);
    expect(network.canRenew!(account!.credentials!)).toBe(isPartner);
  });

  test('happens where LinkedIn gave a refresh token, which stays the same and is not good for longer', async () => {
    const { fake, network, link, fetch } = await startLinking({ isPartner: true });
    const { accountId } = fake.addMember('Ada');
    const [account] = await link(accountId);
    const renew = () =>
      network.refresh!({ ...access, credentials: account!.credentials }, fetch, AbortSignal.timeout(5000));
    const renewed = await renew();
    const [before, after] = [account!.credentials!, renewed.credentials].map(
      (credentials) => JSON.parse(credentials) as Record<string, string>,
    );
    expect(after!['refreshToken']).toBe(before!['refreshToken']);
    expect(after!['accessToken']).not.toBe(before!['accessToken']);
    fake.clock.moveBy(366 * 86_400);
    await expect(renew()).rejects.toMatchObject({ kind: 'auth_expired', code: 'invalid_grant' });
  });

  test('without one, only linking again helps, and nothing is asked', async () => {
    const { fake, network, fetch } = await startLinking();
    const credentials = JSON.stringify({ accessToken: 'token' });
    const renewing = network.refresh!({ ...access, credentials }, fetch, AbortSignal.timeout(5000));
    await expect(renewing).rejects.toMatchObject({ kind: 'auth_expired', code: 'no_refresh_token' });
    expect(fake.journal).toEqual([]);
  });
});
