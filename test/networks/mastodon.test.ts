// What only Mastodon has; what all networks are held to is in the contract suite.
import { expect, test } from 'vitest';

import { refreshOwnLimits } from '../../server/channels/refresh-own-limits.ts';
import { findRules } from '../../server/networks/find-rules.ts';
import { createPublishingTeam, scheduleTestDelivery, readDelivery } from '../publishing/fixtures.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import { startFakeMastodon } from '../support/fakes/mastodon/fake-mastodon.ts';
import { openTestContext } from '../support/test-context.ts';
import { caught, openAccount, pictureOf } from './mastodon-calls.ts';
import { startMastodonRig } from './mastodon-rig.ts';

test('a repeat with the same key is the first post; after the hour nothing is promised', async () => {
  await using fake = await startFakeMastodon();
  const { network, callOf } = openAccount(fake, fake.addAccount('alice'));
  const first = await network.send(callOf());
  expect(await network.send(callOf())).toEqual(first);
  expect(first.remoteUrl).toBe(`${fake.url}/@alice/${first.remoteId}`);
  expect(network.keyLifetimeSeconds).toBeLessThan(3600);
  fake.server.clock.moveBy(network.keyLifetimeSeconds!);
  expect(await network.send(callOf())).toEqual(first);
  expect(fake.state.statuses).toHaveLength(1);
});

test('the quarantine is longer than a key is missing on a server that writes it down late', async () => {
  await using fake = await startFakeMastodon({ keyWrittenAfterSeconds: 60 });
  const { network, callOf } = openAccount(fake, fake.addAccount('alice'));
  await network.send(callOf());
  fake.server.clock.moveBy(network.quarantineSeconds);
  await network.send(callOf());
  expect(fake.state.statuses).toHaveLength(1);
});

test('the same key never goes with another text: what was written anew is frozen anew', async () => {
  await using rig = await startMastodonRig();
  await using context = await openTestContext(rig.settings);
  const team = await createPublishingTeam(context);
  const channelId = await rig.createChannel(context, team);
  rig.limitNextPublish(channelId, 0);
  const { id, postId } = await scheduleTestDelivery(context, team, { channelId, parts: ['One'] });
  await publishDelivery(context, id);
  await context.db.caption.updateMany({ where: { postId }, data: { parts: ['Two'] } });
  await context.db.$executeRaw`update channel set rate_limited_until = null`;
  await context.db.$executeRaw`update delivery set not_before = clock_timestamp() where id = ${id}`;
  await publishDelivery(context, id);
  expect((await readDelivery(context, id)).state).toBe('published');
  const sent = rig.fake.server.journal
    .filter(({ request }) => request.method === 'POST' && request.path === '/api/v1/statuses')
    .map(({ request }) => ({
      key: request.headers.get('idempotency-key'),
      text: (JSON.parse(request.body.toString()) as { status: string }).status,
    }));
  expect(sent.map(({ text }) => text)).toEqual(['One', 'Two']);
  expect(new Set(sent.map(({ key }) => key)).size).toBe(2);
});

test('the server is told the language of the team', async () => {
  await using rig = await startMastodonRig();
  await using context = await openTestContext(rig.settings);
  const team = await createPublishingTeam(context);
  const channelId = await rig.createChannel(context, team);
  await context.db.team.update({ where: { id: team.team.id }, data: { language: 'de' } });
  const { id } = await scheduleTestDelivery(context, team, { channelId, parts: ['Moin'] });
  await publishDelivery(context, id);
  const { body } = rig.fake.server.journal.findLast(({ request }) => request.method === 'POST')!.request;
  expect(JSON.parse(body.toString())).toEqual({ status: 'Moin', language: 'de', visibility: 'public' });
});

test('a request says what was meant and nothing else: public, never a time of the server, no language where nobody said', async () => {
  await using fake = await startFakeMastodon();
  const { network, callOf } = openAccount(fake, fake.addAccount('alice'));
  const parent = await network.send(callOf());
  const call = callOf({ text: 'More', key: 'key_2', earlier: [parent] });
  await network.send(call);
  const { body } = fake.server.journal.at(-1)!.request;
  expect(JSON.parse(body.toString())).toEqual({
    status: 'More',
    in_reply_to_id: parent.remoteId,
    visibility: 'public',
  });
  expect(body.toString()).toBe(network.payloadOf(call.part, call.channel));
});

