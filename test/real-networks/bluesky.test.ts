import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { openCredentials, sealCredentials } from '../../server/channels/credentials.ts';
import { linkBlueskyChannel } from '../../server/channels/link-channel.ts';
import type { Context } from '../../server/context.ts';
import { resolveDelivery } from '../../server/deliveries/resolve-delivery.ts';
import { takeDownPost } from '../../server/deliveries/take-down-post.ts';
import { notifyDue } from '../../server/deliveries/notify-due.ts';
import { startWorkers, type RunningWorkers } from '../../workers/start-workers.ts';
import {
  createPublishingTeam,
  readDelivery,
  scheduleTestDelivery,
  type PublishingTeam,
} from '../publishing/fixtures.ts';
import { attachPictures } from '../publishing/picture-fixtures.ts';
import { openTestContext } from '../support/test-context.ts';
import { startFaultProxy, type Fault, type FaultProxy } from './fault-proxy.ts';
import { startRealPds, type RealAccount, type RealPds } from './real-pds.ts';

const WAIT = { timeout: 45_000, interval: 50 };
const LEASE_SECONDS = 3;

let pds: RealPds;
let proxy: FaultProxy;
let context: Context;
let team: PublishingTeam;
let workers: RunningWorkers;

beforeAll(async () => {
  pds = await startRealPds();
  proxy = await startFaultProxy(pds.url, LEASE_SECONDS * 1000 + 500);
  context = await openTestContext({
    ALLOW_PRIVATE_HOSTS: 'localhost,127.0.0.1',
    PUBLISH_QUARANTINE_SECONDS: '1',
    PUBLISH_LEASE_SECONDS: String(LEASE_SECONDS),
  });
  team = await createPublishingTeam(context);
  workers = await startWorkers(context);
});
afterAll(async () => {
  await workers.stop();
  await context[Symbol.asyncDispose]();
  await proxy[Symbol.asyncDispose]();
  await pds[Symbol.asyncDispose]();
});

let names = 0;
async function linkAccount(): Promise<{ account: RealAccount; channelId: string }> {
  names += 1;
  const account = await pds.createAccount(`alice${names}`);
  const { handle, appPassword } = account;
  const { channelId } = await linkBlueskyChannel(context, team.caller, {
    handle,
    appPassword,
    serviceUrl: pds.url,
  });
  return { account, channelId };
}

async function changeCredentials(channelId: string, change: Record<string, string>): Promise<void> {
  const key = { teamId: team.team.id, channelId };
  const channel = await context.db.channel.findUniqueOrThrow({ where: { id: channelId } });
  const credentials = JSON.parse(openCredentials(context, key, channel.credentials)!) as object;
  const sealed = sealCredentials(context, key, JSON.stringify({ ...credentials, ...change }));
  await context.db.channel.update({ where: { id: channelId }, data: { credentials: sealed } });
}

async function publish(channelId: string, parts: string[], state = 'published') {
  const { id } = await scheduleTestDelivery(context, team, { channelId, parts });
  await notifyDue(context.db);
  await vi.waitFor(async () => expect(await readDelivery(context, id)).toMatchObject({ state }), WAIT);
  return readDelivery(context, id);
}

describe('linking', () => {
  test('an app password links the account that it belongs to', async () => {
    const { account, channelId } = await linkAccount();
    const channel = await context.db.channel.findUniqueOrThrow({ where: { id: channelId } });
    expect(channel).toMatchObject({
      network: 'bluesky',
      handle: account.handle,
      remoteAccountId: account.did,
      status: 'ok',
    });
    expect(channel.tokenExpiresAt!.getTime()).toBeGreaterThan(Date.now());
    expect(Buffer.from(channel.credentials!).includes(account.appPassword)).toBe(false);
  });

  test.each([
    ['a wrong app password', { appPassword: 'abcd-efgh-ijkl-mnop' }, 'wrong_app_password'],
    ['a typing error in the handle', { handle: 'alcie.test' }, 'wrong_app_password'],
    ['the password of the account itself', { appPassword: 'account password' }, 'not_an_app_password'],
    ['something that is no handle', { handle: 'alice' }, 'invalid_handle'],
    ['a server that is not there', { serviceUrl: 'http://localhost:1' }, 'network_unavailable'],
  ])('%s is named', async (_, change, code) => {
    names += 1;
    const { handle, appPassword } = await pds.createAccount(`alice${names}`);
    const input = { handle, appPassword, serviceUrl: pds.url, ...change };
    await expect(linkBlueskyChannel(context, team.caller, input)).rejects.toMatchObject({
      details: { code },
    });
  });
});

