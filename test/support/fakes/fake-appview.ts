// Bluesky's public view of posts and accounts, as an account's own server passes it on. It refuses what the real one does:
// https://github.com/bluesky-social/atproto/blob/main/lexicons/app/bsky/feed/getPosts.json (uris: at-uris, 25 at most),
// and the PDS in front of it wants a token that is good.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const AT_URI = /^at:\/\/did:[a-z]+:[\w.:%-]+\/[a-zA-Z0-9.-]+\/[\w.~:-]{1,512}$/;
const MAX_URIS = 25;

export interface FakeCounts {
  likeCount?: number;
  replyCount?: number;
  repostCount?: number;
  quoteCount?: number;
}

export interface FakeAnswer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

export interface FakeAppview extends AsyncDisposable {
  url: string;
  accessJwt: string;
  refreshJwt: string;
  /** By uri; a post that is not here is left out of answers. */
  posts: Map<string, FakeCounts>;
  profile: { followersCount?: number; postsCount?: number };
  /** Instead of what it would answer; asked before each call. */
  fault: ((method: string) => FakeAnswer | undefined) | undefined;
  /** How many uris each getPosts asked for. */
  batches: string[][];
  calls: string[];
}

export async function startFakeAppview(): Promise<FakeAppview> {
  const server = createServer((request, response) => handle(fake, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fake: FakeAppview = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accessJwt: 'access-token',
    refreshJwt: 'refresh-token',
    posts: new Map(),
    profile: {},
    fault: undefined,
    batches: [],
    calls: [],
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}

function handle(fake: FakeAppview, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', fake.url);
  const method = url.pathname.replace('/xrpc/', '');
  fake.calls.push(method);
  const { status, body, headers } = fake.fault?.(method) ?? answer(fake, request, method, url.searchParams);
  response
    .writeHead(status, { 'content-type': 'application/json', ...headers })
    .end(typeof body === 'string' ? body : JSON.stringify(body));
}

function answer(
  fake: FakeAppview,
  { headers }: IncomingMessage,
  method: string,
  query: URLSearchParams,
): FakeAnswer {
  if (method === 'com.atproto.server.refreshSession') return refresh(fake, headers.authorization);
  if (!headers.authorization) return refusal(401, 'AuthMissing', 'Authentication Required');
  if (headers.authorization !== `Bearer ${fake.accessJwt}`) {
    return refusal(400, 'ExpiredToken', 'Token has expired');
  }
  if (method === 'app.bsky.feed.getPosts') return getPosts(fake, query.getAll('uris'));
  if (method === 'app.bsky.actor.getProfile') {
    const actor = query.get('actor');
    if (!actor?.startsWith('did:')) return refusal(400, 'InvalidRequest', 'Error: actor must be a valid did');
    return { status: 200, body: { did: actor, handle: 'alice.test', ...fake.profile } };
  }
  return refusal(501, 'MethodNotImplemented', 'Method Not Implemented');
}

function getPosts(fake: FakeAppview, uris: string[]): FakeAnswer {
  fake.batches.push(uris);
  if (uris.length === 0) return refusal(400, 'InvalidRequest', 'Error: Params must have the property "uris"');
  if (uris.length > MAX_URIS) {
    return refusal(400, 'InvalidRequest', `Error: uris must not have more than ${MAX_URIS} elements`);
  }
  if (!uris.every((uri) => AT_URI.test(uri))) {
    return refusal(400, 'InvalidRequest', 'Error: uris/0 must be a valid at-uri');
  }
  const posts = uris.flatMap((uri) => {
    const counts = fake.posts.get(uri);
    return counts
      ? [{ uri, cid: 'bafy', author: {}, record: {}, indexedAt: '2026-11-21T00:00:00Z', ...counts }]
      : [];
  });
  return { status: 200, body: { posts } };
}

function refresh(fake: FakeAppview, authorization: string | undefined): FakeAnswer {
  if (authorization !== `Bearer ${fake.refreshJwt}`) {
    return refusal(400, 'ExpiredToken', 'Token has been revoked');
  }
  const { accessJwt, refreshJwt } = fake;
  return { status: 200, body: { did: 'did:plc:fake', handle: 'alice.test', accessJwt, refreshJwt } };
}

function refusal(status: number, error: string, message: string): FakeAnswer {
  return { status, body: { error, message } };
}
