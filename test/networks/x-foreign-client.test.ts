// X's own client before our stand-in: what it sends is taken, and what it reads is there.
import { ApiError, Client } from '@xdevplatform/xdk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startFakeX, X_SCOPES, type FakeX } from '../support/fakes/x/fake-x.ts';

const PNG_BASE64 = Buffer.from([0x89, 0x50, 0x4e, 0x47, 9, 9, 9, 9]).toString('base64');

let fake: FakeX;
beforeAll(async () => {
  fake = await startFakeX();
});
afterAll(() => fake[Symbol.asyncDispose]());

function openClient(scopes = X_SCOPES) {
  const account = fake.addAccount();
  const { accessToken } = fake.oauth.tokens.issue({ accountId: account.id, clientId: 'xdk', scopes });
  return { account, client: new Client({ baseUrl: fake.url, accessToken }) };
}

async function refusalOf(call: Promise<unknown>): Promise<ApiError> {
  const error: unknown = await call.then(
    () => null,
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(ApiError);
  return error as ApiError;
}

describe('X’s own client', () => {
  it('posts, replies, reads and deletes', async () => {
    const { client, account } = openClient();
    const first = await client.posts.create({ text: 'Hello & <world> https://example.com' });
    const firstId = first.data!.id;
    const reply = await client.posts.create({ text: 'And more', reply: { inReplyToTweetId: firstId } });
    const replyId = reply.data!.id;
    const read = await client.posts.getByIds([firstId, replyId, '99'], {
      postFields: ['public_metrics', 'conversation_id', 'entities', 'created_at'],
    });
    expect(read.data).toMatchObject([
      { id: firstId, conversationId: firstId, publicMetrics: { repostCount: 0, likeCount: 0 } },
      { id: replyId, conversationId: firstId, text: 'And more' },
    ]);
    expect(read.data![0]!.text).toMatch(/^Hello &amp; &lt;world&gt; https:\/\/t\.co\/\w{10}$/);
    expect(read.errors).toMatchObject([{ resourceId: '99', title: 'Not Found Error' }]);
    const timeline = await client.users.getPosts(account.id, { maxResults: 5 });
    expect(timeline.data!.map(({ id }) => id)).toEqual([replyId, firstId]);
    expect(await client.posts.delete(replyId)).toMatchObject({ data: { deleted: true } });
    expect((await refusalOf(client.posts.delete(replyId))).status).toBe(404);
  });

  it('uploads a picture in one call and in parts, describes it and posts it', async () => {
    const { client, account } = openClient();
    const one = await client.media.upload({ media: PNG_BASE64, mediaCategory: 'tweet_image' });
    await client.media.createMetadata({ id: one.data!.id, metadata: { altText: { text: 'A quay' } } });
    const begun = await client.media.initializeUpload({
      mediaType: 'image/png',
      totalBytes: 8,
      mediaCategory: 'tweet_image',
    });
    await client.media.appendUpload(begun.data!.id, { media: PNG_BASE64, segmentIndex: 0 });
    const finished = await client.media.finalizeUpload(begun.data!.id);
    const status = await client.media.getUploadStatus(finished.data!.id, { command: 'STATUS' });
    expect(status.data).toMatchObject({ id: begun.data!.id, size: 8 });
    await client.posts.create({ text: '', media: { mediaIds: [one.data!.id, begun.data!.id] } });
    expect(fake.timeline.listOf(account.id)[0]!.pictures.map(({ altText }) => altText)).toEqual([
      'A quay',
      '',
    ]);
  });

  it('knows the account', async () => {
    const { client, account } = openClient();
    const me = await client.users.getMe({ userFields: ['public_metrics', 'subscription_type'] });
    expect(fake.strays).toEqual([]);
    expect(me.data).toMatchObject({
      id: account.id,
      username: account.username,
      publicMetrics: { followersCount: 0, postCount: 0 },
    });
  });

  it('meets refusals with status, problem and limits', async () => {
    const { client } = openClient();
    await client.posts.create({ text: 'Twice' });
    const twice = await refusalOf(client.posts.create({ text: 'twice ' }));
    expect(twice.status).toBe(403);
    expect(twice.data).toMatchObject({ detail: expect.stringContaining('duplicate content') });
    expect(twice.headers.get('x-rate-limit-limit')).toBe('100');
    const unknown = await refusalOf(
      client.posts.create({ text: 'a', replySettings: 'nobody' as 'verified' }),
    );
    expect(unknown.status).toBe(400);
    const narrow = openClient(['tweet.read', 'users.read']).client;
    expect((await refusalOf(narrow.posts.create({ text: 'a' }))).status).toBe(403);
    const forApps = new Client({ baseUrl: fake.url, accessToken: fake.appToken });
    expect((await refusalOf(forApps.posts.create({ text: 'a' }))).data).toMatchObject({
      title: 'Unsupported Authentication',
    });
    const stranger = new Client({ baseUrl: fake.url, accessToken: 'none' });
    expect((await refusalOf(stranger.posts.create({ text: 'a' }))).status).toBe(401);
  });
});
