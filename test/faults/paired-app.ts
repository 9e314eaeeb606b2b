import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { createApp } from '../../server/app.ts';
import { readConfig } from '../../server/config.ts';
import { openContext, type Context } from '../../server/context.ts';
import { newId } from '../../server/ids.ts';
import { findBearer } from '../../server/oauth/bearer.ts';
import { signIn } from '../../server/teams/sessions.ts';
import { openScriptedBrowser, type ScriptedBrowser } from '../support/oauth-client.ts';
import { createOwner, type TestOwner } from '../support/test-context.ts';
import { createTestDatabase } from '../support/test-database.ts';

/** Two whole servers on one database behind one address, which answer by turns: what they share is in PostgreSQL. */
export interface PairedApp extends AsyncDisposable {
  /** The first server's. */
  context: Context;
  origin: string;
  owner: TestOwner;
  /** Signed in as a new editor of the team: consent would offer to replace an earlier connection of the same person. */
  openBrowser(): Promise<ScriptedBrowser>;
  /** What the bearer check says: ok, invalid or expired. */
  judge(token: string): Promise<string>;
}

export async function startPairedApp(settings: Record<string, string> = {}): Promise<PairedApp> {
  await using started = new AsyncDisposableStack();
  const database = started.use(await createTestDatabase());
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const config = readConfig({
    LOG_LEVEL: 'silent',
    PUBLIC_URL: origin,
    DATABASE_CONNECTIONS: '12',
    ...settings,
  });
  const openOne = () =>
    started.use(
      openContext({
        config,
        publicUrl: origin,
        databaseUrl: database.url,
        secretKey: 'a test secret of at least 32 characters',
      }),
    );
  const contexts = [openOne(), openOne()] as const;
  const apps = [started.use(await createApp(contexts[0])), started.use(await createApp(contexts[1]))];
  const answers = apps.map((app) => app.callback());
  let turn = 0;
  server.on('request', (request, response) => {
    turn += 1;
    answers[turn % answers.length]!(request, response);
  });
  started.defer(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  const [context] = contexts;
  const owner = await createOwner(context);
  const running = started.move();
  return {
    context,
    origin,
    owner,
    async openBrowser() {
      const browser = openScriptedBrowser(origin);
      const personId = newId('person');
      await context.db.person.create({
        data: { id: personId, email: `${personId}@example.com`, name: 'Ed Editor', passwordHash: 'none' },
      });
      await context.db.membership.create({ data: { teamId: owner.team.id, personId, role: 'editor' } });
      const { token } = await signIn(context, { personId });
      browser.cookies.set('grantcast_session', token);
      return browser;
    },
    judge: async (token) => (await findBearer(context, token)).kind,
    [Symbol.asyncDispose]: () => running.disposeAsync(),
  };
}
