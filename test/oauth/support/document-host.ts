import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import tls from 'node:tls';

/** For `localhost` and 127.0.0.1; protects nothing. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgRLozzjBoktVQBN/+
hZIhqHj2fW1YNp2Hry5MA9ZfIPShRANCAAQo+S09oQRya71A7kVEHXHwUPKhbrgT
mRoIo/R1tfwUWfPTcA9HTThCVWVw7fjBph1PY6KkrYqZf9oAFz0o2+My
-----END PRIVATE KEY-----
`;
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBvjCCAWOgAwIBAgIUPNEbUg5C1xC+Yv4163N1SlpvyEYwCgYIKoZIzj0EAwIw
JTEjMCEGA1UEAwwaZG9jdW1lbnQgaG9zdCBvZiB0aGUgdGVzdHMwIBcNMjYxMTIx
MDcwOTIwWhgPMjEyNjEwMjgwNzA5MjBaMCUxIzAhBgNVBAMMGmRvY3VtZW50IGhv
c3Qgb2YgdGhlIHRlc3RzMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEKPktPaEE
cmu9QO5FRB1x8FDyoW64E5kaCKP0dbX8FFnz03APR004QlVlcO34waYdT2OipK2K
mX/aABc9KNvjMqNvMG0wHQYDVR0OBBYEFFCHxP5bLuKpFso5mrAzFDYFI48bMB8G
A1UdIwQYMBaAFFCHxP5bLuKpFso5mrAzFDYFI48bMA8GA1UdEwEB/wQFMAMBAf8w
GgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMAoGCCqGSM49BAMCA0kAMEYCIQCp
oGywVuvGHUhb2ZssuqE6dOkoFYg5nUcgLBVu83B2IQIhAPibmiuLQQjEOs2bfZzV
U0Dm5gAFXy6C0HMWe/mHWNET
-----END CERTIFICATE-----
`;

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A host that publishes documents of clients, by real TLS on this computer; it counts who asks. */
export interface DocumentHost extends AsyncDisposable {
  /** host:port, for ALLOW_PRIVATE_HOSTS. */
  host: string;
  port: number;
  requests: { path: string; headers: IncomingMessage['headers'] }[];
  /** Connections, whether or not a request came over them. */
  connections: number;
  countRequests(clientId: string): number;
  /** Publishes a document at a path of its own. @returns the client id */
  publish(document?: Record<string, unknown>, headers?: Record<string, string>): string;
  /** Answers at the client id's path in another way from now on. */
  answer(clientId: string, answer: Answer): void;
  /** An id where nothing is published yet. */
  newId(): string;
}

export const REDIRECT_URI = 'http://127.0.0.1:43210/callback';

export async function startDocumentHost(): Promise<DocumentHost> {
  const trusted = tls.getCACertificates('default');
  if (!trusted.includes(CERTIFICATE)) tls.setDefaultCACertificates([...trusted, CERTIFICATE]);
  const answers = new Map<string, Answer>();
  const server = createServer({ key: KEY, cert: CERTIFICATE }, (request, response) => {
    const path = request.url ?? '';
    host.requests.push({ path, headers: request.headers });
    const answer = answers.get(path);
    if (answer) answer(request, response);
    else response.writeHead(404).end('not found');
  });
  server.on('connection', () => (host.connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  let count = 0;
  const host: DocumentHost = {
    host: `localhost:${port}`,
    port,
    requests: [],
    connections: 0,
    countRequests: (clientId) => host.requests.filter(({ path }) => path === pathOf(clientId)).length,
    publish(document = {}, headers = {}) {
      const clientId = host.newId();
      host.answer(
        clientId,
        sendJson(
          {
            client_id: clientId,
            client_name: 'Documented editor',
            redirect_uris: [REDIRECT_URI],
            token_endpoint_auth_method: 'none',
            ...document,
          },
          headers,
        ),
      );
      return clientId;
    },
    answer: (clientId, answer) => void answers.set(pathOf(clientId), answer),
    newId: () => `https://localhost:${port}/clients/${(count += 1)}.json`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return host;
}

export function sendJson(document: unknown, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(typeof document === 'string' ? document : JSON.stringify(document));
  };
}

export function sendStatus(status: number, headers: Record<string, string> = {}): Answer {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end('{}');
  };
}

function pathOf(clientId: string): string {
  const { pathname, search } = new URL(clientId);
  return pathname + search;
}
