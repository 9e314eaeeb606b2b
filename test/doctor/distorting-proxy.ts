import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Exchange {
  method: string;
  path: string;
  query: URLSearchParams;
  /** Of the request, as text. */
  sent: string;
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Changes an answer, or gives one of its own. */
export type Distortion = (
  exchange: Exchange,
) => Partial<Pick<Exchange, 'status' | 'headers' | 'body'>> | null;

export interface DistortingProxy extends AsyncDisposable {
  url: string;
  leadTo(target: string): void;
  distort(distortion: Distortion | null): void;
}

/** What stands between a client and a server in a deployment that was set up wrongly. */
export async function startDistortingProxy(): Promise<DistortingProxy> {
  let target = '';
  let distortion: Distortion | null = null;
  const proxy = createServer((request, response) => {
    (async () => {
      const sent = (await request.setEncoding('utf8').toArray()).join('');
      const url = new URL(`${target}${request.url}`);
      const { method = 'GET' } = request;
      const { status, headers, body } = await passOn(url, { method, headers: request.headers, sent });
      const exchange = { method, path: url.pathname, query: url.searchParams, sent, status, headers, body };
      const shown = { ...exchange, ...distortion?.(exchange) };
      response.writeHead(shown.status, shown.headers).end(shown.body);
    })().catch((error: unknown) => response.writeHead(502).end(String(error)));
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    leadTo(origin) {
      target = origin;
    },
    distort(next) {
      distortion = next;
    },
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

/** With the name of the server that the client wrote, which fetch would replace. */
async function passOn(
  { hostname, port, pathname, search }: URL,
  { method, headers, sent }: { method: string; headers: IncomingHttpHeaders; sent: string },
): Promise<Pick<Exchange, 'status' | 'headers' | 'body'>> {
  const onward = httpRequest({ hostname, port, path: pathname + search, method, headers });
  onward.end(sent);
  const [answer] = (await once(onward, 'response')) as [IncomingMessage];
  const body = (await answer.setEncoding('utf8').toArray()).join('');
  const { 'content-length': _length, 'transfer-encoding': _encoding, ...kept } = answer.headers;
  return { status: answer.statusCode!, headers: kept, body };
}
