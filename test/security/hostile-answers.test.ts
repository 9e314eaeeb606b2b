// People name the server of a Bluesky or Mastodon account, so it may be anybody's: whatever it answers, what was on its way comes
// to rest, nobody else is kept waiting, and nothing of it is shown or stored that its syntax does not allow.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { sealCredentials } from '../../server/channels/credentials.ts';
import type { Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { publishDelivery } from '../../workers/publish-delivery.ts';
import {
  createPublishingTeam,
  readDelivery,
  scheduleTestDelivery,
  type PublishingTeam,
} from '../publishing/fixtures.ts';
import { startFakeServer, type FakeAnswer, type FakeServer } from '../support/fakes/fake-server.ts';
import { openTestContext } from '../support/test-context.ts';

const DAY_MS = 86_400_000;

let hostile: FakeServer;
let answer: (path: string) => FakeAnswer;
let context: Context;
let team: PublishingTeam;

beforeAll(async () => {
  hostile = await startFakeServer(({ path }) => answer(path));
  context = await openTestContext({ ALLOW_PRIVATE_HOSTS: new URL(hostile.url).host });
});
afterAll(async () => {
  await context[Symbol.asyncDispose]();
  await hostile[Symbol.asyncDispose]();
});
beforeEach(async () => {
  team = await createPublishingTeam(context);
});

const CREDENTIALS = {
  bluesky: () => ({ serviceUrl: hostile.url, accessJwt: 'a.b.c', refreshJwt: 'a.b.c' }),
  mastodon: () => ({ server: hostile.url, accessToken: 'token' }),
};
type Named = keyof typeof CREDENTIALS;

async function addChannel(network: Named, of = team): Promise<string> {
  const id = newId('channel');
  const key = { teamId: of.team.id, channelId: id };
  const credentials = sealCredentials(context, key, JSON.stringify(CREDENTIALS[network]()));
  const remoteAccountId = network === 'bluesky' ? `did:plc:${id.slice(-24)}` : `${id}@social.example`;
  const data = { id, teamId: of.team.id, network, handle: 'alice.test', remoteAccountId, credentials };
  await context.db.channel.create({ data });
  return id;
}

async function publishOn(channelId: string, text = 'Hello') {
  const { id } = await scheduleTestDelivery(context, team, { channelId, parts: [text] });
  await publishDelivery(context, id);
  return readDelivery(context, id);
}

describe.each<Named>(['bluesky', 'mastodon'])('a %s server', (network) => {
  test.each([
    ['ratelimit-reset', '1e300'],
    ['ratelimit-reset', '99999999999999'],
    ['retry-after', '1e309'],
    ['retry-after', '-1'],
    ['retry-after', 'NaN'],
    ['x-ratelimit-reset', '+275760-09-13T00:00:00Z'],
    ['x-ratelimit-reset', '0000-01-01T00:00:00Z'],
  ])(
    'that asks to wait by %s: %s is waited for a day at most, and no channel beside it',
    async (name, value) => {
      answer = () => ({ status: 429, headers: { [name]: value }, body: { error: 'RateLimitExceeded' } });
      const [channelId, sibling] = [await addChannel(network), await addChannel(network)];
      const other = await addChannel(network, await createPublishingTeam(context));
      expect(await publishOn(channelId)).toMatchObject({ state: 'scheduled', problemCode: 'rate_limited' });
      const { rateLimitedUntil } = await context.db.channel.findUniqueOrThrow({ where: { id: channelId } });
      expect(rateLimitedUntil!.getTime()).toBeGreaterThan(Date.now());
      expect(rateLimitedUntil!.getTime()).toBeLessThan(Date.now() + DAY_MS + 60_000);
      const beside = await context.db.channel.findMany({ where: { id: { in: [sibling, other] } } });
      expect(beside.map((channel) => channel.rateLimitedUntil)).toEqual([null, null]);
    },
  );

  const ODD: [string, unknown][] = [
    ['with a NUL', 'x\0y'],
    ['of half a megabyte', 'x'.repeat(400_000)],
    ['with markup', '"><script>alert(1)</script>'],
    ['that turns the line', 'x\u202Ey'],
    ['that climbs', '../../x'],
    ['that is a number', 1e21],
  ];
  test.each(ODD)('that names a post %s leaves nothing of it, and the post comes to rest', async (_, odd) => {
    const good = { uri: 'at://did:plc:a/app.bsky.feed.post/b', cid: 'bafy' };
    const said = [
      { ...good, uri: `at://did:plc:a/app.bsky.feed.post/${String(odd)}` },
      { ...good, cid: odd },
    ];
    for (const ofBluesky of said) {
      const mastodon = { id: odd, url: odd };
      answer = (path) => ({ status: 200, body: path.startsWith('/xrpc') ? ofBluesky : mastodon });
      const { state, parts } = await publishOn(await addChannel(network));
      expect({ state, remoteId: parts[0]!.remoteId }).toEqual({ state: 'unknown', remoteId: null });
    }
  });
});

test('a Bluesky server that names an odd account for a mention changes nothing of the text', async () => {
  for (const did of ['did:x\0', `did:${'x'.repeat(400_000)}`, 'did:<b>', 'did:plc:ok']) {
    answer = (path) =>
      path.endsWith('resolveHandle')
        ? { status: 200, body: { did } }
        : { status: 200, body: { uri: 'at://did:plc:a/app.bsky.feed.post/b', cid: 'bafy' } };
    const channelId = await addChannel('bluesky');
    const { state, parts } = await publishOn(channelId, 'Hello @alice.test');
    expect([did.slice(0, 12), state]).toEqual([did.slice(0, 12), 'published']);
    expect(JSON.stringify(parts[0]!.prepared).includes('"did":"did:plc:ok"')).toBe(did === 'did:plc:ok');
  }
});

test('a Bluesky server whose tokens end at no time that there is renews them all the same', async () => {
  for (const exp of [1e300, -1e300, 8.64e13]) {
    const jwt = ['e30', Buffer.from(JSON.stringify({ exp })).toString('base64url'), 'c'].join('.');
    const channelId = await addChannel('bluesky');
    const { remoteAccountId } = await context.db.channel.findUniqueOrThrow({ where: { id: channelId } });
    const session = { did: remoteAccountId, handle: 'alice.test', accessJwt: jwt, refreshJwt: jwt };
    let posts = 0;
    answer = (path) => {
      if (path.endsWith('refreshSession')) return { status: 200, body: session };
      posts += 1;
      if (posts === 1) return { status: 401, body: { error: 'ExpiredToken' } };
      return { status: 200, body: { uri: 'at://did:plc:a/app.bsky.feed.post/b', cid: 'bafy' } };
    };
    expect([exp, (await publishOn(channelId)).state]).toEqual([exp, 'published']);
    const { tokenExpiresAt } = await context.db.channel.findUniqueOrThrow({ where: { id: channelId } });
    expect(tokenExpiresAt).toBeNull();
  }
}, 60_000);