describe('publishing', () => {
  test('a text with a mention, a link and a hashtag', async () => {
    const { account, channelId } = await linkAccount();
    const bob = await pds.createAccount('bob');
    const text = 'Grüße an @bob.test und @nobody.test: https://example.com/a?b=c #grantcast 🎉';
    const delivery = await publish(channelId, [text]);
    const [post] = await pds.listPosts(account.did);
    expect(post!.uri).toBe(delivery.remoteId);
    const rkey = post!.uri.split('/').at(-1);
    expect(delivery.remoteUrl).toBe(`https://bsky.app/profile/${account.handle}/post/${rkey}`);
    expect(post!.value).toMatchObject({ text, createdAt: delivery.parts[0]!.frozenAt.toISOString() });
    const facets = post!.value['facets'] as {
      index: { byteStart: number; byteEnd: number };
      features: object[];
    }[];
    const bytes = Buffer.from(text);
    const marked = facets.map(({ index, features }) => [
      bytes.subarray(index.byteStart, index.byteEnd).toString(),
      features[0],
    ]);
    expect(marked).toEqual([
      ['@bob.test', { $type: 'app.bsky.richtext.facet#mention', did: bob.did }],
      [
        'https://example.com/a?b=c',
        { $type: 'app.bsky.richtext.facet#link', uri: 'https://example.com/a?b=c' },
      ],
      ['#grantcast', { $type: 'app.bsky.richtext.facet#tag', tag: 'grantcast' }],
    ]);
  });

  test('a thread, each part a reply to the one before', async () => {
    const { account, channelId } = await linkAccount();
    const delivery = await publish(channelId, ['one', 'two', 'three']);
    const [third, second, first] = await pds.listPosts(account.did);
    expect([first, second, third].map((post) => post!.value['text'])).toEqual(['one', 'two', 'three']);
    const ref = (post: { uri: string; cid: string } | undefined) => ({ uri: post!.uri, cid: post!.cid });
    expect(second!.value['reply']).toEqual({ root: ref(first), parent: ref(first) });
    expect(third!.value['reply']).toEqual({ root: ref(first), parent: ref(second) });
    expect(delivery.remoteId).toBe(first!.uri);
  });

  test.each<Fault>(['cut_before', 'cut_after', 'bad_gateway_after', 'late_after'])(
    'a write that is spoilt (%s) leads to one post',
    async (fault) => {
      const { account, channelId } = await linkAccount();
      await changeCredentials(channelId, { serviceUrl: proxy.url });
      proxy.nextFault = fault;
      proxy.writes = 0;
      const delivery = await publish(channelId, [`through ${fault}`]);
      const posts = await pds.listPosts(account.did);
      expect(posts.map(({ uri, value }) => [uri, value['text']])).toEqual([
        [delivery.remoteId, `through ${fault}`],
      ]);
      expect(proxy.writes).toBe(fault === 'cut_before' ? 2 : 1);
      expect(delivery.attempts.map(({ outcome }) => outcome)).toContain('ambiguous');
    },
  );

  test('a thread whose second part is spoilt goes on where it stopped', async () => {
    const { account, channelId } = await linkAccount();
    await changeCredentials(channelId, { serviceUrl: proxy.url });
    const { id } = await scheduleTestDelivery(context, team, { channelId, parts: ['a', 'b', 'c'] });
    proxy.writes = 0;
    proxy.nextFault = undefined;
    await notifyDue(context.db);
    await vi.waitFor(() => expect(proxy.writes).toBeGreaterThan(0), { ...WAIT, interval: 1 });
    proxy.nextFault = 'cut_after';
    await vi.waitFor(
      async () => expect(await readDelivery(context, id)).toMatchObject({ state: 'published' }),
      WAIT,
    );
    const posts = await pds.listPosts(account.did);
    expect(posts.map(({ value }) => value['text'])).toEqual(['c', 'b', 'a']);
  });
});

