import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import type { AddressInfo } from 'node:net';

/**
 * The conformance suite cannot send a token, so this stands between: it adds one, and puts the server's name where the
 * suite wrote the proxy's. Every other name and every other header passes as it is.
 */
export async function startAuthProxy(
  target: string,
  accessToken: string,
): Promise<{ url: string } & AsyncDisposable> {
  const { hostname, port, host, pathname } = new URL(target);
  let ownHosts: string[] = [];
  const proxy = createServer((request, response) => {
    const headers = { ...request.headers, authorization: `Bearer ${accessToken}` };
    if (headers.host && ownHosts.includes(headers.host)) headers.host = host;
    if (headers.origin && ownHosts.some((own) => headers.origin === `http://${own}`))
      headers.origin = `http://${host}`;
    const onward = httpRequest(
      { hostname, port, path: request.url, method: request.method, headers },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    response.on('close', () => onward.destroy());
    request.pipe(onward);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  const ownPort = (proxy.address() as AddressInfo).port;
  ownHosts = [`127.0.0.1:${ownPort}`, `localhost:${ownPort}`];
  return {
    url: `http://127.0.0.1:${ownPort}${pathname}`,
    async [Symbol.asyncDispose]() {
      proxy.closeAllConnections();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}