test('pictures that the server still works on are asked for again, not uploaded again', async () => {
  await using fake = await startFakeMastodon({ processingSeconds: 30 });
  const { network, callOf } = openAccount(fake, fake.addAccount('alice'));
  const media = [pictureOf('a', 'A dot'), pictureOf('b')];
  const early = await caught(network.prepare(callOf({ media })));
  expect(early).toMatchObject({ kind: 'not_sent', code: 'media_not_ready' });
  const later = await caught(network.prepare(callOf({ media, prepared: early.prepared })));
  expect(later.prepared).toEqual(early.prepared);
  fake.server.clock.moveBy(31);
  const prepared = await network.prepare(callOf({ media, prepared: later.prepared }));
  expect(prepared).toEqual(early.prepared);
  expect(fake.state.media.size).toBe(2);
  const { remoteId } = await network.send(callOf({ media, prepared }));
  expect(fake.state.statuses[0]).toMatchObject({ id: remoteId, mediaIds: [...fake.state.media.keys()] });
});

test('other words for a picture, or another picture, are another upload; so is what the server forgot', async () => {
  await using fake = await startFakeMastodon();
  const { network, callOf } = openAccount(fake, fake.addAccount('alice'));
  const first = await network.prepare(callOf({ media: [pictureOf('a', 'One')] }));
  await network.prepare(callOf({ media: [pictureOf('a', 'One')], prepared: first }));
  expect(fake.state.media.size).toBe(1);
  await network.prepare(callOf({ media: [pictureOf('a', 'Two')], prepared: first }));
  await network.prepare(callOf({ media: [pictureOf('b', 'One')], prepared: first }));
  expect(fake.state.media.size).toBe(3);
  fake.state.media.clear();
  await network.prepare(callOf({ media: [pictureOf('a', 'One')], prepared: first }));
  expect(fake.state.media.size).toBe(1);
});

test('a picture that the server cannot make anything of ends it', async () => {
  await using fake = await startFakeMastodon({ processingSeconds: 30 });
  const { network, callOf } = openAccount(fake, fake.addAccount('alice'));
  const media = [pictureOf('a')];
  const { prepared } = await caught(network.prepare(callOf({ media })));
  for (const stored of fake.state.media.values()) stored.isBroken = true;
  const failure = await caught(network.prepare(callOf({ media, prepared })));
  expect(failure).toMatchObject({ kind: 'rejected', code: 'picture_type' });
});

test('taking down goes last part first, and what is gone counts as removed', async () => {
  await using fake = await startFakeMastodon();
  const { network, callOf, remote } = openAccount(fake, fake.addAccount('alice'));
  const first = await network.send(callOf());
  const second = await network.send(callOf({ text: 'More', key: 'key_2', earlier: [first] }));
  await network.takeDown!(remote, [first, second]);
  await network.takeDown!(remote, [first, second]);
  const deleted = fake.server.journal.filter(({ request }) => request.method === 'DELETE');
  expect(deleted.map(({ status }) => status)).toEqual([200, 200, 404, 404]);
  expect(deleted[0]!.request.path).toContain(second.remoteId);
});

test.each([true, false])('numbers of several posts, one of them gone (in one call: %s)', async (hasBatch) => {
  await using fake = await startFakeMastodon({ hasBatch });
  const { network, callOf, remote } = openAccount(fake, fake.addAccount('alice'));
  const { remoteId } = await network.send(callOf());
  fake.state.statuses[0]!.counts = { favourites: 7, replies: 5, reblogs: 2, quotes: 1 };
  const told = await network.measure!(remote, [remoteId, '1', '../../oauth/token']);
  expect([...told]).toEqual([[remoteId, { views: null, likes: 7, comments: 5, shares: 3, clicks: null }]]);
  expect(await network.measureChannel!(remote)).toEqual({ followers: 3, posts: 1 });
  expect(fake.server.strays).toEqual([]);
});

test('other software: UUIDs, no discovery, no instance of the second version, longer posts', async () => {
  const limits = { max_characters: 5000, max_media_attachments: 16 };
  await using rig = await startMastodonRig({
    ids: 'uuid',
    hasMetadata: false,
    hasInstanceV2: false,
    hasBatch: false,
    limits,
  });
  await using context = await openTestContext(rig.settings);
  const team = await createPublishingTeam(context);
  const channelId = await rig.createChannel(context, team);
  await refreshOwnLimits(context);
  const { ownLimits } = await context.db.channel.findUniqueOrThrow({ where: { id: channelId } });
  expect(ownLimits).toMatchObject({ ...limits, characters_reserved_per_url: 23 });
  expect(findRules({ network: 'mastodon', ownLimits })).toMatchObject({ maxLength: 5000 });
  const parts = ['x'.repeat(4000), 'more'];
  const { id } = await scheduleTestDelivery(context, team, { channelId, parts });
  await publishDelivery(context, id);
  expect(await readDelivery(context, id)).toMatchObject({
    state: 'published',
    remoteId: expect.stringMatching(/^[\da-f-]{36}$/),
  });
  expect((await rig.shownPosts(channelId)).map(({ text }) => text)).toEqual(parts);
});

