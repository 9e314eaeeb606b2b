// What only LinkedIn has; what every network is held to is in contract-linkedin.test.ts.
import { createHash } from 'node:crypto';

import { describe, expect, onTestFinished, test } from 'vitest';

import { createGuardedFetch } from '../../server/fetch.ts';
import { createLinkedin } from '../../server/networks/linkedin.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import type { PartMedia } from '../../server/networks/network.ts';
import { startFakeLinkedin } from '../support/fakes/linkedin/fake-linkedin.ts';
import { refuseForNow } from '../support/fakes/linkedin/linkedin-errors.ts';
import { parseLittleText } from '../support/fakes/linkedin/little-text-parser.ts';
import { LINKEDIN_SETTINGS, linkedinPart } from './linkedin-calls.ts';

const MEMBER = ['w_member_social'];
const ORGANIZATION = ['w_organization_social', 'r_organization_social', 'rw_organization_admin'];
const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex');

async function startAccount(
  kind: 'member' | 'organization',
  settings: Partial<typeof LINKEDIN_SETTINGS> = {},
) {
  const fake = await startFakeLinkedin();
  const fetch = createGuardedFetch(['127.0.0.1']);
  onTestFinished(async () => {
    await fetch.close();
    expect(fake.strays).toEqual([]);
    await fake[Symbol.asyncDispose]();
  });
  const member = fake.addMember('Ada');
  const remoteAccountId = kind === 'member' ? member.urn : fake.addOrganization('Acme', member.urn);
  const grantedScopes = kind === 'member' ? MEMBER : ORGANIZATION;
  const grant = { accountId: member.accountId, clientId: 'app', scopes: grantedScopes };
  const { accessToken } = fake.oauth.tokens.issue(grant);
  const credentials = JSON.stringify({ accessToken });
  const channel = { channelId: 'channel', remoteAccountId, handle: 'Ada', credentials, grantedScopes };
  const call = { channel, fetch, signal: AbortSignal.timeout(20_000) };
  const network = createLinkedin({ ...LINKEDIN_SETTINGS, apiUrl: fake.url, webUrl: fake.url, ...settings });
  const uploads = () => fake.journal.filter(({ request }) => request.method === 'PUT').length;
  return { fake, network, call, uploads, author: remoteAccountId };
}

function pictureOf(content: string, altText = ''): PartMedia {
  const bytes = new Uint8Array(Buffer.concat([PNG, Buffer.from(content)]));
  return {
    ...{ mimeType: 'image/png', width: 1, height: 1, byteCount: bytes.byteLength, altText },
    ...{
      contentHash: createHash('sha256').update(bytes).digest('hex'),
      storageKey: content,
      publicUrl: null,
    },
    read: async () => bytes,
  };
}

async function failureOf(promise: Promise<unknown>): Promise<NetworkError> {
  const failure = await promise.then(
    () => null,
    (error: unknown) => error,
  );
  if (failure instanceof NetworkError) return failure;
  throw new Error(`no NetworkError: ${String(failure)}`);
}

