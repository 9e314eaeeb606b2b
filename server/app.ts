import Koa from 'koa';

import { tools } from '../tools/catalog.ts';
import type { Context } from './context.ts';
import { createHealth } from './http/health.ts';
import { createPages } from './http/pages.ts';
import { createMcpEndpoint } from './mcp/endpoint.ts';
import { createAuthorizationServer } from './oauth/authorization-server.ts';

/** The web process from front to back; the only file of server/ that knows the tools. */
export async function createApp(context: Context): Promise<Koa> {
  const authorization = await createAuthorizationServer(context);
  // oidc-provider reads its interaction cookie with its own keys, so the app must sign with the same.
  const app = new Koa({ keys: authorization.provider.keys, proxy: context.config.trustProxy });
  app.on('error', (error: unknown) => context.log.error({ err: error }, 'a request failed'));

  app.use(createHealth(context));
  app.use(createMcpEndpoint(context, tools));
  for (const middleware of createPages(context)) app.use(middleware);
  for (const middleware of authorization.middleware) app.use(middleware);
  return app;
}
