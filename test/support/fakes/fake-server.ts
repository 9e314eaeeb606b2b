// What the stand-ins for networks share: a strict HTTP server on loopback with a clock, a journal and faults. What each of them
// checks is its own affair, and is judged by the network's own description or documentation, never by our connector.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface FakeRequest {
  method: string;
  path: string;
  query: URLSearchParams;
  headers: Headers;
  body: Buffer<ArrayBuffer>;
}

export interface FakeAnswer {
  status: number;
  headers?: Record<string, string>;
  /** A string goes as it is, anything else as JSON; undefined: no body. */
  body?: unknown;
}

/**
 * What happens to a request: the network never hears of it (cut_before, refused_before: 503 with a page), takes it and the
 * answer is lost (cut_after, bad_gateway_after, gateway_timeout_after, garbled_after), or comes when it is released (late_after:
 * taken at once; late_before: taken then).
 */
export type FakeFault =
  | 'cut_before'
  | 'refused_before'
  | 'cut_after'
  | 'bad_gateway_after'
  | 'gateway_timeout_after'
  | 'garbled_after'
  | 'late_after'
  | 'late_before';

export interface JournalEntry {
  request: FakeRequest;
  /** Null: it was cut off. */
  status: number | null;
}

export interface FakeClock {
  now(): Date;
  moveBy(seconds: number): void;
}

export interface FakeServer extends AsyncDisposable {
  url: string;
  clock: FakeClock;
  journal: JournalEntry[];
  /**
   * The next request that matches meets it; several are met in the order given.
   * @returns lets the answer come, where it is late
   */
  failNext(matches: (request: FakeRequest) => boolean, fault: FakeFault | FakeAnswer): () => void;
  /** Whatever is late comes now. */
  release(): void;
  /** Requests that no route took: a connector that calls what is not there. Empty at the end of every test. */
  strays: string[];
}

interface ExpectedFault {
  matches: (request: FakeRequest) => boolean;
  fault: FakeFault | FakeAnswer;
  released: Promise<void>;
}

/** @param handle undefined: no such route */
export async function startFakeServer(
  handle: (request: FakeRequest, clock: FakeClock) => FakeAnswer | Promise<FakeAnswer> | undefined,
): Promise<FakeServer> {
  const sockets = new Set<Socket>();
  const faults: ExpectedFault[] = [];
  const releases: (() => void)[] = [];
  let movedMs = 0;
  const clock: FakeClock = {
    now: () => new Date(Date.now() + movedMs),
    moveBy: (seconds) => {
      movedMs += seconds * 1000;
    },
  };
  const take = async (request: FakeRequest): Promise<FakeAnswer> => {
    const answer = handle(request, clock);
    if (answer) return answer;
    fake.strays.push(`${request.method} ${request.path}`);
    return { status: 404, body: 'no such route' };
  };
  const meet = async (request: FakeRequest): Promise<FakeAnswer | null> => {
    const index = faults.findIndex(({ matches }) => matches(request));
    if (index === -1) return take(request);
    const { fault, released } = faults.splice(index, 1)[0]!;
    if (typeof fault === 'object') return fault;
    if (fault === 'cut_before') return null;
    if (fault === 'refused_before') return { status: 503, body: '<html>Service Unavailable</html>' };
    if (fault === 'late_before') await released;
    const answer = await take(request);
    if (fault === 'late_after') await released;
    return AFTER[fault](answer);
  };
  const server = createServer((incoming, response) => {
    answerOne(incoming, response).catch(() => response.destroy());
  });
  const answerOne = async (incoming: IncomingMessage, response: ServerResponse) => {
    const request = await readRequest(incoming);
    const entry: JournalEntry = { request, status: null };
    fake.journal.push(entry);
    const answer = await meet(request);
    if (!answer) {
      incoming.socket.destroy();
      return;
    }
    entry.status = answer.status;
    write(response, answer);
  };
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const fake: FakeServer = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    clock,
    journal: [],
    strays: [],
    failNext: (matches, fault) => {
      const { promise: released, resolve } = Promise.withResolvers<void>();
      faults.push({ matches, fault, released });
      releases.push(resolve);
      return resolve;
    },
    release: () => {
      for (const release of releases.splice(0)) release();
    },
    async [Symbol.asyncDispose]() {
      fake.release();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
  return fake;
}

const AFTER: Record<
  Exclude<FakeFault, 'cut_before' | 'refused_before'>,
  (answer: FakeAnswer) => FakeAnswer | null
> = {
  cut_after: () => null,
  bad_gateway_after: () => ({ status: 502, body: '<html>Bad Gateway</html>' }),
  gateway_timeout_after: () => ({ status: 504, body: '<html>Gateway Timeout</html>' }),
  garbled_after: ({ status }) => ({ status, body: '{"data":{"id":' }),
  late_after: (answer) => answer,
  late_before: (answer) => answer,
};

async function readRequest(incoming: IncomingMessage): Promise<FakeRequest> {
  const url = new URL(incoming.url ?? '/', 'http://fake');
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct)) headers.set(name, value!.join(', '));
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers,
    body: Buffer.concat(chunks),
  };
}

function write(response: ServerResponse, { status, headers, body }: FakeAnswer): void {
  const isText = typeof body === 'string' || body === undefined;
  response.writeHead(status, {
    ...(body !== undefined && { 'content-type': isText ? 'text/html' : 'application/json' }),
    ...headers,
  });
  response.end(isText ? body : JSON.stringify(body));
}

/** The form of a request, `application/x-www-form-urlencoded` or `multipart/form-data`. */
export async function readForm({ headers, body }: FakeRequest): Promise<FormData> {
  const contentType = headers.get('content-type') ?? '';
  return new Response(body, { headers: { 'content-type': contentType } }).formData();
}
