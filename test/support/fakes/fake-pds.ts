// A Bluesky server as far as publishing needs one, for faults that cannot be provoked in a real one. What it refuses and how
// it answers is what the real server does (test/real-networks runs the connector against that one).
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer, type AddressInfo, type Socket } from 'node:net';

import { z } from 'zod';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const strongRef = z.object({ uri: z.string().startsWith('at://'), cid: z.string() });

const record = z.object({
  $type: z.literal('app.bsky.feed.post'),
  text: z
    .string()
    .refine(
      (text) => Buffer.byteLength(text) <= 3000 && [...segmenter.segment(text)].length <= 300,
      'too big',
    ),
  createdAt: z.iso.datetime(),
  langs: z.array(z.string()).max(3).optional(),
  facets: z.array(z.object({ index: z.object({ byteStart: z.int().min(0), byteEnd: z.int() }) })).optional(),
  embed: z
    .object({ images: z.array(z.object({ image: z.object({ ref: z.object({ $link: z.string() }) }) })) })
    .optional(),
  reply: z.object({ root: strongRef, parent: strongRef }).optional(),
});

const putRecord = z.object({
  repo: z.string().startsWith('did:'),
  collection: z.literal('app.bsky.feed.post'),
  rkey: z.string().regex(/^[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}$/),
  record,
  swapRecord: z.null().optional(),
});

export interface StoredRecord {
  repo: string;
  rkey: string;
  uri: string;
  cid: string;
  value: z.infer<typeof record>;
}

export interface FakeWrite {
  text: string;
  /** Takes the record as the real server does: the same bytes again are no new one. */
  commit(): void;
}

/** What happens to a write: answered with what commit yields, cut off, or an answer of our own. */
export type WriteFault = (
  write: FakeWrite,
) => Promise<'answer' | 'cut' | { status: number; body: string; headers?: Record<string, string> }>;

export interface FakePds extends AsyncDisposable {
  url: string;
  records: StoredRecord[];
  /** What was uploaded and is not forgotten, by its name. */
  blobs: Set<string>;
  /** Commits and answers unless set. */
  onWrite: WriteFault;
  /** While true, connections are taken by the kernel and no byte of them is read. */
  isDeaf: boolean;
  /** How many connections wait unread. */
  unreadConnections(): number;
  calls: string[];
  accessJwt: string;
  refreshJwt: string;
}

export async function startFakePds(): Promise<FakePds> {
  const unread = new Set<Socket>();
  const http = createHttpServer((request, response) => {
    handle(fake, request, response).catch(() => response.destroy());
  });
  const sockets = new Set<Socket>();
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => (sockets.delete(socket), unread.delete(socket)));
    if (fake.isDeaf) unread.add(socket);
    else {
      http.emit('connection', socket);
      socket.resume();
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fake: FakePds = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    records: [],
    blobs: new Set(),
    onWrite: async (write) => {
      write.commit();
      return 'answer';
    },
    isDeaf: false,
    unreadConnections: () => unread.size,
    calls: [],
    accessJwt: 'access-token',
    refreshJwt: 'refresh-token',
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}

async function handle(fake: FakePds, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(request.url ?? '/', fake.url);
  const method = url.pathname.replace('/xrpc/', '');
  fake.calls.push(method);
  const answer = (status: number, body: unknown) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  if (method === 'com.atproto.repo.getRecord') {
    const { repo, rkey } = Object.fromEntries(url.searchParams);
    const found = fake.records.find((stored) => stored.repo === repo && stored.rkey === rkey);
    const message = `Could not locate record: at://${repo}/app.bsky.feed.post/${rkey}`;
    answer(found ? 200 : 400, found ?? { error: 'RecordNotFound', message });
    return;
  }
  if (method === 'com.atproto.server.refreshSession') {
    const isKnown = request.headers.authorization === `Bearer ${fake.refreshJwt}`;
    const session = {
      did: 'did:plc:fake',
      handle: 'alice.test',
      accessJwt: fake.accessJwt,
      refreshJwt: fake.refreshJwt,
    };
    answer(
      isKnown ? 200 : 400,
      isKnown ? session : { error: 'ExpiredToken', message: 'Token has been revoked' },
    );
    return;
  }
  if (method === 'com.atproto.repo.uploadBlob') {
    const bytes = await readBytes(request);
    const $link = `bafk${createHash('sha256').update(bytes).digest('hex')}`;
    fake.blobs.add($link);
    const mimeType = request.headers['content-type'];
    answer(200, { blob: { $type: 'blob', ref: { $link }, mimeType, size: bytes.length } });
    return;
  }
  if (method !== 'com.atproto.repo.putRecord') {
    answer(501, { error: 'MethodNotImplemented', message: 'Method Not Implemented' });
    return;
  }
  const body = await readBody(request);
  if (request.headers.authorization !== `Bearer ${fake.accessJwt}`) {
    answer(400, { error: 'ExpiredToken', message: 'Token has expired' });
    return;
  }
  const parsed = putRecord.safeParse(JSON.parse(body));
  if (!parsed.success) {
    answer(400, { error: 'InvalidRequest', message: parsed.error.message });
    return;
  }
  let outcome: { status: number; body: unknown } = { status: 500, body: { error: 'InternalServerError' } };
  const write: FakeWrite = {
    text: parsed.data.record.text,
    commit: () => {
      outcome = commit(fake, parsed.data);
    },
  };
  const fate = await fake.onWrite(write);
  if (fate === 'cut') request.socket.destroy();
  else if (fate === 'answer') answer(outcome.status, outcome.body);
  else response.writeHead(fate.status, fate.headers ?? {}).end(fate.body);
}

function commit(fake: FakePds, { repo, rkey, record: value }: z.infer<typeof putRecord>) {
  const cid = `bafy${createHash('sha256').update(canonical(value)).digest('hex')}`;
  const uri = `at://${repo}/app.bsky.feed.post/${rkey}`;
  const existing = fake.records.find((stored) => stored.uri === uri);
  if (existing && existing.cid !== cid) {
    return { status: 400, body: { error: 'InvalidSwap', message: `Record was at ${existing.cid}` } };
  }
  const isMissing = (image: { ref: { $link: string } }) => !fake.blobs.has(image.ref.$link);
  if (!existing && value.embed?.images.some(({ image }) => isMissing(image))) {
    return { status: 400, body: { error: 'BlobNotFound', message: 'Could not find blob' } };
  }
  if (!existing) fake.records.push({ repo, rkey, uri, cid, value });
  return { status: 200, body: { uri, cid } };
}

/** The order of members does not count, as in the CBOR that the real server hashes. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

const readBody = async (request: IncomingMessage) => (await readBytes(request)).toString('utf8');

async function readBytes(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
