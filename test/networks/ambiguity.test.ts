// Whatever a network answers that it does not explain, and whatever becomes of the wire once the request is out, nobody knows
// whether it took the post. Only what surely never left may be called not sent.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { readConfig } from '../../server/config.ts';
import type { Context } from '../../server/context.ts';
import type { GuardedFetch } from '../../server/fetch.ts';
import type { Call, ChannelAccess } from '../../server/networks/network.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import { createNetworks } from '../../server/networks/networks.ts';
import { findFreePort } from '../support/free-port.ts';
import { openTestContext } from '../support/test-context.ts';

interface Sender {
  name: string;
  network: string;
  account: string;
  scopes?: string[];
  credentials: (baseUrl: string) => object;
  /** As `prepare` leaves it. */
  prepared: object;
}

const container = { madeFrom: 'text', children: [], creationId: '17900000000000001' };
const draft = { madeFrom: 'text', photoIds: [], postId: '122000000000001_122000000000002' };
const accessToken = () => ({ accessToken: 'access-token' });
const token = () => ({ token: 'access-token' });

const SENDERS: readonly Sender[] = [
  {
    name: 'Bluesky',
    network: 'bluesky',
    account: 'did:plc:alice',
    credentials: (serviceUrl) => ({ serviceUrl, accessJwt: 'access', refreshJwt: 'refresh' }),
    prepared: { facets: [] },
  },
  {
    name: 'Mastodon',
    network: 'mastodon',
    account: '1@127.0.0.1',
    credentials: (server) => ({ server, accessToken: 'access-token' }),
    prepared: {},
  },
  { name: 'X', network: 'x', account: '12', credentials: accessToken, prepared: { mediaIds: [] } },
  {
    name: 'LinkedIn member',
    network: 'linkedin',
    account: 'urn:li:person:Abc123',
    scopes: ['w_member_social'],
    credentials: accessToken,
    prepared: { pictures: [] },
  },
  {
    name: 'LinkedIn organisation',
    network: 'linkedin',
    account: 'urn:li:organization:42',
    scopes: ['w_organization_social', 'r_organization_social'],
    credentials: accessToken,
    prepared: { pictures: [] },
  },
  { name: 'Threads', network: 'threads', account: '178400', credentials: token, prepared: container },
  { name: 'Instagram', network: 'instagram', account: '178401', credentials: token, prepared: container },
  { name: 'Facebook', network: 'facebook', account: '122000000000001', credentials: token, prepared: draft },
];

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

const UNLISTED_STATUSES = [
  300, 304, 400, 405, 408, 409, 410, 418, 421, 423, 425, 428, 451, 500, 502, 503, 504, 520, 599,
];
const UNEXPLAINED: readonly (readonly [string, Answer])[] = [
  ...UNLISTED_STATUSES.map(
    (status) =>
      [`status ${status}`, (_, response) => response.writeHead(status).end('<p>Sorry</p>')] as [
        string,
        Answer,
      ],
  ),
  ['a reset after the request', ({ socket }) => socket.resetAndDestroy()],
  [
    'a connection that is cut within the answer',
    (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' });
      response.write('{"id":', () => response.destroy());
    },
  ],
  ['no answer in time', () => undefined],
  ['200 with what cannot be read', (_, response) => response.writeHead(200).end('<p>Thank you</p>')],
  ['200 without an id', (_, response) => response.writeHead(200).end('{}')],
];

let answerWrite: Answer;
/** Publishing calls that arrived. */
let arrived = 0;
let context: Context;
let baseUrl: string;
const server = createServer((request, response) => {
  request.resume().on('end', () => {
    // What Threads and Instagram look at before they publish.
    const ready = JSON.stringify({ status: 'FINISHED', status_code: 'FINISHED', is_published: false });
    if (request.method === 'GET') return void response.writeHead(200).end(ready);
    arrived += 1;
    answerWrite(request, response);
  });
});

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  context = await openTestContext({ ALLOW_PRIVATE_HOSTS: '127.0.0.1,nowhere.invalid' });
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await context[Symbol.asyncDispose]();
});

/** What `send` throws when the network lies at this address. */
async function sendTo(sender: Sender, url: string, fetch: GuardedFetch = context.fetch) {
  const bases = ['X', 'LINKEDIN', 'THREADS', 'INSTAGRAM', 'FACEBOOK'].map((name) => [`${name}_API_URL`, url]);
  const config = readConfig({
    ...Object.fromEntries(bases),
    FACEBOOK_APP_ID: 'app',
    FACEBOOK_APP_SECRET: 'secret',
  });
  const network = createNetworks(config, context.db, 'http://127.0.0.1:3000', context.seal).get(
    sender.network,
  )!;
  const channel: ChannelAccess = {
    channelId: 'channel',
    remoteAccountId: sender.account,
    handle: 'alice.test',
    credentials: JSON.stringify(sender.credentials(url)),
    grantedScopes: sender.scopes ?? [],
  };
  const frozenAt = new Date();
  const part: Call['part'] = {
    deliveryId: 'delivery',
    partNo: 1,
    text: 'Hello',
    key: network.newKey('delivery', 1, frozenAt),
    frozenAt,
    media: [],
    prepared: sender.prepared,
    earlier: [],
  };
  const signal = AbortSignal.timeout(2_000);
  return network.send({ channel, part, fetch, signal }).then(
    (sent) => sent,
    (error: unknown) => error,
  );
}

const kindOf = (failure: unknown) => (failure instanceof NetworkError ? failure.kind : failure);

test(`${UNEXPLAINED.length} answers that nothing explains are ambiguous, from every network`, async () => {
  const wrong: unknown[] = [];
  for (const [what, answer] of UNEXPLAINED) {
    answerWrite = answer;
    arrived = 0;
    const kinds = await Promise.all(SENDERS.map(async (sender) => kindOf(await sendTo(sender, baseUrl))));
    for (const [index, kind] of kinds.entries()) {
      if (kind !== 'ambiguous') wrong.push([SENDERS[index]!.name, what, kind]);
    }
    // Each by what was answered to its one call, and not by something before it.
    expect([what, arrived]).toEqual([what, SENDERS.length]);
  }
  const cases = UNEXPLAINED.length * SENDERS.length;
  process.stdout.write(`ambiguity ${cases - wrong.length} of ${cases} ambiguous\n`);
  expect(wrong).toEqual([]);
  expect(cases).toBe(192);
});

describe.each(SENDERS)('$name was surely not reached', (sender) => {
  test('by a connection that is refused', async () => {
    const failure = await sendTo(sender, `http://127.0.0.1:${await findFreePort()}`);
    expect(failure).toMatchObject({ kind: 'not_sent', code: 'ECONNREFUSED' });
  });

  test('under a name that nobody has', async () => {
    const failure = await sendTo(sender, 'http://nowhere.invalid');
    expect(failure).toMatchObject({
      kind: 'not_sent',
      code: expect.stringMatching(/^(ENOTFOUND|EAI_AGAIN)$/),
    });
  });

  test('when its certificate is not trusted', async () => {
    const untrusted = Object.assign(new Error('self-signed'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    const refuse = async () => {
      throw new TypeError('fetch failed', { cause: untrusted });
    };
    const fetch: GuardedFetch = Object.assign(refuse, { close: async () => undefined });
    expect(await sendTo(sender, 'https://untrusted.example', fetch)).toMatchObject({ kind: 'not_sent' });
  });
});
