import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { printTarget } from '../bench/figures.ts';
import { moveTime } from '../support/move-time.ts';
import { startPersonBot, type PersonBot } from '../support/person-bot.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { findQuietPort } from './quiet-port.ts';
import { REAL_CLIENTS, type RealClient } from './real-client.ts';

const INSTALLATIONS = 20;
const AT_ONCE = 4;

/** R12 of the product's targets: connect once, stay connected. */
describe.each(Object.entries(REAL_CLIENTS))('%s, installed 20 times', (name, kind) => {
  let server: TestServer;
  let person: PersonBot;
  const clients: RealClient[] = [];
  const started = new AsyncDisposableStack();
  beforeAll(async () => {
    server = started.use(await startTestServer());
    person = started.use(await startPersonBot(server.url));
    const homes = await mkdtemp(path.join(os.tmpdir(), 'grantcast-clients-'));
    started.defer(() => rm(homes, { recursive: true, force: true }));
    for (let index = 0; index < INSTALLATIONS; index += 1) {
      const home = path.join(homes, String(index));
      const callbackPort = await findQuietPort();
      const client = await kind.install({ mcpUrl: server.mcpUrl, person, home, callbackPort });
      clients.push(started.use(client));
    }
  });
  afterAll(() => started.disposeAsync());

  it('gets from nothing but the URL to a tool call', async () => {
    const failures = await callFromAll(clients);
    report(`${name}, connects`, failures);
    expect(failures).toEqual([]);
    expect(person.problems).toEqual([]);
    expect(person.opened).toHaveLength(INSTALLATIONS);
  });

  it('works past the end of its access token and a restart, and opens no browser', async () => {
    await moveTime(server.running.context, { hours: 9 });
    await server.restart();
    const failures = await callFromAll(clients);
    report(`${name}, past expiry and restart`, failures);
    expect(failures).toEqual([]);
    expect(person.opened).toHaveLength(INSTALLATIONS);
  });

  it.each(kind.forgetsItsRegistration ? [] : [{ TOKEN_STRICT: 'true' }])(
    'refreshes where the old access token is refused to the minute, and opens no browser',
    async (settings) => {
      await moveTime(server.running.context, { hours: 9 });
      await server.restart(settings);
      const failures = await callFromAll(clients);
      report(`${name}, past strict expiry and restart`, failures);
      expect(failures).toEqual([]);
      expect(person.opened).toHaveLength(INSTALLATIONS);
      const refreshed = await server.running.context.db.oidcToken.count({
        where: { kind: 'RefreshToken', consumedAt: { not: null } },
      });
      expect(refreshed).toBe(INSTALLATIONS);
    },
  );

  it('works on three days of daily use, with a deploy each night, and opens no browser', async () => {
    const failures = await callOnThreeDays();
    report(`${name}, three days`, failures, 3);
    expect(failures).toEqual([]);
    expect(person.opened).toHaveLength(INSTALLATIONS);
  });

  it('works on three more days after it lost its refresh token, and opens no browser', async () => {
    for (const client of clients) expect(await client.loseRefreshToken()).toBe(1);
    const failures = await callOnThreeDays();
    report(`${name}, three days without a refresh token`, failures, 3);
    expect(failures).toEqual([]);
    expect(person.opened).toHaveLength(INSTALLATIONS);
  });

  async function callOnThreeDays(): Promise<unknown[]> {
    const failures: unknown[] = [];
    for (let day = 1; day <= 3; day += 1) {
      await moveTime(server.running.context, { hours: 23 });
      await server.restart();
      failures.push(...(await callFromAll(clients)));
    }
    return failures;
  }
});

/** A few at a time, as the machine has cores. @returns what failed */
async function callFromAll(clients: readonly RealClient[]): Promise<unknown[]> {
  const waiting = [...clients];
  const failures: unknown[] = [];
  async function work(): Promise<void> {
    for (let client = waiting.shift(); client; client = waiting.shift()) {
      try {
        expect(await client.callListChannels()).toEqual(['playground']);
      } catch (error) {
        failures.push(error);
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return failures;
}

function report(what: string, failures: readonly unknown[], times = 1): void {
  const total = INSTALLATIONS * times;
  const goal = `${total} of ${total}, 1 prompt each at connecting, 0 later`;
  printTarget('R12', `${what}: ${total - failures.length} of ${total}`, goal, failures.length === 0);
}
