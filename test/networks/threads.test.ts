import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { createGuardedFetch, type GuardedFetch } from '../../server/fetch.ts';
import type { Call, ChannelAccess, Network, Part } from '../../server/networks/network.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import { createThreads } from '../../server/networks/threads.ts';
import documented from '../support/fakes/meta/documented.json' with { type: 'json' };
import { startFakeServer, type FakeRequest } from '../support/fakes/fake-server.ts';
import { startFakeThreads, type FakeThreads } from '../support/fakes/meta/threads.ts';
import { makePart, startPictures, type PictureServer } from './meta-pictures.ts';

const SCOPES = [
  ...['threads_basic', 'threads_content_publish', 'threads_manage_replies'],
  ...['threads_read_replies', 'threads_manage_insights', 'threads_delete'],
];
const HOUR_SECONDS = 3600;

let fake: FakeThreads;
let pictures: PictureServer;
let fetch: GuardedFetch;
let network: Network;
let channel: ChannelAccess;
let names = 0;

beforeAll(async () => {
  fake = await startFakeThreads();
  pictures = await startPictures();
  fetch = createGuardedFetch(['127.0.0.1']);
  network = createThreads({ clientId: 'app', clientSecret: 'secret', apiUrl: fake.url, webUrl: fake.url });
});
afterAll(async () => {
  await fetch.close();
  await fake[Symbol.asyncDispose]();
  await pictures[Symbol.asyncDispose]();
});
beforeEach(() => {
  Object.assign(fake, { processingSeconds: 0, quotaTotal: 250 });
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
const prepare = (part: Part) => network.prepare(callOf(part));
const send = (part: Part) => network.send(callOf(part));
const readBack = (part: Part) => network.readBack(callOf(part));
const ready = async (part: Part): Promise<Part> => ({ ...part, prepared: await prepare(part) });

async function failureOf(work: Promise<unknown>): Promise<NetworkError> {
  const error = await work.then(
    () => null,
    (failure: unknown) => failure,
  );
  if (error instanceof NetworkError) return error;
  throw new Error('it did not fail as networks do', { cause: error });
}

const isCreate = ({ method, path }: FakeRequest) => method === 'POST' && path.endsWith('/threads');
const isPublish = ({ method, path }: FakeRequest) => method === 'POST' && path.endsWith('/threads_publish');

describe('a container is made once', () => {
  test('while it works on its picture it is waited for, and then it is the one that is published', async () => {
    fake.processingSeconds = 30;
    const part = makePart({ media: [pictures.picture('Quay')] });
    const first = await failureOf(prepare(part));
    expect([first.kind, first.code]).toEqual(['not_sent', 'media_not_ready']);
    const second = await failureOf(prepare({ ...part, prepared: first.prepared }));
    expect(second.code).toBe('media_not_ready');
    fake.clock.moveBy(31);
    const prepared = { ...part, prepared: await prepare({ ...part, prepared: second.prepared }) };
    const { remoteId } = await send(prepared);
    expect([fake.containers.size, [...fake.posts.keys()]]).toEqual([1, [remoteId]]);
  });

  test('a carousel that stopped half way goes on with the pictures that are missing', async () => {
    const media = ['One', 'Two', 'Three'].map((alt) => pictures.picture(alt));
    const part = makePart({ media });
    let created = 0;
    fake.failNext((request) => isCreate(request) && (created += 1) === 3, 'refused_before');
    const stopped = await failureOf(prepare(part));
    expect(fake.containers.size).toBe(2);
    const { remoteId } = await send(await ready({ ...part, prepared: stopped.prepared }));
    expect(fake.containers.size).toBe(4);
    expect(fake.posts.get(remoteId)!.pictures.map(({ altText }) => altText)).toEqual(['One', 'Two', 'Three']);
  });

  test('another address of the same picture changes nothing; another text, picture text or place in a thread does', async () => {
    const part = makePart({ media: [pictures.picture('Quay', '/a')] });
    const { prepared } = await ready(part);
    const again = async (change: Partial<Part>) => prepare({ ...part, prepared, ...change });
    expect(await again({ media: [pictures.picture('Quay', '/b')] })).toEqual(prepared);
    expect(await again({ media: [pictures.picture('A quay')] })).not.toEqual(prepared);
    expect(await again({ text: 'Another text' })).not.toEqual(prepared);
    expect(fake.containers.size).toBe(3);
  });

  test('what the network could not fetch is made anew by the next try', async () => {
    const missing = makePart({ media: [pictures.picture('Quay', '/missing')] });
    const failed = await failureOf(prepare(missing));
    expect([failed.kind, failed.code]).toEqual(['not_sent', 'container_failed']);
    const there = makePart({ media: [pictures.picture('Quay')], prepared: failed.prepared });
    await send(await ready(there));
    expect([fake.containers.size, fake.posts.size]).toEqual([2, 1]);
  });

  test('one that expired is refused without publishing, and a new one is made because it surely was not published', async () => {
    const part = await ready(makePart());
    fake.clock.moveBy(25 * HOUR_SECONDS);
    const expired = await failureOf(send(part));
    expect([expired.kind, expired.code]).toEqual(['not_sent', 'container_expired']);
    await send(await ready(part));
    expect([fake.containers.size, fake.posts.size]).toEqual([2, 1]);
  });

  test('one that is published already is not published again, though it was prepared for it', async () => {
    const part = await ready(makePart());
    await send(part);
    expect((await failureOf(send(part))).kind).toBe('duplicate');
    expect((await failureOf(send(await ready(part)))).kind).toBe('duplicate');
    expect([fake.containers.size, fake.posts.size]).toEqual([1, 1]);
  });

  test('one that the network does not find yet is tried again', async () => {
    const part = await ready(makePart());
    const { body } = documented.errors.containerNotFoundYet;
    fake.failNext(isPublish, { status: 400, body });
    expect((await failureOf(send(part))).kind).toBe('not_sent');
    await send(await ready(part));
    expect([fake.containers.size, fake.posts.size]).toEqual([1, 1]);
  });
});

describe('before anything is made', () => {
  test('a used-up quota is waited for; answers have one of their own', async () => {
    fake.quotaTotal = 1;
    const root = await send(await ready(makePart()));
    const full = await failureOf(prepare(makePart({ text: 'Another' })));
    expect([full.kind, full.code]).toEqual(['rate_limited', 'quota_used']);
    expect(full.until!.getTime()).toBeGreaterThan(Date.now() + 600_000);
    await send(await ready(makePart({ text: 'Answer', partNo: 2, earlier: [root] })));
    expect(fake.posts.size).toBe(2);
    expect(await network.readQuota!(callOf(makePart()))).toEqual({
      used: 1,
      total: 1,
      windowSeconds: 86_400,
    });
  });

  test('a picture without a public address is refused by a rule that names the setting', async () => {
    const refused = await failureOf(prepare(makePart({ media: [pictures.picture('Quay', null)] })));
    expect([refused.kind, refused.code]).toEqual(['rejected', 'public_address_missing']);
    expect(refused.message).toContain('PUBLIC_URL');
    expect(fake.containers.size).toBe(0);
  });
});

describe('reading back', () => {
  test('finds the post of this very container, not the newest one', async () => {
    const part = await ready(makePart());
    const sent = await send(part);
    await send(await ready(makePart({ text: 'A newer post' })));
    expect(await readBack(part)).toEqual(sent);
  });

  test('an answer in a thread is found in its place', async () => {
    const [one, two] = [
      await send(await ready(makePart())),
      await send(await ready(makePart({ text: 'Other' }))),
    ];
    const answer = { text: 'Same answer', partNo: 2 };
    const part = await ready(makePart({ ...answer, earlier: [one] }));
    const sent = await send(part);
    await send(await ready(makePart({ ...answer, earlier: [two] })));
    expect(await readBack(part)).toEqual(sent);
  });

  test('a container that was not published proves that nothing was; nor can one that expired', async () => {
    const part = await ready(makePart());
    await send(await ready(makePart({ deliveryId: 'other' })));
    expect(await readBack(part)).toBeNull();
    fake.clock.moveBy(25 * HOUR_SECONDS);
    expect(await readBack(part)).toBeNull();
  });

  test('two posts that look like it are never adopted', async () => {
    const part = await ready(makePart());
    const sent = await send(part);
    const other = await send(await ready(makePart({ deliveryId: 'other' })));
    expect(await failureOf(readBack(part))).toMatchObject({ kind: 'rejected', code: 'several_match' });
    const known = new Set([other.remoteId]);
    expect(await network.readBack({ ...callOf(part), known })).toEqual(sent);
  });

  test('the same text from before our time is somebody else', async () => {
    await send(await ready(makePart()));
    fake.clock.moveBy(HOUR_SECONDS);
    const part = await ready(makePart({ frozenAt: fake.clock.now() }));
    const sent = await send(part);
    expect(await readBack(part)).toEqual(sent);
  });

  test('published and not listed yet is not the same as not published', async () => {
    const part = await ready(makePart());
    const { remoteId } = await send(part);
    fake.posts.delete(remoteId);
    expect(await failureOf(readBack(part))).toMatchObject({ kind: 'ambiguous', code: 'not_listed' });
  });
});

describe('an address on the pages of Threads', () => {
  const named = (url: string) => network.readPermalink(new URL(url), channel);

  test('names a post of this account alone', () => {
    const found = {
      remoteId: 'DIN40-PT9oT',
      remoteUrl: `https://www.threads.com/@${channel.handle}/post/DIN40-PT9oT`,
    };
    expect(named(`https://www.threads.net/@${channel.handle}/post/DIN40-PT9oT?x=1`)).toEqual(found);
    expect(named('https://www.threads.com/@somebody/post/DIN40-PT9oT')).toBeNull();
    expect(named(`https://threads.example/@${channel.handle}/post/DIN40-PT9oT`)).toBeNull();
  });

  test('what was recorded by it has no numbers, and is taken down by a person', async () => {
    const call = callOf(makePart());
    const none = { views: null, likes: null, comments: null, shares: null, clicks: null };
    expect((await network.measure!(call, ['DIN40-PT9oT'])).get('DIN40-PT9oT')).toEqual(none);
    const parts = [{ remoteId: 'DIN40-PT9oT', remoteUrl: '' }];
    expect(await failureOf(network.takeDown!(call, parts))).toMatchObject({ code: 'post_id_unknown' });
  });
});

describe('as documented', () => {
  const { threads } = documented;

  test('the stand-in takes every request that the documentation prints', async () => {
    const part = await ready(makePart());
    const { remoteId } = await send(await ready(makePart({ text: 'Published' })));
    const { token } = JSON.parse(channel.credentials!) as { token: string };
    const filled = (text: string) =>
      text
        .replace('<THREADS_USER_ID>', channel.remoteAccountId)
        .replace(/<THREADS_(MEDIA_)?ID>/, remoteId)
        .replace('<MEDIA_CONTAINER_ID>', (part.prepared as { creationId: string }).creationId)
        .replace('<ACCESS_TOKEN_TO_BE_INSPECTED>', token)
        .replace('<IMAGE_URL>', pictures.picture('').publicUrl!);
    for (const example of Object.values(threads)) {
      if (!('request' in example)) continue;
      const { method, path, ...given } = example.request;
      const { query = {}, form } = given as { query?: Record<string, string>; form?: Record<string, string> };
      const url = new URL(filled(path), fake.url);
      for (const [name, value] of Object.entries(query)) url.searchParams.set(name, filled(value));
      url.searchParams.set('access_token', token);
      const body =
        form && new URLSearchParams(Object.entries(form).map(([name, value]) => [name, filled(value)]));
      const response = await globalThis.fetch(url, { method, ...(body && { body }) });
      expect([example.source, response.status, await response.text()]).toEqual([
        example.source,
        200,
        expect.anything(),
      ]);
    }
  });

  test('the connector reads every answer that the documentation prints', async () => {
    const answers: unknown[] = [];
    await using vendor = await startFakeServer(() => ({ status: 200, body: answers.shift() }));
    const app = { clientId: 'app', clientSecret: 'secret', apiUrl: vendor.url, webUrl: vendor.url };
    const documentedNetwork = createThreads(app);
    const call = callOf(makePart());
    const quota = threads.limit.answer.data[0]!;
    answers.push({ ...threads.limit.answer, data: [quota] }, threads.createReply.answer);
    const prepared = await documentedNetwork.prepare(call);
    answers.push(threads.status.answer, threads.publish.answer, {});
    const sent = await documentedNetwork.send({ ...call, part: { ...call.part, prepared } });
    expect(sent.remoteId).toBe(threads.publish.answer.id);
    answers.push(threads.statusOfFailed.answer);
    expect(await documentedNetwork.readBack({ ...call, part: { ...call.part, prepared } })).toBeNull();
    answers.push(threads.limit.answer);
    expect(await documentedNetwork.readQuota!(call)).toEqual({ used: 4, total: 250, windowSeconds: 86_400 });
    answers.push(threads.insights.answer);
    const told = await documentedNetwork.measure!(call, ['1234567']);
    expect(told.get('1234567')).toMatchObject({ likes: 100, comments: 10, views: null, shares: null });
    answers.push(threads.delete.answer);
    await documentedNetwork.takeDown!(call, [sent]);
    answers.push(threads.longLivedToken.answer);
    const renewed = await documentedNetwork.refresh!(channel, fetch, call.signal);
    expect(renewed.credentials).toContain(threads.longLivedToken.answer.access_token);
    expect(answers).toEqual([]);
  });
});

test('nothing was called that is not documented', () => {
  expect(fake.strays).toEqual([]);
});