describe('pictures', () => {
  test('an organisation waits until they are ready, and nothing is uploaded again', async () => {
    const { fake, network, call, uploads } = await startAccount('organization');
    fake.state.imageSeconds = 30;
    const media = [pictureOf('one', 'One'), pictureOf('two')];
    const early = await failureOf(network.prepare({ ...call, part: linkedinPart({ media }) }));
    expect(early).toMatchObject({ kind: 'not_sent', code: 'media_not_ready' });
    fake.clock.moveBy(31);
    const again = linkedinPart({ media, prepared: early.prepared });
    const prepared = await network.prepare({ ...call, part: again });
    expect(prepared).toEqual(early.prepared);
    expect(uploads()).toBe(2);
    await network.send({ ...call, part: linkedinPart({ prepared }) });
    expect(fake.state.posts[0]!.images.map(({ altText }) => altText)).toEqual(['One', '']);
  });

  test('a member has one pause, because nobody tells when they are ready; what comes too early all the same is not sent', async () => {
    const { fake, network, call, uploads } = await startAccount('member');
    fake.state.imageSeconds = 30;
    const media = [pictureOf('one')];
    const early = await failureOf(network.prepare({ ...call, part: linkedinPart({ media }) }));
    expect(early).toMatchObject({ kind: 'not_sent', code: 'media_not_ready' });
    const prepared = await network.prepare({
      ...call,
      part: linkedinPart({ media, prepared: early.prepared }),
    });
    expect(uploads()).toBe(1);
    const part = linkedinPart({ prepared });
    expect(await failureOf(network.send({ ...call, part }))).toMatchObject({
      kind: 'not_sent',
      code: 'media_not_ready',
    });
    fake.clock.moveBy(31);
    await network.send({ ...call, part });
    expect(fake.journal.filter(({ request }) => request.path.startsWith('/rest/images/'))).toEqual([]);
  });

  test('other pictures than the last time are uploaded; another description is not a reason', async () => {
    const { network, call, uploads } = await startAccount('organization');
    const prepare = (media: PartMedia[], prepared: unknown = null) =>
      network.prepare({ ...call, part: linkedinPart({ media, prepared }) });
    const first = await prepare([pictureOf('one', 'Old')]);
    expect(await prepare([pictureOf('one', 'New')], first)).toMatchObject({ pictures: [{ altText: 'New' }] });
    expect(uploads()).toBe(1);
    await prepare([pictureOf('two')], first);
    expect(uploads()).toBe(2);
    expect(await prepare([], first)).toEqual({ pictures: [] });
  });

  test('what LinkedIn cannot read is refused for good', async () => {
    const { network, call } = await startAccount('organization');
    const media = [{ ...pictureOf('one'), read: async () => new Uint8Array(Buffer.from('no picture')) }];
    expect(await failureOf(network.prepare({ ...call, part: linkedinPart({ media }) }))).toMatchObject({
      kind: 'rejected',
      code: 'picture_unreadable',
    });
  });
});

