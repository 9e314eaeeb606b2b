import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

import Koa from 'koa';

import type { Context } from '../../../server/context.ts';
import { createLiveStreams } from '../../../server/http/live-streams.ts';
import { createPages } from '../../../server/http/pages.ts';
import { openTestContext } from '../../support/test-context.ts';

export interface PagesServer extends AsyncDisposable {
  context: Context;
  url: string;
}

/** The pages alone over real HTTP, on a database of their own. `behind`: what answers what no page does. */
export async function startPagesServer(
  settings: Record<string, string> = {},
  behind?: Koa.Middleware,
  live: { checkMs?: number } = {},
): Promise<PagesServer> {
  const listener = http.createServer();
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  const context = await openTestContext({ PUBLIC_URL: url, ...settings });
  const streams = createLiveStreams(context, live);
  const app = new Koa({ proxy: context.config.trustProxy });
  for (const middleware of createPages(context, streams)) app.use(middleware);
  if (behind) app.use(behind);
  listener.on('request', app.callback());
  return {
    context,
    url,
    async [Symbol.asyncDispose]() {
      streams.end();
      listener.closeAllConnections();
      listener.close();
      await context[Symbol.asyncDispose]();
    },
  };
}
