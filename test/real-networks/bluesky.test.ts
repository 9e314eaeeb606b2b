// What only Bluesky has, by its real server; what every network has shows the contract suite.
import { beforeAll, describe, expect, test } from 'vitest';

import { linkBlueskyChannel } from '../../server/channels/link-channel.ts';
import { resolveDelivery } from '../../server/deliveries/resolve-delivery.ts';
import { notifyDue } from '../../server/deliveries/notify-due.ts';
import { openContractRun } from '../networks/contract-run.ts';
import { scheduleTestDelivery } from '../publishing/fixtures.ts';
import { attachPictures } from '../publishing/picture-fixtures.ts';
import { changeCredentials, startBlueskyRig, type BlueskyRig } from './bluesky-rig.ts';
import type { RealAccount, RealPds } from './real-pds.ts';

let rig: BlueskyRig;
let pds: RealPds;
const run = openContractRun(async () => (rig = await startBlueskyRig()), 'bluesky');
beforeAll(() => {
  pds = rig.pds;
});

async function createChannel(): Promise<{ account: RealAccount; channelId: string }> {
  const channelId = await run.createChannel();
  return { account: rig.accountOf(channelId), channelId };
}

const forgetToken = ({ did }: RealAccount, channelId: string) =>
  changeCredentials(run.context, channelId, { accessJwt: pds.signExpiredToken(did) });

describe('linking', () => {
  test('an app password links the account that it belongs to', async () => {
    const { account, channelId } = await createChannel();
    const channel = await run.context.db.channel.findUniqueOrThrow({ where: { id: channelId } });
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
    const { handle, appPassword } = rig.accountOf(await run.createChannel());
    const input = { handle, appPassword, serviceUrl: pds.url, ...change };
    await expect(linkBlueskyChannel(run.context, run.team.caller, input)).rejects.toMatchObject({
      details: { code },
    });
  });
});

describe('the language of the team', () => {
  test('goes with each part of a post', async () => {
    const { account, channelId } = await createChannel();
    const speak = (language: string | null) =>
      run.context.db.team.update({ where: { id: run.team.team.id }, data: { language } });
    await speak('de');
    const delivery = await run.publish(channelId, { parts: ['Moin', 'Tschüss'] });
    await speak(null);
    expect(delivery.state).toBe('published');
    const posts = await pds.listPosts(account.did);
    expect(posts.map(({ value }) => value['langs'])).toEqual([['de'], ['de']]);
  });
});

