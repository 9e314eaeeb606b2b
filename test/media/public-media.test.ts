import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { Context } from '../../server/context.ts';
import {
  newPublicAddresses,
  isPubliclyReachable,
  type PublicPlace,
} from '../../server/media/public-address.ts';
import { readPictures, readRenditions } from '../../server/media/renditions.ts';
import type { PartMedia } from '../../server/networks/network.ts';
import { createPublishingTeam, scheduleTestDelivery } from '../publishing/fixtures.ts';
import { attachPictures } from '../publishing/picture-fixtures.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';

const HOUR_SECONDS = 3600;

let server: TestServer;
let context: Context;
let place: PublicPlace;
let media: PartMedia[];

beforeAll(async () => {
  server = await startTestServer({
    WORKERS: 'none',
    LOG_LEVEL: 'silent',
    ALLOW_PRIVATE_HOSTS: '127.0.0.1,localhost',
  });
  ({ context } = server.running);
  const team = await createPublishingTeam(context);
  const delivery = await scheduleTestDelivery(context, team, { dueInSeconds: 600 });
  await attachPictures(context, team, delivery, ['A quay', 'A hill']);
  const { playgroundChannelId: channelId } = team;
  place = { teamId: team.team.id, postId: delivery.postId, rev: 1, channelId, position: 1 };
  const revision = { postId: delivery.postId, rev: 1, channelId };
  media = await readRenditions(context, revision, await readPictures(context, revision));
});
afterAll(() => server[Symbol.asyncDispose]());

/** As a network fetches it: on the address of the test's server, without anything that would know us. */
const ask = (url: string, init: RequestInit = {}) =>
  fetch(url.replace('localhost', '127.0.0.1'), { redirect: 'manual', ...init });

const addressOf = async (changed: Partial<PublicPlace> = {}) =>
  (await newPublicAddresses(context))({ ...place, ...changed })!;

/** The address of the same picture as it would have been made at another time. */
async function addressMadeAgo(seconds: number): Promise<string> {
  const at = await addressOf();
  const token = new URL(at).pathname.split('/').at(-1)!;
  const parts = JSON.parse(Buffer.from(token.split('.')[0]!, 'base64url').toString()) as unknown[];
  parts[5] = (parts[5] as number) - seconds;
  const claim = Buffer.from(JSON.stringify(parts)).toString('base64url');
  const signature = context.seal.authenticate(claim, 'public media').toString('base64url');
  return at.replace(token, `${claim}.${signature}`);
}

describe('the address of a picture for a network', () => {
  test('gives the very bytes, as a picture and nothing else, to whoever has it, and sets no cookie', async () => {
    for (const { publicUrl, mimeType, byteCount, read } of media) {
      const response = await ask(publicUrl!);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe(mimeType);
      expect(response.headers.get('content-length')).toBe(String(byteCount));
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.headers.get('cache-control')).toBe('private, no-store');
      expect(response.headers.get('content-security-policy')).toBe("default-src 'none'; sandbox");
      expect(response.headers.getSetCookie()).toEqual([]);
      expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from(await read()));
    }
    expect(new Set(media.map(({ publicUrl }) => publicUrl)).size).toBe(2);
  });

  test('answers HEAD with the same headers and no body', async () => {
    const response = await ask(media[0]!.publicUrl!, { method: 'HEAD' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'image/jpeg']);
    expect(response.headers.get('content-length')).toBe(String(media[0]!.byteCount));
    expect((await response.arrayBuffer()).byteLength).toBe(0);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS'])('takes no %s', async (method) => {
    expect((await ask(media[0]!.publicUrl!, { method })).status).toBe(404);
  });

  test('is over after an hour', async () => {
    expect((await ask(await addressMadeAgo(HOUR_SECONDS - 60))).status).toBe(200);
    expect((await ask(await addressMadeAgo(HOUR_SECONDS + 1))).status).toBe(404);
  });

  test('is worth nothing with one letter changed, in what it names or in its signature', async () => {
    const token = new URL(media[0]!.publicUrl!).pathname.slice('/m/'.length);
    const flip = (index: number) =>
      `${token.slice(0, index)}${token[index] === 'A' ? 'B' : 'A'}${token.slice(index + 1)}`;
    const dot = token.indexOf('.');
    for (const index of [0, 20, dot - 4, dot + 1, dot + 20]) {
      expect([index, (await ask(`${server.url}/m/${flip(index)}`)).status]).toEqual([index, 404]);
    }
  });

  test('made for another purpose, its signature is worth nothing', async () => {
    const token = new URL(media[0]!.publicUrl!).pathname.slice('/m/'.length);
    const claim = token.split('.')[0]!;
    const signature = context.seal.authenticate(claim, 'csrf').toString('base64url');
    expect((await ask(`${server.url}/m/${claim}.${signature}`)).status).toBe(404);
  });

  test('names a picture within its own team only', async () => {
    const stranger = await createPublishingTeam(context);
    expect((await ask(await addressOf({ teamId: stranger.team.id }))).status).toBe(404);
    expect((await ask(await addressOf())).status).toBe(200);
  });

  test.each(['', 'a', '.', 'a.b', '..%2f..%2fetc%2fpasswd', `${'A'.repeat(100)}.${'A'.repeat(43)}`])(
    'nothing lies at /m/%s',
    async (token) => {
      const response = await ask(`${server.url}/m/${token}`);
      expect([response.status, response.headers.getSetCookie()]).toEqual([404, []]);
    },
  );

  test('a picture that the post no longer has is gone', async () => {
    const address = await addressOf({ position: 3 });
    expect((await ask(address)).status).toBe(404);
  });
});

describe('whether networks can reach this server', () => {
  const reachable = (publicUrl: string, allowPrivateHosts: string[] = []) =>
    isPubliclyReachable({ publicUrl, config: { ...context.config, allowPrivateHosts } });

  test.each(['https://posts.company.com', 'https://1.1.1.1', 'https://posts.company.com:8443'])(
    '%s: yes',
    (url) => expect(reachable(url)).toBe(true),
  );

  test.each([
    ...[
      'http://posts.company.com',
      'http://127.0.0.1:3000',
      'https://127.0.0.1',
      'https://10.0.0.8',
      'https://[::1]',
    ],
    ...[
      'https://localhost',
      'https://server',
      'https://server.local',
      'https://posts.internal',
      'https://nas.home.arpa',
    ],
  ])('%s: no', (url) => expect(reachable(url)).toBe(false));

  test('a private one that the operator allows: yes', () => {
    expect(reachable('http://127.0.0.1:3000', ['127.0.0.1'])).toBe(true);
    expect(reachable('http://127.0.0.1:3000', ['127.0.0.1:3001'])).toBe(false);
  });

  test('where they cannot, pictures have no address', async () => {
    const hidden = { ...context, config: { ...context.config, allowPrivateHosts: [] } };
    expect((await newPublicAddresses(hidden))(place)).toBeNull();
  });
});