describe('pictures', () => {
  const embedOf = (post: { value: Record<string, unknown> } | undefined) =>
    post!.value['embed'] as {
      $type: string;
      images: { alt: string; aspectRatio: object; image: { mimeType: string; size: number } }[];
    };

  async function publishPictures(channelId: string, altTexts: (string | null)[], text = 'With pictures') {
    const delivery = await scheduleTestDelivery(context, team, {
      channelId,
      parts: [text],
      dueInSeconds: 60,
    });
    await attachPictures(context, team, delivery, altTexts);
    await context.db
      .$executeRaw`update delivery set due_at = now(), not_before = now() where id = ${delivery.id}`;
    await notifyDue(context.db);
    const published = { state: 'published' };
    await vi.waitFor(
      async () => expect(await readDelivery(context, delivery.id)).toMatchObject(published),
      WAIT,
    );
    return readDelivery(context, delivery.id);
  }

  test.each([[['A quay at dawn']], [['One', null, 'Three', 'Four 🎉']]])(
    'with alt texts and sizes: %j',
    async (altTexts) => {
      const { account, channelId } = await linkAccount();
      const delivery = await publishPictures(channelId, altTexts);
      const [post] = await pds.listPosts(account.did);
      expect(post!.uri).toBe(delivery.remoteId);
      const { $type, images } = embedOf(post);
      expect($type).toBe('app.bsky.embed.images');
      expect(images.map(({ alt }) => alt)).toEqual(altTexts.map((alt) => alt ?? ''));
      for (const { aspectRatio, image } of images) {
        expect(aspectRatio).toEqual({ width: 640, height: 480 });
        expect(image.mimeType).toBe('image/jpeg');
        expect(image.size).toBeGreaterThan(0);
      }
    },
  );

  test.each<Fault>(['cut_before', 'cut_after', 'bad_gateway_after'])(
    'a write with pictures that is spoilt (%s) leads to one post with all of them',
    async (fault) => {
      const { account, channelId } = await linkAccount();
      await changeCredentials(channelId, { serviceUrl: proxy.url });
      proxy.nextFault = fault;
      const delivery = await publishPictures(channelId, ['One', 'Two']);
      const posts = await pds.listPosts(account.did);
      expect(posts.map(({ uri }) => uri)).toEqual([delivery.remoteId]);
      expect(embedOf(posts[0]).images.map(({ alt }) => alt)).toEqual(['One', 'Two']);
      const hashes = delivery.attempts.map(({ payloadHash }) => Buffer.from(payloadHash).toString('hex'));
      expect(new Set(hashes).size).toBe(1);
    },
  );

  test('a picture that is too large for the server fails with the rule, and nothing is posted', async () => {
    const { account, channelId } = await linkAccount();
    const delivery = await scheduleTestDelivery(context, team, { channelId, dueInSeconds: 60 });
    await attachPictures(context, team, delivery, ['Huge']);
    const { storageKey } = await context.db.rendition.findFirstOrThrow({
      where: { postId: delivery.postId },
    });
    await context.mediaStore.put(storageKey, new Uint8Array(2_200_000).fill(7), 'image/jpeg');
    await context.db
      .$executeRaw`update delivery set due_at = now(), not_before = now() where id = ${delivery.id}`;
    await notifyDue(context.db);
    const failed = { state: 'failed', problemCode: 'picture_bytes' };
    await vi.waitFor(
      async () => expect(await readDelivery(context, delivery.id)).toMatchObject(failed),
      WAIT,
    );
    expect(await pds.listPosts(account.did)).toEqual([]);
  });
});

