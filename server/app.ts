import type { RequestListener } from 'node:http';

import Koa from 'koa';

import { tools } from '../tools/catalog.ts';
import type { Context } from './context.ts';
import { createHealth } from './http/health.ts';
import { createLiveStreams } from './http/live-streams.ts';
import { createPages } from './http/pages.ts';
import { createMcpEndpoint } from './mcp/endpoint.ts';
import { createAuthorizationServer } from './oauth/authorization-server.ts';

export interface App extends AsyncDisposable {
  callback(): RequestListener;
  /** Ends the answers that have no end of their own, before the requests in hand are waited for. */
  endStreams(): void;
}

/** The web process from front to back; the only file of server/ that knows the tools. Dispose it before the context. */
export async function createApp(context: Context): Promise<App> {
  const authorization = await createAuthorizationServer(context);
  // Of X-Forwarded-For only the last entry is the proxy's own word: whatever stands before it, the caller may have sent.
  const app = new Koa({ proxy: context.config.trustProxy, maxIpsCount: 1 });
  // oidc-provider reads with its own keys the cookies that the app signs.
  app.keys = authorization.provider.keys;
  app.on('error', (error: unknown) => context.log.error({ err: error }, 'a request failed'));

  app.use(createHealth(context));
  app.use(createMcpEndpoint(context, tools));
  const live = createLiveStreams(context);
  for (const middleware of createPages(context, live)) app.use(middleware);
  for (const middleware of authorization.middleware) app.use(middleware);

  const answer = app.callback();
  return {
    callback: () => (request, response) => void answer(request, response),
    endStreams: live.end,
    [Symbol.asyncDispose]: () => authorization[Symbol.asyncDispose](),
  };
}
