import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import Koa from 'koa';

import type { Context } from '../../../server/context.ts';
import { createSecurityHeaders } from '../../../server/http/security-headers.ts';
import { createSession } from '../../../server/http/session.ts';
import { findBearer } from '../../../server/oauth/bearer.ts';
import { createAuthorizationServer } from '../../../server/oauth/authorization-server.ts';
import { signIn } from '../../../server/teams/sessions.ts';
import { openScriptedBrowser, type ScriptedBrowser } from '../../support/oauth-client.ts';
import { createOwner, openTestContext, type TestOwner } from '../../support/test-context.ts';

/** The authorization server over real HTTP on its own database, without the pages and the tools around it. */
export interface OAuthApp extends AsyncDisposable {
  context: Context;
  origin: string;
  owner: TestOwner;
  /** Signed in as the owner unless another person is named. */
  openBrowser(personId?: string): Promise<ScriptedBrowser>;
  /** What the bearer check says: ok, invalid or expired. */
  judge(token: string): Promise<string>;
}

export async function startOAuthApp(settings: Record<string, string> = {}): Promise<OAuthApp> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const context = await openTestContext({ PUBLIC_URL: origin, ...settings });
  const authorization = await createAuthorizationServer(context);
  const app = new Koa();
  app.keys = authorization.provider.keys!;
  const failures: unknown[] = [];
  app.on('error', (error) => failures.push(error));
  app.use(createSecurityHeaders(context)).use(createSession(context));
  for (const middleware of authorization.middleware) app.use(middleware);
  server.on('request', app.callback());
  const owner = await createOwner(context);
  return {
    context,
    origin,
    owner,
    async openBrowser(personId = owner.person.id) {
      const browser = openScriptedBrowser(origin);
      const { token } = await signIn(context, { personId });
      browser.cookies.set('grantcast_session', token);
      return browser;
    },
    async judge(token) {
      return (await findBearer(context, token)).kind;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await authorization[Symbol.asyncDispose]();
      await context[Symbol.asyncDispose]();
      if (failures.length > 0) throw new AggregateError(failures, 'requests failed within the app');
    },
  };
}
