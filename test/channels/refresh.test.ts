import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { openChannel, type SealedChannel } from '../../server/channels/channel-access.ts';
import { sealCredentials } from '../../server/channels/credentials.ts';
import { refreshChannel } from '../../server/channels/refresh-channel.ts';
import { renewAhead } from '../../server/channels/renew-ahead.ts';
import { openContext, type Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { callApi } from '../../server/networks/call-api.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import type { Network } from '../../server/networks/network.ts';
import { createFakeOauth, type FakeApp, type FakeOauth } from '../support/fakes/fake-oauth.ts';
import {
  startFakeServer,
  type FakeFault,
  type FakeRequest,
  type FakeServer,
} from '../support/fakes/fake-server.ts';
import { createOwner, openTestContext, type TestOwner } from '../support/test-context.ts';

let context: Context;
let owner: TestOwner;
let fake: FakeServer;
let oauth: FakeOauth;
let app: FakeApp;
let network: Network;

const isRefresh = ({ path }: FakeRequest) => path === '/token';
const refreshCalls = () => fake.journal.filter(({ request }) => isRefresh(request)).length;

beforeAll(async () => {
  oauth = createFakeOauth({
    ...{ authorizePath: '/authorize', tokenPath: '/token', pkce: 'required', clientAuth: ['post'] },
    ...{ accessLifetimeSeconds: 7200, refresh: 'rotating' },
  });
  fake = await startFakeServer((request, clock) => oauth.handle(request, clock));
  app = oauth.registerApp({ redirectUris: [], scopes: ['write'] });
  context = await openTestContext({ ALLOW_PRIVATE_HOSTS: new URL(fake.url).host });
  owner = await createOwner(context);
  network = { ...context.networks.get('playground')!, id: 'x', refresh };
  (context.networks as Map<string, Network>).set('x', network);
});
afterAll(async () => {
  await context[Symbol.asyncDispose]();
  await fake[Symbol.asyncDispose]();
});
beforeEach(async () => {
  fake.journal.length = 0;
  delete network.refreshAheadSeconds;
  await context.db.channel.deleteMany({ where: { network: 'x' } });
});

/** As a network with refresh tokens that are good once: one call, and only a clear refusal is one. */
const refresh: NonNullable<Network['refresh']> = async (channel, guardedFetch, signal) => {
  const { refreshToken } = JSON.parse(channel.credentials!) as { refreshToken: string };
  const client = { client_id: app.clientId, client_secret: app.clientSecret! };
  const form = { grant_type: 'refresh_token', refresh_token: refreshToken, ...client };
  const { body } = await callApi(
    guardedFetch,
    { url: `${fake.url}/token`, method: 'POST', form, signal },
    {
      name: 'The stand-in',
      explain: ({ status }) =>
        new NetworkError(status === 400 ? 'auth_expired' : 'ambiguous', `http_${status}`, 'Refused.'),
    },
  );
  if (typeof body !== 'object') throw new NetworkError('ambiguous', 'no_json', 'No clear answer.');
  const told = body as { access_token: string; refresh_token: string; expires_in: number };
  return {
    credentials: JSON.stringify({ accessToken: told.access_token, refreshToken: told.refresh_token }),
    tokenExpiresAt: new Date(Date.now() + told.expires_in * 1000),
  };
};

async function createChannel(endsInSeconds = 30): Promise<SealedChannel> {
  const accountId = newId('channel').slice(-12);
  const tokens = oauth.tokens.issue({ accountId, clientId: app.clientId, scopes: ['write'] });
  const key = { teamId: owner.team.id, channelId: newId('channel') };
  const { accessToken, refreshToken } = tokens;
  const sealedCredentials = sealCredentials(context, key, JSON.stringify({ accessToken, refreshToken }));
  await context.db.channel.create({
    data: {
      ...{
        id: key.channelId,
        teamId: key.teamId,
        network: 'x',
        handle: accountId,
        remoteAccountId: accountId,
      },
      ...{ credentials: sealedCredentials, tokenExpiresAt: new Date(Date.now() + endsInSeconds * 1000) },
    },
  });
  return {
    ...{ ...key, remoteAccountId: accountId, handle: accountId, grantedScopes: [], sealedCredentials },
    isTokenStale: true,
  };
}

const statusOf = async ({ channelId }: SealedChannel) =>
  (await context.db.channel.findUniqueOrThrow({ where: { id: channelId } })).status;

/** Whether the network knows the access token of these credentials. */
function counts(credentials: string | undefined): boolean {
  const { accessToken } = JSON.parse(credentials!) as { accessToken: string };
  return typeof oauth.tokens.find(accessToken) === 'object';
}

it('fifty workers of two processes ask once, and all get the same', async () => {
  const { config, publicUrl } = context;
  await using other = openContext({
    ...{ config, publicUrl, databaseUrl: config.databaseUrl! },
    secretKey: 'a test secret of at least 32 characters',
  });
  const channel = await createChannel();
  const opened = await Promise.all(
    Array.from({ length: 50 }, (_, index) => openChannel(index % 2 ? other : context, channel, network)),
  );
  expect(refreshCalls()).toBe(1);
  expect(new Set(opened.map(({ credentials }) => credentials)).size).toBe(1);
  expect(counts(opened[0]!.credentials)).toBe(true);
});

it('as many channels as there are connections are renewed at once', async () => {
  const channels = await Promise.all(Array.from({ length: 30 }, () => createChannel()));
  const opened = await Promise.all(channels.map((channel) => openChannel(context, channel, network)));
  expect(opened.every(({ credentials }) => counts(credentials))).toBe(true);
  expect(refreshCalls()).toBe(30);
});

it('many teams whose networks do not answer leave connections for everybody else', async () => {
  await using other = await openTestContext();
  const answer = Promise.withResolvers<{ credentials: string }>();
  const asked = vi.fn<NonNullable<Network['refresh']>>(() => answer.promise);
  const silent: Network = { ...network, refresh: asked };
  const teams = await Promise.all(Array.from({ length: 8 }, () => createOwner(other)));
  const refreshing = teams.map(({ team, playgroundChannelId }) =>
    refreshChannel(other, silent, {
      ...{ teamId: team.id, channelId: playgroundChannelId, sealedCredentials: null },
    }),
  );
  await vi.waitFor(() => expect(asked).toHaveBeenCalledTimes(5));
  const free = Array.from({ length: 15 }, () => other.pool.connect());
  for (const client of await Promise.all(free)) client.release();
  expect(asked).toHaveBeenCalledTimes(5);
  answer.resolve({ credentials: 'new' });
  const renewed = await Promise.all(refreshing);
  expect(renewed.map(({ credentials }) => credentials)).toEqual(Array(8).fill('new'));
});

describe('a lost reply', () => {
  const UNHEARD: FakeFault[] = ['cut_before', 'refused_before'];
  const TAKEN: FakeFault[] = ['cut_after', 'bad_gateway_after', 'gateway_timeout_after', 'garbled_after'];

  it('burns no account in a hundred cases in which the network did not get the request', async () => {
    for (let turn = 0; turn < 100; turn += 1) {
      const channel = await createChannel();
      fake.failNext(isRefresh, UNHEARD[turn % UNHEARD.length]!);
      const { credentials } = await openChannel(context, channel, network);
      expect(credentials).not.toContain('undefined');
      expect(counts(credentials)).toBe(true);
      expect(await statusOf(channel)).toBe('ok');
    }
    expect(refreshCalls()).toBe(200);
  });

  it('asks to link again in a hundred cases in which it did, and is never silent', async () => {
    for (let turn = 0; turn < 100; turn += 1) {
      const channel = await createChannel();
      fake.failNext(isRefresh, TAKEN[turn % TAKEN.length]!);
      await expect(openChannel(context, channel, network)).rejects.toMatchObject({ kind: 'auth_expired' });
      expect(await statusOf(channel)).toBe('needs_reconnect');
    }
    expect(
      await context.db.notice.count({ where: { kind: 'channel.needs_reconnect' } }),
    ).toBeGreaterThanOrEqual(100);
  });

  it('twice leaves the old token in use while it lives, and asks nobody to link again after that', async () => {
    const channel = await createChannel();
    const fail = () =>
      ['cut_before', 'refused_before'].forEach((fault) => fake.failNext(isRefresh, fault as FakeFault));
    fail();
    const { credentials } = await openChannel(context, channel, network);
    expect(counts(credentials)).toBe(true);
    const where = { id: channel.channelId };
    await context.db.channel.update({ where, data: { tokenExpiresAt: new Date(Date.now() - 1000) } });
    fail();
    await expect(openChannel(context, channel, network)).rejects.toMatchObject({ kind: 'ambiguous' });
    expect(await statusOf(channel)).toBe('ok');
    expect(counts((await openChannel(context, channel, network)).credentials)).toBe(true);
  });
});

describe('renewed credentials', () => {
  it('are stored though the connection that was to store them is gone', async () => {
    const channel = await createChannel();
    fake.failNext(isRefresh, 'late_after');
    const refreshed = refreshChannel(context, network, channel);
    await vi.waitFor(() => expect(refreshCalls()).toBe(1));
    const ended = await context.pool.query(
      `select pg_terminate_backend(pid) from pg_locks
       where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
         and classid = (hashtextextended('refresh ' || $1, 0) >> 32 & x'ffffffff'::bigint)::oid`,
      [channel.channelId],
    );
    expect(ended.rowCount).toBe(1);
    fake.release();
    const { credentials } = await refreshed;
    const stored = await openChannel(
      context,
      { ...channel, isTokenStale: false, ...(await rowOf(channel)) },
      network,
    );
    expect(stored.credentials).toBe(credentials);
    expect(counts(stored.credentials)).toBe(true);
  });

  it('do not replace those of a person who linked the account meanwhile', async () => {
    const channel = await createChannel();
    fake.failNext(isRefresh, 'late_after');
    const refreshed = refreshChannel(context, network, channel);
    await vi.waitFor(() => expect(refreshCalls()).toBe(1));
    const theirs = sealCredentials(context, channel, JSON.stringify({ accessToken: 'of the person' }));
    const where = { id: channel.channelId };
    await context.db.channel.update({ where, data: { credentials: theirs } });
    fake.release();
    expect((await refreshed).credentials).toContain('of the person');
  });

  const rowOf = async ({ channelId }: SealedChannel) => ({
    sealedCredentials: (await context.db.channel.findUniqueOrThrow({ where: { id: channelId } })).credentials,
  });
});

describe('the sweep', () => {
  const DAY = 86_400;

  it('renews ahead what could not be renewed afterwards, in time and not before', async () => {
    network.refreshAheadSeconds = 30 * DAY;
    const soon = await createChannel(20 * DAY);
    const later = await createChannel(40 * DAY);
    await renewAhead(context, { isEachOnTurn: true });
    expect(refreshCalls()).toBe(1);
    const where = (channel: SealedChannel) => ({ where: { id: channel.channelId } });
    expect((await context.db.channel.findUniqueOrThrow(where(soon))).credentials).not.toEqual(
      soon.sealedCredentials,
    );
    expect((await context.db.channel.findUniqueOrThrow(where(later))).credentials).toEqual(
      later.sealedCredentials,
    );
  });

  it('does not renew each two hours what nobody uses, but after a week', async () => {
    const idle = await createChannel(-3600);
    await renewAhead(context, { isEachOnTurn: true });
    expect(refreshCalls()).toBe(0);
    const where = { id: idle.channelId };
    await context.db.channel.update({
      where,
      data: { tokenExpiresAt: new Date(Date.now() - 8 * DAY * 1000) },
    });
    await renewAhead(context, { isEachOnTurn: true });
    expect(refreshCalls()).toBe(1);
  });

  it('leaves credentials alone that cannot be renewed', async () => {
    network.canRenew = () => false;
    await createChannel(-8 * DAY);
    await renewAhead(context, { isEachOnTurn: true });
    delete network.canRenew;
    expect(refreshCalls()).toBe(0);
  });
});
