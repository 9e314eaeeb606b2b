import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import { startWorkers } from '../../workers/start-workers.ts';
import { quantile } from '../bench/figures.ts';
import { startPairedApp, type PairedApp } from '../faults/paired-app.ts';
import { createPublishingTeam, scheduleTestDelivery } from '../publishing/fixtures.ts';
import { moveTime } from '../support/move-time.ts';
import {
  connectClient,
  type ConnectedClient,
  type ScriptedBrowser,
  type TokenAnswer,
} from '../support/oauth-client.ts';

const WAIT = { timeout: 20_000, interval: 10 };

let app: PairedApp;
let browser: ScriptedBrowser;
beforeAll(async () => {
  app = await startPairedApp();
});
beforeEach(async () => {
  browser = await app.openBrowser();
});
afterAll(() => app[Symbol.asyncDispose]());

const AUTH_METHODS = ['none', 'client_secret_post', 'client_secret_basic'] as const;
const connect = (token_endpoint_auth_method: string = 'none') =>
  connectClient(app.origin, browser, { metadata: { token_endpoint_auth_method } });
const connectionOf = ({ clientId }: ConnectedClient) =>
  app.context.db.connection.findFirstOrThrow({
    where: { clientId },
    include: { families: true, activities: true },
  });
const statusOfCall = async (token: string) => {
  const response = await fetch(`${app.origin}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }),
  });
  await response.text();
  return response.status;
};

describe.each(AUTH_METHODS)('a client that identifies itself by %s', (method) => {
  it.each(['access_token', 'refresh_token'] as const)(
    'gives its %s back: everything of the connection ends',
    async (kind) => {
      const client = await connect(method);
      expect(await statusOfCall(client.tokens.access_token)).toBe(200);
      const response = await client.revoke(client.tokens[kind]);
      expect([response.status, await response.text()]).toEqual([200, '']);
      expect(await statusOfCall(client.tokens.access_token)).toBe(401);
      expect((await client.refresh(client.tokens.refresh_token)).status).toBe(400);
      const { revokedAt, families } = await connectionOf(client);
      expect([revokedAt, families]).toEqual([expect.any(Date), []]);
    },
  );

  it('twice is once', async () => {
    const client = await connect(method);
    await client.revoke(client.tokens.access_token);
    const { revokedAt } = await connectionOf(client);
    expect((await client.revoke(client.tokens.access_token)).status).toBe(200);
    expect((await client.revoke(client.tokens.refresh_token)).status).toBe(200);
    const after = await connectionOf(client);
    expect(after.revokedAt).toEqual(revokedAt);
    expect(after.activities.filter(({ action }) => action === 'connection.revoked')).toHaveLength(1);
  });
});

describe('nothing ends', () => {
  it.each([
    ['by a confidential client without its secret', { client_secret: '' }],
    ['by a confidential client with a wrong one', { client_secret: 'guessed' }],
    ['by a client that is not known', { client_id: 'dyn_unknown' }],
  ])('%s: 401', async (_, changes) => {
    const client = await connect('client_secret_post');
    const response = await client.revoke(client.tokens.access_token, changes);
    expect(response.status).toBe(401);
    expect(await statusOfCall(client.tokens.access_token)).toBe(200);
  });

  it('by another client, which is not told whether the token exists', async () => {
    const client = await connect();
    const other = await connectClient(app.origin, await app.openBrowser());
    for (const token of [client.tokens.access_token, client.tokens.refresh_token, 'made up']) {
      const response = await other.revoke(token);
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
    expect(await statusOfCall(client.tokens.access_token)).toBe(200);
  });

  it('when no token is named: 400', async () => {
    const client = await connect();
    const response = await fetch(`${app.origin}/revoke`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: client.clientId }),
    });
    expect(response.status).toBe(400);
  });
});

describe('a token can be given back', () => {
  it.each([
    ['past its announced hour', { hours: 2 }],
    ['past its idle day', { days: 2 }],
    ['after four weeks', { days: 28 }],
  ] as const)('%s', async (_, age) => {
    const client = await connect();
    await moveTime(app.context, age);
    expect((await client.revoke(client.tokens.access_token)).status).toBe(200);
    expect((await connectionOf(client)).revokedAt).toBeInstanceOf(Date);
  });

  it('that was rotated or superseded long ago', async () => {
    for (const kind of ['access_token', 'refresh_token'] as const) {
      const client = await connectClient(app.origin, await app.openBrowser());
      const fresh = (await (await client.refresh(client.tokens.refresh_token)).json()) as TokenAnswer;
      await moveTime(app.context, { hours: 3 });
      await client.revoke(client.tokens[kind]);
      expect(await statusOfCall(fresh.access_token)).toBe(401);
    }
  });
});

describe('at the same time', () => {
  it('as a refresh: both answer, no deadlock, and nothing is left that works', async () => {
    const outcomes = new Map<number, number>();
    for (let race = 0; race < 40; race += 1) {
      const client = await connectClient(app.origin, browser);
      const refreshing = client.refresh(client.tokens.refresh_token);
      const using = statusOfCall(client.tokens.access_token);
      for (let trip = 0; trip < race % 8; trip += 1) await app.context.db.$executeRaw`select 1`;
      const revoked = await client.revoke(client.tokens[race % 2 === 0 ? 'refresh_token' : 'access_token']);
      const refreshed = await refreshing;
      expect([200, 401]).toContain(await using);
      expect(revoked.status).toBe(200);
      expect([200, 400]).toContain(refreshed.status);
      outcomes.set(refreshed.status, (outcomes.get(refreshed.status) ?? 0) + 1);
      const given = (await refreshed.json()) as Partial<TokenAnswer>;
      expect(await app.judge(given.access_token ?? client.tokens.access_token)).toBe('invalid');
      expect((await client.refresh(given.refresh_token ?? client.tokens.refresh_token)).status).toBe(400);
      const { revokedAt, families } = await connectionOf(client);
      expect([revokedAt, families]).toEqual([expect.any(Date), []]);
    }
    expect([...outcomes.keys()].length).toBeGreaterThan(0);
  }, 120_000);
});

describe('how soon it counts', () => {
  it('for calls that come without a pause: no call that begins after the answer is served', async () => {
    const delaysMs: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const client = await connectClient(app.origin, browser);
      let [isOver, lastGoodAt] = [false, 0];
      const lanes = Array.from({ length: 4 }, async () => {
        while (!isOver) {
          const startedAt = performance.now();
          if ((await statusOfCall(client.tokens.access_token)) === 200)
            lastGoodAt = Math.max(lastGoodAt, startedAt);
          else isOver = true;
        }
      });
      await vi.waitFor(() => expect(lastGoodAt).toBeGreaterThan(0), WAIT);
      const sentAt = performance.now();
      await client.revoke(client.tokens.refresh_token);
      const answeredAt = performance.now();
      await Promise.all(lanes);
      expect(lastGoodAt).toBeLessThan(answeredAt);
      // A call that began after the request to revoke and was served all the same.
      delaysMs.push(Math.max(0, lastGoodAt - sentAt));
    }
    process.stdout.write(
      `Given back under load: the last call that was served began ${quantile(delaysMs, 0.5).toFixed(0)} ms (median), ${Math.max(...delaysMs).toFixed(0)} ms (worst of 10) after the request to revoke\n`,
    );
  });

  it('for what is queued: it is held with the answer; what is being sent goes through', async () => {
    const team = await createPublishingTeam(app.context);
    const client = await connect();
    const connection = await connectionOf(client);
    // The posts are of the team that the person connected for.
    const ours = { ...team, ...app.owner, campaignId: await campaignOf(app) };
    const input = { connectionId: connection.id, isApproved: true };
    const waiting = await scheduleTestDelivery(app.context, ours, { ...input, dueInSeconds: 3600 });
    const sending = await scheduleTestDelivery(app.context, ours, { ...input, dueInSeconds: -1 });
    const sent = Promise.withResolvers<void>();
    const begun = Promise.withResolvers<void>();
    const playground = app.context.networks.get('playground')!;
    const slow: typeof playground = {
      ...playground,
      async send(call) {
        begun.resolve();
        await sent.promise;
        return playground.send(call);
      },
    };
    const workers = await startWorkers({ ...app.context, networks: new Map([['playground', slow]]) });
    try {
      await begun.promise;
      const startedAt = performance.now();
      expect((await client.revoke(client.tokens.access_token)).status).toBe(200);
      const tookMs = performance.now() - startedAt;
      const held = await app.context.db.delivery.findUniqueOrThrow({ where: { id: waiting.id } });
      process.stdout.write(
        `Given back while a post is being sent: answered, and the queued one held, after ${tookMs.toFixed(0)} ms\n`,
      );
      expect(held).toMatchObject({ state: 'held', problemCode: 'connection_revoked' });
      sent.resolve();
      await vi.waitFor(async () => {
        const { state } = await app.context.db.delivery.findUniqueOrThrow({ where: { id: sending.id } });
        expect(state).toBe('published');
      }, WAIT);
    } finally {
      sent.resolve();
      await workers.stop();
    }
  });
});

async function campaignOf({ context, owner }: PairedApp): Promise<string> {
  const id = `cmp_${crypto.randomUUID().replaceAll('-', '')}`;
  await context.db.campaign.create({
    data: {
      id,
      teamId: owner.team.id,
      name: 'x',
      goal: 'x',
      keyMessages: [],
      createdByPersonId: owner.person.id,
    },
  });
  return id;
}