describe.concurrent('publishing', () => {
  test('a text with a mention, a link and a hashtag', async () => {
    const { account, channelId } = await createChannel();
    const bob = await pds.createAccount('bob');
    const text = 'Grüße an @bob.test und @nobody.test: https://example.com/a?b=c #grantcast 🎉';
    const delivery = await run.publish(channelId, { parts: [text] });
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

  test('a part of a thread names the first and the one before', async () => {
    const { account, channelId } = await createChannel();
    const delivery = await run.publish(channelId, { parts: ['one', 'two', 'three'] });
    const [third, second, first] = await pds.listPosts(account.did);
    expect([first, second, third].map((post) => post!.value['text'])).toEqual(['one', 'two', 'three']);
    const ref = (post: { uri: string; cid: string } | undefined) => ({ uri: post!.uri, cid: post!.cid });
    expect(second!.value['reply']).toEqual({ root: ref(first), parent: ref(first) });
    expect(third!.value['reply']).toEqual({ root: ref(first), parent: ref(second) });
    expect(delivery.remoteId).toBe(first!.uri);
  });
});

// One after the other: the same picture is one file, and the last test spoils it.
describe('pictures', () => {
  const embedOf = (post: { value: Record<string, unknown> } | undefined) =>
    post!.value['embed'] as {
      $type: string;
      images: { alt: string; aspectRatio: object; image: { mimeType: string; size: number } }[];
    };

  test('with alt texts and sizes', async () => {
    const { account, channelId } = await createChannel();
    const altTexts = ['One', null, 'Three', 'Four 🎉'];
    const delivery = await run.publish(channelId, { parts: ['With pictures'], altTexts });
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
  });

  test.each(['cut_before', 'cut_after'] as const)(
    'a write with pictures that is spoilt (%s) leads to one post with all of them',
    async (fault) => {
      const { account, channelId } = await createChannel();
      rig.failNextPublish(channelId, fault);
      const delivery = await run.publish(channelId, {
        parts: ['With pictures'],
        altTexts: ['One', 'Two'],
      });
      const posts = await pds.listPosts(account.did);
      expect(posts.map(({ uri }) => uri)).toEqual([delivery.remoteId]);
      expect(embedOf(posts[0]).images.map(({ alt }) => alt)).toEqual(['One', 'Two']);
      const hashes = delivery.attempts.map(({ payloadHash }) => Buffer.from(payloadHash).toString('hex'));
      expect(new Set(hashes).size).toBe(1);
    },
  );

  test('a picture that is too large for the server fails with the rule, and nothing is posted', async () => {
    const { account, channelId } = await createChannel();
    const { context, team } = run;
    const delivery = await scheduleTestDelivery(context, team, { channelId, dueInSeconds: 60 });
    await attachPictures(context, team, delivery, ['Huge']);
    const { storageKey } = await context.db.rendition.findFirstOrThrow({
      where: { postId: delivery.postId },
    });
    await context.mediaStore.put(storageKey, new Uint8Array(2_200_000).fill(7), 'image/jpeg');
    await context.db
      .$executeRaw`update delivery set due_at = now(), not_before = now() where id = ${delivery.id}`;
    await notifyDue(context.db);
    await run.waitFor(delivery.id, { state: 'failed', problemCode: 'picture_bytes' });
    expect(await pds.listPosts(account.did)).toEqual([]);
  });
});

describe.concurrent('taking down', () => {
  test('an expired session is renewed for it', async () => {
    const { account, channelId } = await createChannel();
    const delivery = await run.publish(channelId, { parts: ['soon gone'] });
    await forgetToken(account, channelId);
    expect(await run.takeDown(delivery)).toMatchObject({ state: 'removed' });
    expect(await pds.listPosts(account.did)).toEqual([]);
  });

  test('what a person recorded as posted is found by its address and removed', async () => {
    const { account, channelId } = await createChannel();
    const delivery = await run.publish(channelId, { parts: ['recorded'] });
    const { id, postId, remoteUrl, remoteId } = delivery;
    const { db } = run.context;
    await db.deliveryPart.deleteMany({ where: { deliveryId: id } });
    const stopped = {
      state: 'failed',
      problemCode: 'refused',
      remoteId: null,
      remoteUrl: null,
      publishedAt: null,
    };
    await db.delivery.update({ where: { id }, data: stopped });
    const wish = { postId, channelId, action: 'record_as_posted', permalink: remoteUrl! } as const;
    expect(await resolveDelivery(run.context, run.team.caller, wish)).toMatchObject({
      state: 'published',
      url: remoteUrl,
    });
    expect(await run.waitForRest(id)).toMatchObject({ remoteId });
    await run.takeDown(delivery);
    expect(await pds.listPosts(account.did)).toEqual([]);
  });
});

describe.concurrent('credentials', () => {
  test('a session known to be over is renewed ahead of the send', async () => {
    const { account, channelId } = await createChannel();
    await forgetToken(account, channelId);
    const where = { id: channelId };
    await run.context.db.channel.update({ where, data: { tokenExpiresAt: new Date(0) } });
    const delivery = await run.publish(channelId, { parts: ['renewed ahead'] });
    expect(delivery.attempts.map(({ outcome }) => outcome)).toEqual(['published']);
  });

  test('after the app password was revoked the post waits until the account is linked again', async () => {
    const { account, channelId } = await createChannel();
    await rig.revokeAccess(run.context, channelId);
    const held = await run.publish(channelId, { parts: ['waiting'] });
    expect(held).toMatchObject({ state: 'held', problemCode: 'channel_needs_reconnect' });
    const { password } = (await (
      await fetch(`${pds.url}/xrpc/com.atproto.server.createAppPassword`, {
        method: 'POST',
        headers: { authorization: `Bearer ${account.accessJwt}`, 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'again' }),
      })
    ).json()) as { password: string };
    const input = { handle: account.handle, appPassword: password, serviceUrl: pds.url };
    const linked = await linkBlueskyChannel(run.context, run.team.caller, input);
    expect(linked).toMatchObject({ channelId, releasedDeliveries: 1 });
    await run.waitFor(held.id, { state: 'published' });
  });

  test('an account that was taken down holds its posts', async () => {
    const { account, channelId } = await createChannel();
    await pds.takeDown(account.did);
    const delivery = await run.publish(channelId, { parts: ['not any more'] });
    expect(delivery).toMatchObject({ state: 'held', problemCode: 'channel_blocked', remoteId: null });
  });
});