describe('finding its own post', () => {
  test('the same text from another time is not ours, and of two nobody knows', async () => {
    const { fake, network, call } = await startAccount('organization');
    const part = linkedinPart({ text: 'Grüße (a*b) #launch' });
    await network.send({ ...call, part });
    const [post] = fake.state.posts;
    expect(parseLittleText(post!.commentary)).toMatchObject({ text: part.text, isCut: false });
    expect(await network.readBack({ ...call, part })).toMatchObject({ remoteId: post!.id });
    post!.createdAt -= 3_600_000;
    expect(await network.readBack({ ...call, part })).toBeNull();
    post!.createdAt += 3_600_000;
    fake.state.posts.push({ ...post!, id: 'urn:li:share:1' });
    expect(await failureOf(network.readBack({ ...call, part }))).toMatchObject({
      kind: 'rejected',
      code: 'several_match',
    });
    const known = new Set(['urn:li:share:1']);
    expect(await network.readBack({ ...call, part, known })).toMatchObject({ remoteId: post!.id });
  });

  test('what was sent again a day after it was written down is found', async () => {
    const { fake, network, call } = await startAccount('organization');
    const part = linkedinPart({ frozenAt: new Date(Date.now() - 86_400_000) });
    const sent = await network.send({ ...call, part });
    expect(await network.readBack({ ...call, part })).toEqual(sent);
    fake.state.posts[0]!.commentary = 'Another';
    expect(await network.readBack({ ...call, part })).toBeNull();
  });

  test('where more was posted since than is told at once, nobody says that it is not there', async () => {
    const { fake, network, call } = await startAccount('organization');
    const part = linkedinPart();
    const sent = await network.send({ ...call, part });
    const [post] = fake.state.posts;
    for (let nth = 1; nth <= 50; nth += 1) {
      fake.state.posts.push({ ...post!, id: `urn:li:share:${nth}`, commentary: `Another ${nth}` });
    }
    const known = new Set([sent.remoteId]);
    const read = network.readBack({ ...call, part, known });
    expect(await failureOf(read)).toMatchObject({ kind: 'ambiguous', code: 'too_many_posts' });
    for (const other of fake.state.posts) other.createdAt -= 3_600_000;
    expect(await network.readBack({ ...call, part, known })).toBeNull();
  });

  test('a duplicate of what was deleted is a ghost: named, and never taken for ours', async () => {
    const { fake, network, call } = await startAccount('organization');
    const part = linkedinPart();
    const sent = await network.send({ ...call, part });
    await network.takeDown!(call, [sent]);
    const refusal = await failureOf(network.send({ ...call, part }));
    expect(refusal).toMatchObject({ kind: 'duplicate', code: 'DUPLICATE_POST' });
    expect(refusal.message).toMatch(/urn:li:share:\d+/);
    expect(await network.readBack({ ...call, part })).toBeNull();
    expect(fake.state.posts).toHaveLength(1);
  });

  test('of a member nothing is asked: LinkedIn lets nobody read it', async () => {
    const { fake, network, call } = await startAccount('member');
    expect(network.guaranteeFor!(call.channel)).toBe('none');
    const refusal = await failureOf(network.readBack({ ...call, part: linkedinPart() }));
    expect(refusal).toMatchObject({ kind: 'rejected', code: 'cannot_read_back' });
    expect(fake.journal).toEqual([]);
  });

  test('an organisation whose link may only write has no guarantee', async () => {
    const { network, call } = await startAccount('organization');
    expect(network.guaranteeFor!(call.channel)).toBe('read_back');
    expect(network.guaranteeFor!({ ...call.channel, grantedScopes: ['w_organization_social'] })).toBe('none');
  });
});

