import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import Router from '@koa/router';
import Koa, { type Middleware } from 'koa';
import { vi } from 'vitest';

import type { Context } from '../../../server/context.ts';
import { requireOwnForm } from '../../../server/http/csrf.ts';
import { createErrorPage } from '../../../server/http/error-page.ts';
import { createFormBody } from '../../../server/http/form-body.ts';
import { addSignInPages } from '../../../server/http/pages/sign-in.ts';
import { createSecurityHeaders } from '../../../server/http/security-headers.ts';
import { createSignInLimits } from '../../../server/http/sign-in-limits.ts';
import { createSession } from '../../../server/http/session.ts';
import { findBearer } from '../../../server/oauth/bearer.ts';
import { createAuthorizationServer } from '../../../server/oauth/authorization-server.ts';
import { hashPassword } from '../../../server/teams/passwords.ts';
import { signIn } from '../../../server/teams/sessions.ts';
import { openScriptedBrowser, type ScriptedBrowser } from '../../support/oauth-client.ts';
import { createOwner, openTestContext, type TestOwner } from '../../support/test-context.ts';

export const PASSWORD = 'correct horse battery';

/** The authorization server over real HTTP on its own database, with the sign-in page and no other. */
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
  const app = new Koa({ proxy: context.config.trustProxy, maxIpsCount: 1 });
  app.keys = authorization.provider.keys!;
  const failures: unknown[] = [];
  app.on('error', (error) => failures.push(error));
  app.use(createSecurityHeaders(context)).use(createErrorPage(context)).use(createSession(context));
  app.use(createSignInRouter(context));
  for (const middleware of authorization.middleware) app.use(middleware);
  server.on('request', app.callback());
  const owner = await createOwner(context);
  const passwordHash = await hashPassword(PASSWORD);
  await context.db.person.update({ where: { id: owner.person.id }, data: { passwordHash } });
  const printed = [vi.spyOn(console, 'info'), vi.spyOn(console, 'warn')];
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
      // The library prints advice on the console, which whoever starts the server cannot act on.
      const advice = printed
        .flatMap((spy) => spy.mock.calls)
        .filter(([line]) => /oidc-provider/.test(String(line)));
      if (failures.length > 0) throw new AggregateError(failures, 'requests failed within the app');
      if (advice.length > 0) throw new Error(`the library printed: ${advice.flat().join(' ')}`);
    },
  };
}

function createSignInRouter(context: Context): Middleware {
  const router = new Router();
  router.use(createFormBody() as never, requireOwnForm(context) as never);
  addSignInPages(router, context, createSignInLimits(context));
  return router.routes() as unknown as Middleware;
}
