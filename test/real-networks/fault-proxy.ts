import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What happens to a write: it never arrives; it arrives and the answer is lost, replaced by 502, or comes too late. */
export type Fault = 'cut_before' | 'cut_after' | 'bad_gateway_after' | 'late_after';

export interface FaultProxy extends AsyncDisposable {
  url: string;
  /** For the next write only. */
  nextFault: Fault | undefined;
  writes: number;
}

/** Stands between the connector and the real server and spoils one write. */
export async function startFaultProxy(target: string, lateMs: number): Promise<FaultProxy> {
  const server = createServer((request, response) => {
    const isWrite = request.url?.includes('putRecord') ?? false;
    const fault = isWrite ? proxy.nextFault : undefined;
    if (isWrite) {
      proxy.writes += 1;
      proxy.nextFault = undefined;
    }
    const forward = async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      if (fault === 'cut_before') return request.socket.destroy();
      const headers = Object.fromEntries(
        ['authorization', 'content-type'].flatMap((name) => {
          const value = request.headers[name];
          return typeof value === 'string' ? [[name, value]] : [];
        }),
      );
      const { method = 'GET', url = '/' } = request;
      const body = method === 'POST' ? Buffer.concat(chunks) : null;
      const answer = await fetch(new URL(url, target), { method, headers, body });
      const text = await answer.text();
      if (fault === 'cut_after') return request.socket.destroy();
      if (fault === 'bad_gateway_after') return response.writeHead(502).end('<h1>502 Bad Gateway</h1>');
      const reply = () => response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
      return fault === 'late_after' ? setTimeout(reply, lateMs) : reply();
    };
    forward().catch(() => request.socket.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    nextFault: undefined,
    writes: 0,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return proxy;
}
