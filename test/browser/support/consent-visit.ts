import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import axe from 'axe-core';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

import { signIn } from '../../../server/teams/sessions.ts';
import { registerClient, type OAuthClient } from '../../support/oauth-client.ts';
import type { TestServer } from '../../support/test-server.ts';

/** A folder for pictures, to look at; none are taken when unset. */
const SHOTS = process.env['SHOTS_DIR'];

export async function shoot(page: Page, name: string): Promise<void> {
  if (!SHOTS) return;
  mkdirSync(SHOTS, { recursive: true });
  await page.screenshot({ path: `${SHOTS}/${name}.png`, fullPage: true });
}

/** A browser in which a person is signed in already. */
export async function openSignedIn(
  browser: Browser,
  server: TestServer,
  options: BrowserContextOptions & { personId?: string } = {},
): Promise<BrowserContext> {
  const { personId, ...contextOptions } = options;
  const { context } = server.running;
  const person = personId ?? (await context.db.person.findFirstOrThrow({ orderBy: { createdAt: 'asc' } })).id;
  const visit = await browser.newContext(contextOptions);
  await visit.addCookies([await sessionCookie(server, person)]);
  return visit;
}

export async function sessionCookie(server: TestServer, personId: string) {
  const { token } = await signIn(server.running.context, { personId });
  return {
    name: 'grantcast_session',
    value: token,
    url: server.url,
    httpOnly: true,
    sameSite: 'Lax' as const,
  };
}

/** A client that was never seen, and where it sends the person. */
export async function askForConsent(
  server: TestServer,
  metadata: Record<string, unknown> = {},
  parameters: Record<string, string | null> = {},
): Promise<{ client: OAuthClient; url: string }> {
  const client = await registerClient(server.url, metadata);
  return { client, url: client.startAuthorization({ redirect_uri: client.redirectUri, ...parameters }).url };
}

/** What axe-core objects to. The page's policy lets no foreign script in, so its context must be opened with `bypassCSP`. */
export async function findViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
}

/** Where a client on this computer waits for the answer. */
export async function openCallback() {
  const arrival = Promise.withResolvers<URL>();
  const listener = createServer((request, response) => {
    response.end('arrived');
    if (request.url?.startsWith('/callback')) arrival.resolve(new URL(request.url, 'http://127.0.0.1'));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}/callback`,
    arrived: arrival.promise,
    async close() {
      listener.closeAllConnections();
      listener.close();
      await once(listener, 'close');
    },
  };
}