describe('refusals', () => {
  test('a version that is over is told with the setting that ends it', async () => {
    const { network, call } = await startAccount('organization', { version: '202401' });
    const refusal = await failureOf(network.send({ ...call, part: linkedinPart() }));
    expect(refusal).toMatchObject({ kind: 'rejected', code: 'api_version_over' });
    expect(refusal.message).toContain('LINKEDIN_VERSION');
  });

  test('a day that is used up ends at midnight UTC; without a day it is a matter of minutes', async () => {
    const { fake, network, call, author } = await startAccount('organization');
    const part = linkedinPart();
    fake.throttleUntilMidnight(author);
    const member = await failureOf(network.send({ ...call, part }));
    expect(member).toMatchObject({ kind: 'rate_limited', binds: 'channel' });
    expect(member.until!.toISOString()).toMatch(/T00:00:00\.000Z$/);
    fake.clock.moveBy((member.until!.getTime() - fake.clock.now().getTime()) / 1000);
    await network.send({ ...call, part });

    fake.failNext(() => true, refuseForNow('APPLICATION'));
    expect(await failureOf(network.send({ ...call, part }))).toMatchObject({
      kind: 'rate_limited',
      binds: 'app',
    });
    fake.failNext(() => true, refuseForNow(null));
    const moment = await failureOf(network.send({ ...call, part }));
    expect(moment).toMatchObject({ kind: 'rate_limited', binds: 'channel' });
    const minutes = (moment.until!.getTime() - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(4);
    expect(minutes).toBeLessThanOrEqual(5);
  });

  test('who is no administrator any more links again', async () => {
    const { fake, network, call, author } = await startAccount('organization');
    fake.state.organizations.get(author)!.administrators.clear();
    const refusal = await failureOf(network.send({ ...call, part: linkedinPart() }));
    expect(refusal).toMatchObject({ kind: 'auth_expired', code: 'ACCESS_DENIED' });
  });

  test.each([undefined, 'nonsense', 'urn:li:activity:1', 'urn:li:share:1?x'])(
    'taken without a usable id (%s) is unclear, not published',
    async (id) => {
      const { fake, network, call } = await startAccount('organization');
      fake.failNext(() => true, { status: 201, ...(id && { headers: { 'x-restli-id': id } }) });
      expect(await failureOf(network.send({ ...call, part: linkedinPart() }))).toMatchObject({
        kind: 'ambiguous',
      });
    },
  );
});

describe('numbers', () => {
  test('a member’s link that may not ask for them is told nothing, and nothing is asked', async () => {
    const { fake, network, call } = await startAccount('member');
    const told = await network.measure!(call, ['urn:li:share:1']);
    expect([...told.values()]).toEqual([
      { views: null, likes: null, comments: null, shares: null, clicks: null },
    ]);
    expect(await network.measureChannel!(call)).toEqual({ followers: null, posts: null });
    expect(fake.journal).toEqual([]);
  });

  test('an organisation’s posts of both kinds in one go, and its followers', async () => {
    const { fake, network, call } = await startAccount('organization');
    const prepared = await network.prepare({ ...call, part: linkedinPart({ media: [pictureOf('one')] }) });
    const text = await network.send({ ...call, part: linkedinPart({ text: 'one' }) });
    const picture = await network.send({ ...call, part: linkedinPart({ text: 'two', prepared }) });
    const counts = { impressionCount: 9, clickCount: 0, likeCount: -1, commentCount: 0, shareCount: 0 };
    for (const { remoteId } of [text, picture]) fake.state.numbers.set(remoteId, counts);
    const numbers = { views: 9, likes: 0, comments: 0, shares: 0, clicks: 0 };
    const told = await network.measure!(call, [text.remoteId, picture.remoteId]);
    expect(Object.fromEntries(told)).toEqual({ [text.remoteId]: numbers, [picture.remoteId]: numbers });
    expect(await network.measureChannel!(call)).toEqual({ followers: 1234, posts: null });
  });
});

describe('addresses of posts', () => {
  const { readPermalink } = createLinkedin(LINKEDIN_SETTINGS);
  const channel = { handle: 'Ada', remoteAccountId: 'urn:li:person:a' };

  test.each([
    ['https://www.linkedin.com/feed/update/urn:li:share:123/', 'urn:li:share:123'],
    ['https://linkedin.com/feed/update/urn%3Ali%3AugcPost%3A123?utm=x', 'urn:li:ugcPost:123'],
    [
      'https://www.linkedin.com/posts/acme_we-are-hiring-share-7141138937766391808-ab1C',
      'urn:li:share:7141138937766391808',
    ],
    ['https://www.linkedin.com/posts/a%C3%A4_x-ugcPost-733-6jfq/', 'urn:li:ugcPost:733'],
    [
      'https://www.linkedin.com/posts/acme_nocode-activity-7332661864792854528-hcGT',
      'urn:li:activity:7332661864792854528',
    ],
  ])('%s', (address, remoteId) => {
    const remoteUrl = `https://www.linkedin.com/feed/update/${remoteId}/`;
    expect(readPermalink(new URL(address), channel)).toEqual({ remoteId, remoteUrl });
  });

  test.each([
    'https://linkedin.example/feed/update/urn:li:share:123/',
    'https://www.linkedin.com/in/ada/',
    'https://www.linkedin.com/feed/update/urn:li:comment:123/',
    'https://www.linkedin.com/feed/update/%E0%A4%A/',
  ])('%s names no post', (address) => {
    expect(readPermalink(new URL(address), channel)).toBeNull();
  });

  test('what is known by its activity alone a person takes down', async () => {
    const { fake, network, call } = await startAccount('organization');
    const post = { remoteId: 'urn:li:activity:1', remoteUrl: '' };
    expect(await failureOf(network.takeDown!(call, [post]))).toMatchObject({ kind: 'rejected' });
    expect(fake.journal).toEqual([]);
  });
});
