import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { invalidInput } from './errors.ts';

export interface WebPort {
  port: number;
  /** From now on requests go to the app; before, they are told to come again. */
  serve(listener: RequestListener): void;
  /** Takes no more connections, lets requests in hand finish, and cuts those that take longer than `patienceMs`. */
  close(patienceMs: number): Promise<void>;
}

/**
 * Binds the port before anything else exists, so that a taken one costs nothing and clients that come early wait.
 * @throws AppError InvalidInput (`port_taken`, `port_not_allowed`, `host_not_ours`)
 */
export async function bindWebPort(host: string, port: number): Promise<WebPort> {
  let listener: RequestListener = answerNotReady;
  let isClosing = false;
  const server = createServer((request, response) => {
    if (isClosing) response.setHeader('connection', 'close');
    response.once('close', () => {
      if (isClosing) server.closeIdleConnections();
    });
    listener(request, response);
  });
  server.headersTimeout = 10_000;
  // A picture of 20 MB at 1.4 Mbit/s.
  server.requestTimeout = 120_000;
  await listen(server, host, port);
  return {
    port: (server.address() as AddressInfo).port,
    serve(app) {
      listener = app;
    },
    async close(patienceMs) {
      isClosing = true;
      const { promise, resolve } = Promise.withResolvers<void>();
      server.close(() => resolve());
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), patienceMs);
      await promise;
      clearTimeout(cut);
    },
  };
}

const answerNotReady: RequestListener = (_request, response) => {
  response.writeHead(503, { 'retry-after': '1', 'content-type': 'text/plain; charset=utf-8' });
  response.end('Grantcast is starting. Try again in a second.\n');
};

async function listen(server: Server, host: string, port: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen(port, host, resolve);
  try {
    await promise;
  } catch (cause) {
    throw explainListenError(host, port, cause);
  }
}

function explainListenError(host: string, port: number, cause: unknown): unknown {
  switch ((cause as NodeJS.ErrnoException).code) {
    case 'EADDRINUSE':
      return invalidInput({
        code: 'port_taken',
        field: 'PORT',
        message: `Port ${port} on ${host} is in use by another program. Stop that program, or set PORT to another number.`,
        cause,
      });
    case 'EACCES':
      return invalidInput({
        code: 'port_not_allowed',
        field: 'PORT',
        message: `This user may not use port ${port}. Set PORT to a number above 1023.`,
        cause,
      });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return invalidInput({
        code: 'host_not_ours',
        field: 'HOST',
        message: `This machine has no address ${host}. Set HOST to one of its own, 127.0.0.1 or 0.0.0.0.`,
        cause,
      });
    default:
      return cause;
  }
}
