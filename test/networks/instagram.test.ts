import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createGuardedFetch, type GuardedFetch } from '../../server/fetch.ts';
import { createInstagram } from '../../server/networks/instagram.ts';
import type { Call, ChannelAccess, Network, Part } from '../../server/networks/network.ts';
import documented from '../support/fakes/meta/documented.json' with { type: 'json' };
import { startFakeInstagram, type FakeInstagram } from '../support/fakes/meta/instagram.ts';
import { makePart, startPictures, type PictureServer } from './meta-pictures.ts';

const SCOPES = [
  ...['instagram_business_basic', 'instagram_business_content_publish'],
  'instagram_business_manage_insights',
];

let fake: FakeInstagram;
let pictures: PictureServer;
let fetch: GuardedFetch;
let channel: ChannelAccess;
let names = 0;

const networkOf = (graphVersion = 'v25.0'): Network => {
  const app = { clientId: 'app', clientSecret: 'secret', apiUrl: fake.url, webUrl: fake.url };
  return createInstagram({ ...app, oauthUrl: fake.url, graphVersion });
};

beforeAll(async () => {
  fake = await startFakeInstagram();
  pictures = await startPictures();
  fetch = createGuardedFetch(['127.0.0.1']);
});
afterAll(async () => {
  await fetch.close();
  await fake[Symbol.asyncDispose]();
  await pictures[Symbol.asyncDispose]();
});
beforeEach(() => {
  Object.assign(fake, { processingSeconds: 0, quotaTotal: 100 });
  fake.containers.clear();
  fake.posts.clear();
  names += 1;
  const { id, username } = fake.graph.addAccount(`quay_${names}`);
  const grant = { accountId: id, clientId: 'app', scopes: SCOPES };
  const { token } = fake.graph.issueLongLived(grant, fake.clock.now());
  const credentials = JSON.stringify({ token });
  channel = {
    channelId: 'channel',
    remoteAccountId: id,
    handle: username,
    credentials,
    grantedScopes: SCOPES,
  };
});

const callOf = (part: Part): Call => ({ channel, part, fetch, signal: AbortSignal.timeout(10_000) });
const withPicture = (change: Partial<Part> = {}) =>
  makePart({ media: [pictures.picture('Quay')], ...change });
const ready = async (part: Part): Promise<Part> => ({
  ...part,
  prepared: await networkOf().prepare(callOf(part)),
});
const send = (part: Part) => networkOf().send(callOf(part));
const readBack = (part: Part) => networkOf().readBack(callOf(part));

describe('what Instagram does otherwise than Threads', () => {
  test('text alone is refused before anything is asked', async () => {
    await expect(ready(makePart())).rejects.toMatchObject({ kind: 'rejected', code: 'picture_missing' });
    expect(fake.containers.size).toBe(0);
  });

  test('a picture that it cannot fetch is refused at once, and the setting is named', async () => {
    const part = withPicture({ media: [pictures.picture('Quay', '/missing')] });
    await expect(ready(part)).rejects.toMatchObject({
      kind: 'rejected',
      code: 'picture_unreachable',
      message: expect.stringContaining('PUBLIC_URL'),
    });
  });

  test('nothing that was published can be taken down', () => {
    expect(networkOf().takeDown).toBeUndefined();
  });

  test('a version that died is told as what it is: not known, so never as published or refused', async () => {
    const call = callOf(withPicture());
    await expect(networkOf('v20.0').prepare(call)).rejects.toMatchObject({ kind: 'ambiguous', code: '2635' });
  });

  test('the quota is what the account is told, and a used-up one is waited for', async () => {
    fake.quotaTotal = 1;
    await send(await ready(withPicture()));
    expect(await networkOf().readQuota!(callOf(makePart()))).toEqual({
      used: 1,
      total: 1,
      windowSeconds: 86_400,
    });
    const full = { kind: 'rate_limited', code: 'quota_used' };
    await expect(ready(withPicture({ text: 'Another' }))).rejects.toMatchObject(full);
  });

  test('a post that has too few viewers has no numbers, and one that is gone is left out', async () => {
    const network = networkOf();
    const { remoteId } = await send(await ready(withPicture()));
    fake.failNext(({ path }) => path.endsWith('/insights'), {
      status: 400,
      body: { error: { code: 10, message: '(#10) Not enough viewers for the media to show insights' } },
    });
    const none = { views: null, likes: null, comments: null, shares: null, clicks: null };
    expect(await network.measure!(callOf(makePart()), [remoteId])).toEqual(new Map([[remoteId, none]]));
    fake.posts.clear();
    expect(await network.measure!(callOf(makePart()), [remoteId])).toEqual(new Map());
  });
});

describe('the container', () => {
  test('is published once, and found again by its caption, not by being the newest', async () => {
    const part = await ready(withPicture());
    const sent = await send(part);
    await send(await ready(withPicture({ text: 'A newer post' })));
    await expect(send(part)).rejects.toMatchObject({ kind: 'duplicate' });
    expect(await readBack(part)).toEqual(sent);
    expect(fake.posts.size).toBe(2);
    const other = await send(await ready(withPicture({ deliveryId: 'other' })));
    const known = new Set([other.remoteId]);
    expect(await networkOf().readBack({ ...callOf(part), known })).toEqual(sent);
  });

  test('is waited for, then published; when it expires first, a new one is', async () => {
    fake.processingSeconds = 60;
    const part = withPicture();
    const waiting = await ready(part).catch((error: { prepared: unknown }) => error);
    fake.clock.moveBy(25 * 3600);
    fake.processingSeconds = 0;
    await send(await ready({ ...part, prepared: waiting.prepared }));
    expect([fake.containers.size, fake.posts.size]).toEqual([2, 1]);
  });

  test('a restriction that is told after the post was published leads to that post', async () => {
    const part = await ready(withPicture());
    const restricted = { code: 4, error_subcode: 2207051, message: 'We restrict certain activity' };
    fake.failNext(({ path }) => path.endsWith('/media_publish'), {
      status: 400,
      body: { error: restricted },
    });
    await expect(send(part)).rejects.toMatchObject({ kind: 'ambiguous', code: '4/2207051' });
    expect(await readBack(part)).toBeNull();
    const sent = await send(part);
    expect(await readBack(part)).toEqual(sent);
  });
});

test('the stand-in takes every request that the documentation prints', async () => {
  const { token } = JSON.parse(channel.credentials!) as { token: string };
  const { creationId } = (await ready(withPicture())).prepared as { creationId: string };
  for (const example of Object.values(documented.instagram)) {
    if (!('request' in example)) continue;
    const { method, path, ...given } = example.request;
    const { query = {}, form } = given as { query?: Record<string, string>; form?: Record<string, string> };
    const filled = path
      .replace('<IG_USER_ID>', channel.remoteAccountId)
      .replace('<IG_CONTAINER_ID>', creationId);
    const url = new URL(`${filled}?${new URLSearchParams({ ...query, access_token: token })}`, fake.url);
    const body = form && new URLSearchParams({ creation_id: creationId });
    const response = await globalThis.fetch(url, { method, ...(body && { body }) });
    expect([example.source, response.status]).toEqual([example.source, 200]);
  }
});

test('nothing was called that is not documented', () => {
  expect(fake.strays).toEqual([]);
});