test('what a server allows is asked once a day; one that does not answer keeps what it said', async () => {
  await using rig = await startMastodonRig();
  await using context = await openTestContext(rig.settings);
  const channelId = await rig.createChannel(context, await createPublishingTeam(context));
  const readLimits = async () =>
    (await context.db.channel.findUniqueOrThrow({ where: { id: channelId } })).ownLimits;
  await refreshOwnLimits(context);
  expect(await readLimits()).toMatchObject({ max_characters: 500 });
  rig.fake.state.traits.limits.max_characters = 700;
  await refreshOwnLimits(context);
  expect(await readLimits()).toMatchObject({ max_characters: 500 });
  const aDayPasses = () =>
    context.db.$executeRaw`update channel set limits_read_at = limits_read_at - interval '25 hours'`;
  await aDayPasses();
  rig.fake.server.failNext(() => true, 'cut_before');
  await refreshOwnLimits(context);
  expect(await readLimits()).toMatchObject({ max_characters: 500 });
  await aDayPasses();
  await refreshOwnLimits(context);
  expect(await readLimits()).toMatchObject({ max_characters: 700 });
});

test('a pause is as long as the server says by its own clock', async () => {
  await using fake = await startFakeMastodon();
  const { network, callOf } = openAccount(fake, fake.addAccount('alice'));
  const headers = {
    date: 'Sat, 01 Jan 2000 00:00:00 GMT',
    'x-ratelimit-reset': '2000-01-01T00:02:00.000Z',
  };
  fake.server.failNext(() => true, { status: 429, headers, body: { error: 'Too many requests' } });
  const failure = await caught(network.send(callOf()));
  expect(failure.kind).toBe('rate_limited');
  const seconds = (failure.until!.getTime() - Date.now()) / 1000;
  expect(Math.abs(seconds - 120)).toBeLessThan(5);
});

const ERRORS = [
  [403, { error: 'This action is outside the authorized scopes' }, 'auth_expired'],
  [403, { error: 'Your login is currently disabled' }, 'blocked'],
  [403, '<html>Forbidden</html>', 'ambiguous'],
  [404, '<html>Not Found</html>', 'ambiguous'],
  [422, { error: 'Gültigkeitsprüfung ist fehlgeschlagen: Text ist zu lang' }, 'rejected'],
  [422, { error: 'Media 1 not found or already attached to another post' }, 'duplicate'],
  [422, '<html>The change you wanted was rejected</html>', 'ambiguous'],
  [500, { error: 'Something went wrong' }, 'ambiguous'],
  [503, { error: 'There was a temporary problem serving your request, please try again' }, 'ambiguous'],
  [200, '<html>Welcome</html>', 'ambiguous'],
  [200, { id: '<b>1</b>', url: 'https://example.com' }, 'ambiguous'],
] as const;

test.each(ERRORS)('%d %j is %s', async (status, body, kind) => {
  await using fake = await startFakeMastodon();
  const { network, callOf } = openAccount(fake, fake.addAccount('alice'));
  fake.server.failNext(() => true, { status, body });
  const failure = await caught(network.send(callOf()));
  expect(failure.kind).toBe(kind);
  expect(failure.message).not.toMatch(/[<>]|Gültig/);
});

test('the address of a post names it, on its own server and of its own account alone', async () => {
  await using fake = await startFakeMastodon();
  const { network } = openAccount(fake, fake.addAccount('alice'));
  const channel = { handle: 'alice@social.example', remoteAccountId: '1@social.example' };
  const read = (address: string) => network.readPermalink(new URL(address), channel)?.remoteId;
  expect(read('https://social.example/@Alice/109')).toBe('109');
  expect(read('https://social.example/@alice@social.example/109/')).toBe('109');
  expect(read('https://social.example/users/alice/statuses/109')).toBe('109');
  expect(read('https://social.example/@alice/statuses/01HX-a')).toBe('01HX-a');
  expect(read('https://social.example/@bob/109')).toBeUndefined();
  expect(read('https://other.example/@alice/109')).toBeUndefined();
  expect(read('https://social.example/@alice/109/embed')).toBeUndefined();
});
