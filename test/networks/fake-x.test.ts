// What the stand-in for X refuses, so that a test that passes before it says something.
import { readFileSync } from 'node:fs';

import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';

import { startFakeX, X_SCOPES, type FakeX } from '../support/fakes/x/fake-x.ts';

interface DocumentedRequest {
  name: string;
  operation: string;
  method: string;
  path: string;
  body?: unknown;
}

const { requests } = JSON.parse(
  readFileSync(new URL('../support/fakes/x/examples.json', import.meta.url), 'utf8'),
) as { requests: DocumentedRequest[] };

let fake: FakeX;
beforeEach(async () => {
  fake = await startFakeX();
});
afterEach(() => fake[Symbol.asyncDispose]());

function openAccount(scopes = X_SCOPES) {
  const account = fake.addAccount();
  const issue = () =>
    fake.oauth.tokens.issue({ accountId: account.id, clientId: 'a client', scopes }).accessToken;
  let token = issue();
  const call = async (method: string, path: string, body?: unknown, contentType = 'application/json') => {
    const isForm = body instanceof FormData;
    const response = await fetch(`${fake.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body !== undefined && !isForm && { 'content-type': contentType }),
      },
      ...(body !== undefined && { body: isForm ? body : JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: (await response.json()) as Answer };
  };
  return {
    account,
    call,
    post: (body: unknown) => call('POST', '/2/tweets', body),
    renew: () => {
      token = issue();
    },
  };
}

interface Answer {
  data: { id: string; processing_info?: { state: string } };
  detail?: string;
  errors?: unknown[];
}

test.each(requests)('takes the documented request: $name', async ({ method, path, body }) => {
  const { status, body: answer } = await openAccount().call(method, path, body);
  // Documented ids are nobody's here: what they name may be gone, but how it is asked for is right.
  expect(status, JSON.stringify(answer)).not.toBe(400);
  expect(fake.strays).toEqual([]);
});

describe('a post is refused', () => {
  test.each<[string, unknown, number]>([
    ['with a field that is not described', { text: 'a', colour: 'red' }, 400],
    ['with an id as a number', { text: 'a', reply: { in_reply_to_tweet_id: 1 } }, 400],
    ['without text and pictures', {}, 400],
    ['with five pictures', { text: 'a', media: { media_ids: ['1', '2', '3', '4', '5'] } }, 400],
    ['with a picture that is nobody’s', { text: 'a', media: { media_ids: ['1'] } }, 400],
    ['when it is too long', { text: '字'.repeat(141) }, 403],
    ['with two cashtags', { text: '$ABC $DEF' }, 403],
    ['as an answer to nothing', { text: 'a', reply: { in_reply_to_tweet_id: '1' } }, 403],
  ])('%s', async (_name, body, status) => {
    const { post, account } = openAccount();
    expect((await post(body)).status).toBe(status);
    expect(fake.timeline.listOf(account.id)).toEqual([]);
  });

  it('as another content type, and as an answer to strangers who did not mention the account', async () => {
    const { account, call, post } = openAccount();
    expect((await call('POST', '/2/tweets', { text: 'a' }, 'text/plain')).status).toBe(400);
    const stranger = openAccount();
    const plain = await stranger.post({ text: 'hello' });
    const mentioning = await stranger.post({ text: `hello @${account.username}` });
    const answer = (to: Answer) => post({ text: 'hi', reply: { in_reply_to_tweet_id: to.data.id } });
    expect((await answer(plain.body)).body.detail).toContain('not been mentioned');
    expect((await answer(mentioning.body)).status).toBe(201);
  });

  it('a second time, even when the first is deleted, until X forgets it', async () => {
    const { call, post, renew } = openAccount();
    const { data } = (await post({ text: 'Hello  world' })).body;
    await call('DELETE', `/2/tweets/${data.id}`);
    expect((await post({ text: 'hello world' })).status).toBe(403);
    fake.clock.moveBy(86_401);
    renew();
    expect((await post({ text: 'hello world' })).status).toBe(201);
  });
});

describe('an upload in parts', () => {
  const begin = { media_category: 'tweet_image', media_type: 'image/png', total_bytes: 8 };
  const segment = (index: number, bytes: Buffer<ArrayBuffer>) => {
    const form = new FormData();
    form.append('media', new Blob([bytes]));
    form.append('segment_index', String(index));
    return form;
  };
  const PNG = Buffer.from([0x89, 0x50, 0x4e, 0x47, 1, 2, 3, 4]);

  it('is finished once, whole, without gaps, by whoever began it', async () => {
    const { call } = openAccount();
    const path = async () =>
      `/2/media/upload/${(await call('POST', '/2/media/upload/initialize', begin)).body.data.id}`;
    const short = await path();
    await call('POST', `${short}/append`, segment(0, PNG.subarray(0, 4)));
    expect((await call('POST', `${short}/finalize`)).status).toBe(400);
    const gap = await path();
    await call('POST', `${gap}/append`, segment(1, PNG));
    expect((await call('POST', `${gap}/finalize`)).status).toBe(400);
    const whole = await path();
    expect((await call('POST', `${whole}/append`, segment(1000, PNG))).status).toBe(400);
    expect((await openAccount().call('POST', `${whole}/append`, segment(0, PNG))).status).toBe(403);
    await call('POST', `${whole}/append`, segment(1, PNG.subarray(4)));
    await call('POST', `${whole}/append`, segment(0, PNG.subarray(0, 4)));
    expect((await call('POST', `${whole}/finalize`)).status).toBe(200);
    expect((await call('POST', `${whole}/finalize`)).status).toBe(400);
    expect((await call('POST', `${whole}/append`, segment(0, PNG))).status).toBe(400);
    fake.clock.moveBy(86_401);
  });

  it('is of a known kind and within bounds; a film is worked on, and asking early is counted', async () => {
    const { call } = openAccount();
    const initialize = (change: object) =>
      call('POST', '/2/media/upload/initialize', { ...begin, ...change });
    expect((await initialize({ total_bytes: 6_000_000 })).status).toBe(400);
    expect((await initialize({ media_category: undefined })).status).toBe(400);
    const film = (await initialize({ media_category: 'tweet_video', media_type: 'video/mp4' })).body.data;
    const big = segment(0, Buffer.alloc(5 * 1024 * 1024 + 1));
    expect((await call('POST', `/2/media/upload/${film.id}/append`, big)).status).toBe(413);
    await call('POST', `/2/media/upload/${film.id}/append`, segment(0, PNG));
    const states = [
      (await call('POST', `/2/media/upload/${film.id}/finalize`)).body.data.processing_info?.state,
    ];
    for (const wait of [0, 2]) {
      fake.clock.moveBy(wait);
      const { data } = (await call('GET', `/2/media/upload?media_id=${film.id}&command=STATUS`)).body;
      states.push(data.processing_info?.state);
    }
    expect(states).toEqual(['pending', 'in_progress', 'succeeded']);
    expect(fake.pictures.earlyPolls()).toBe(1);
  });
});

it('every answer tells the limits; beyond them 429 until the reset', async () => {
  const { account, call } = openAccount();
  for (let count = 1; count <= 75; count += 1) await call('GET', '/2/users/me');
  const refused = await call('GET', '/2/users/me');
  expect(refused.status).toBe(429);
  expect(refused.headers.get('x-rate-limit-remaining')).toBe('0');
  expect(Number(refused.headers.get('x-rate-limit-reset'))).toBeGreaterThan(Date.now() / 1000);
  expect((await openAccount().call('GET', '/2/users/me')).headers.get('x-rate-limit-remaining')).toBe('74');
  fake.clock.moveBy(901);
  expect((await call('GET', '/2/users/me')).status).toBe(200);
  expect(account.followers).toBe(0);
});

it('numbers that only the author may see are told for 30 days, and only to the author', async () => {
  const { account, call } = openAccount();
  const day = 86_400_000;
  const old = fake.timeline.plant({
    authorId: account.id,
    text: 'old',
    createdAt: new Date(Date.now() - 31 * day),
  });
  const young = fake.timeline.plant({ authorId: account.id, text: 'young' });
  const ask = `/2/tweets?ids=${old.id},${young.id}&post.fields=non_public_metrics`;
  expect((await call('GET', ask)).body.errors).toHaveLength(1);
  expect((await openAccount().call('GET', ask)).body.errors).toHaveLength(2);
  expect((await call('GET', '/2/tweets?ids=1&tweet.fields=id')).status).toBe(400);
  expect((await call('GET', `/2/tweets?ids=${Array.from({ length: 101 }, () => '1').join()}`)).status).toBe(
    400,
  );
});

it('a scope that is missing, a token that is over and an app without anybody are told apart', async () => {
  const { account, post } = openAccount();
  expect((await openAccount(['tweet.read', 'users.read']).post({ text: 'a' })).body.detail).toBe('Forbidden');
  fake.oauth.tokens.expireAccess(account.id);
  expect((await post({ text: 'a' })).status).toBe(401);
  const asApp = await fetch(`${fake.url}/2/users/me`, {
    headers: { authorization: `Bearer ${fake.appToken}` },
  });
  expect(await asApp.json()).toMatchObject({ title: 'Unsupported Authentication', status: 403 });
});