describe('taking down', () => {
  test('removes every part of a thread, and again changes nothing', async () => {
    const { account, channelId } = await linkAccount();
    const { id, postId } = await publish(channelId, ['one', 'two', 'three']);
    expect(await pds.listPosts(account.did)).toHaveLength(3);
    const takeDown = () => takeDownPost(context, team.caller, { postId, reason: 'A wrong date' });
    const removed = { perChannel: [{ channelId, state: 'removed', manualUrl: null, problem: null }] };
    expect(await takeDown()).toEqual(removed);
    expect(await pds.listPosts(account.did)).toEqual([]);
    const live = { state: 'published', takenDownAt: null };
    await context.db.delivery.update({ where: { id }, data: live });
    expect(await takeDown()).toEqual(removed);
  });

  test('an expired session is renewed for it', async () => {
    const { account, channelId } = await linkAccount();
    const { postId } = await publish(channelId, ['soon gone']);
    await changeCredentials(channelId, { accessJwt: pds.signExpiredToken(account.did) });
    const { perChannel } = await takeDownPost(context, team.caller, { postId, reason: 'A wrong date' });
    expect(perChannel).toMatchObject([{ state: 'removed' }]);
    expect(await pds.listPosts(account.did)).toEqual([]);
  });

  test('what a person recorded as posted is found by its address and removed', async () => {
    const { account, channelId } = await linkAccount();
    const { id, postId, remoteUrl, remoteId } = await publish(channelId, ['recorded']);
    await context.db.deliveryPart.deleteMany({ where: { deliveryId: id } });
    const stopped = {
      state: 'failed',
      problemCode: 'refused',
      remoteId: null,
      remoteUrl: null,
      publishedAt: null,
    };
    await context.db.delivery.update({ where: { id }, data: stopped });
    const wish = { postId, channelId, action: 'record_as_posted', permalink: remoteUrl! } as const;
    expect(await resolveDelivery(context, team.caller, wish)).toMatchObject({
      state: 'published',
      url: remoteUrl,
    });
    expect(await readDelivery(context, id)).toMatchObject({ remoteId });
    await takeDownPost(context, team.caller, { postId, reason: 'A wrong date' });
    expect(await pds.listPosts(account.did)).toEqual([]);
  });
});

describe('credentials', () => {
  test('an expired session is renewed and the post goes out', async () => {
    const { account, channelId } = await linkAccount();
    await changeCredentials(channelId, { accessJwt: pds.signExpiredToken(account.did) });
    const delivery = await publish(channelId, ['after the night']);
    expect(delivery.attempts.map(({ outcome }) => outcome).toSorted()).toEqual(['auth_expired', 'published']);
    expect(await pds.listPosts(account.did)).toHaveLength(1);
  });

  test('a session known to be over is renewed ahead of the send', async () => {
    const { account, channelId } = await linkAccount();
    await changeCredentials(channelId, { accessJwt: pds.signExpiredToken(account.did) });
    await context.db.channel.update({ where: { id: channelId }, data: { tokenExpiresAt: new Date(0) } });
    const delivery = await publish(channelId, ['renewed ahead']);
    expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual(['published']);
  });

  test('after the app password was revoked the post waits until the account is linked again', async () => {
    const { account, channelId } = await linkAccount();
    await changeCredentials(channelId, { accessJwt: pds.signExpiredToken(account.did) });
    await pds.revokeAppPassword(account);
    const held = await publish(channelId, ['waiting'], 'held');
    expect(held.problemCode).toBe('channel_needs_reconnect');
    const channel = await context.db.channel.findUniqueOrThrow({ where: { id: channelId } });
    expect(channel.status).toBe('needs_reconnect');
    const { password } = (await (
      await fetch(`${pds.url}/xrpc/com.atproto.server.createAppPassword`, {
        method: 'POST',
        headers: { authorization: `Bearer ${account.accessJwt}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'again' }),
      })
    ).json()) as { password: string };
    const input = { handle: account.handle, appPassword: password, serviceUrl: pds.url };
    const linked = await linkBlueskyChannel(context, team.caller, input);
    expect(linked).toMatchObject({ channelId, releasedDeliveries: 1 });
    await vi.waitFor(
      async () => expect(await readDelivery(context, held.id)).toMatchObject({ state: 'published' }),
      WAIT,
    );
  });

  test('an account that was taken down holds its posts', async () => {
    const { account, channelId } = await linkAccount();
    await pds.takeDown(account.did);
    const delivery = await publish(channelId, ['not any more'], 'held');
    expect(delivery).toMatchObject({ problemCode: 'channel_blocked', remoteId: null });
  });
});

test('a text that is too long fails with the rule', async () => {
  const { account, channelId } = await linkAccount();
  const delivery = await publish(channelId, ['🎉'.repeat(301)], 'failed');
  expect(delivery.problemCode).toBe('text_length');
  expect(delivery.problemMessage).toContain('Bluesky takes 300');
  expect(await pds.listPosts(account.did)).toEqual([]);
});
