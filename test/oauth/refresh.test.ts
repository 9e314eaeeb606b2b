import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { consumeRefreshToken } from '../../server/oauth/consume-refresh-token.ts';
import { hashToken } from '../../server/token.ts';
import { moveTime } from '../support/move-time.ts';
import {
  connectClient,
  type ConnectedClient,
  type ScriptedBrowser,
  type TokenAnswer,
} from '../support/oauth-client.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';

let app: OAuthApp;
let browser: ScriptedBrowser;
beforeAll(async () => {
  app = await startOAuthApp();
});
beforeEach(async () => {
  browser = await app.openBrowser();
});
afterAll(() => app[Symbol.asyncDispose]());

const connect = () => connectClient(app.origin, browser);
const connectionOf = (client: ConnectedClient) =>
  app.context.db.connection.findFirstOrThrow({
    where: { clientId: client.clientId },
    include: { families: true },
  });

async function refresh(
  client: ConnectedClient,
  token: string,
  extra?: Record<string, string>,
): Promise<TokenAnswer> {
  const response = await client.refresh(token, extra);
  const answer = (await response.json()) as TokenAnswer;
  expect([response.status, answer]).toEqual([200, expect.anything()]);
  return answer;
}

async function expectRefused(client: ConnectedClient, token: string): Promise<void> {
  const response = await client.refresh(token);
  expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([
    400,
    'invalid_grant',
  ]);
}

describe('refreshing', () => {
  it('gives ten that come at the same time the same answer', async () => {
    const client = await connect();
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => refresh(client, client.tokens.refresh_token)),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    const rows = await app.context.db.oidcToken.count({
      where: { kind: 'RefreshToken', grant: { connection: { clientId: client.clientId } } },
    });
    expect(rows).toBe(2);
    expect(await app.judge(answers[0]!.access_token)).toBe('ok');
  });

  it('gives the same answer again within a minute', async () => {
    const client = await connect();
    const first = await refresh(client, client.tokens.refresh_token);
    await moveTime(app.context, { seconds: 50 });
    expect(await refresh(client, client.tokens.refresh_token)).toEqual(first);
    expect(first).toMatchObject({ expires_in: 3600, scope: client.tokens.scope });
  });

  it('does not give the kept answer to another request', async () => {
    const client = await connectClient(app.origin, browser, {
      metadata: { token_endpoint_auth_method: 'client_secret_post' },
    });
    await refresh(client, client.tokens.refresh_token);
    const stranger = await client.refresh(client.tokens.refresh_token, { client_secret: 'guessed' });
    expect([stranger.status, Object.keys((await stranger.json()) as object)]).toEqual([
      401,
      ['error', 'error_description'],
    ]);
  });

  it('heals a lost answer later, and the lost one is void', async () => {
    const client = await connect();
    const lost = await refresh(client, client.tokens.refresh_token);
    await moveTime(app.context, { hours: 3 });
    const healed = await refresh(client, client.tokens.refresh_token);
    expect(healed.refresh_token).not.toBe(lost.refresh_token);
    expect(await app.judge(healed.access_token)).toBe('ok');
    const next = await refresh(client, healed.refresh_token);
    expect(await app.judge(next.access_token)).toBe('ok');
    expect((await connectionOf(client)).suspectSince).toBeNull();
    // Whoever holds the void one took it from somewhere: both holders collide.
    await expectRefused(client, lost.refresh_token);
    expect(await app.judge(next.access_token)).toBe('invalid');
  });

  it('ends the family at a real replay, and the connection stays', async () => {
    const client = await connect();
    const second = await refresh(client, client.tokens.refresh_token);
    const rotation = await app.context.db.oidcToken.findFirstOrThrow({
      where: {
        consumedAt: { not: null },
        kind: 'RefreshToken',
        grant: { connection: { clientId: client.clientId } },
      },
    });
    await moveTime(app.context, { hours: 2 });
    const third = await refresh(client, second.refresh_token);
    expect((await connectionOf(client)).suspectSince).toBeNull();
    await expectRefused(client, client.tokens.refresh_token);
    expect(await app.judge(third.access_token)).toBe('invalid');
    await expectRefused(client, third.refresh_token);
    const connection = await connectionOf(client);
    expect([connection.revokedAt, connection.families]).toEqual([null, []]);
    // Suspect from the rotation of the token that was replayed, not from the replay.
    const rotatedAt = rotation.consumedAt!.getTime() - 2 * 3_600_000;
    expect(Math.abs(connection.suspectSince!.getTime() - rotatedAt)).toBeLessThan(5000);
    const activity = await app.context.db.activity.findFirst({
      where: { connectionId: connection.id, action: 'connection.refresh_replayed' },
    });
    expect(activity?.actor).toBe('system');
  });

  it('keeps the first time from which a connection is suspect', async () => {
    const client = await connect();
    const { id } = await connectionOf(client);
    const since = new Date('2026-01-01T00:00:00Z');
    await app.context.db.connection.update({ where: { id }, data: { suspectSince: since } });
    const second = await refresh(client, client.tokens.refresh_token);
    await refresh(client, second.refresh_token);
    await app.context.db.refreshReplay.deleteMany();
    await expectRefused(client, client.tokens.refresh_token);
    expect((await connectionOf(client)).suspectSince).toEqual(since);
  });

  it('heals when the server died between using the token up and answering', async () => {
    const client = await connect();
    await app.context.db.oidcToken.updateMany({
      where: { kind: 'RefreshToken', grant: { connection: { clientId: client.clientId } } },
      data: { consumedAt: new Date() },
    });
    expect(await app.judge((await refresh(client, client.tokens.refresh_token)).access_token)).toBe('ok');
  });

  it('slides: 29 days of silence are fine every time, 31 are too many', async () => {
    const client = await connect();
    let token = client.tokens.refresh_token;
    for (let count = 0; count < 8; count += 1) {
      await moveTime(app.context, { days: 29 });
      token = (await refresh(client, token)).refresh_token;
      expect(token).not.toBe(client.tokens.refresh_token);
    }
    await moveTime(app.context, { days: 31 });
    await expectRefused(client, token);
  });

  it('does not end with the browser in which the person approved', async () => {
    const client = await connect();
    await app.context.db.oidcState.deleteMany();
    await app.context.db.browserSession.deleteMany();
    const second = await refresh(client, client.tokens.refresh_token);
    expect(await app.judge(second.access_token)).toBe('ok');
  });

  it('rotates a token for one of several that find it in the same state', async () => {
    const { refresh_token: token } = (await connect()).tokens;
    const rotate = (seen: string | null) => consumeRefreshToken(app.context, token, seen);
    const first = await Promise.all(Array.from({ length: 10 }, () => rotate(null)));
    expect(first.filter(Boolean)).toHaveLength(1);
    const [row] = await app.context.db.$queryRaw<{ seen: string }[]>`
      select consumed_at::text as seen from oidc_token where id_hash = ${hashToken(token)}`;
    const again = await Promise.all(Array.from({ length: 10 }, () => rotate(row!.seen)));
    expect(again.filter(Boolean)).toHaveLength(1);
  });

  it('belongs to one client', async () => {
    const [client, other] = [await connect(), await connect()];
    await expectRefused(other, client.tokens.refresh_token);
    expect(await app.judge(client.tokens.access_token)).toBe('ok');
    expect((await client.refresh(client.tokens.refresh_token)).status).toBe(200);
  });

  it('grants what was granted to a client that asks for all it asked for at first, and less when asked for less', async () => {
    const client = await connect();
    const all = await refresh(client, client.tokens.refresh_token, {
      scope: 'campaigns:read posts:publish made:up',
    });
    expect(all.scope).toBe('campaigns:read');
    const again = await refresh(client, all.refresh_token);
    expect(again.scope).toBe(client.tokens.scope);
  });

  it.each(['revokedAt', 'membership', 'disabledAt'])(
    'stops with the connection, the team or the person: %s',
    async (what) => {
      const person = await app.context.db.person.create({
        data: { id: `per_${what}`, email: `${what}@example.com`, name: what, passwordHash: 'none' },
      });
      const seat = { teamId: app.owner.team.id, personId: person.id };
      await app.context.db.membership.create({ data: { ...seat, role: 'editor' } });
      const client = await connectClient(app.origin, await app.openBrowser(person.id));
      if (what === 'revokedAt') {
        await app.context.db.connection.updateMany({
          where: { personId: person.id },
          data: { revokedAt: new Date() },
        });
      } else if (what === 'membership') {
        await app.context.db.membership.delete({ where: { teamId_personId: seat } });
      } else {
        await app.context.db.person.update({ where: { id: person.id }, data: { disabledAt: new Date() } });
      }
      expect(await app.judge(client.tokens.access_token)).toBe('invalid');
      await expectRefused(client, client.tokens.refresh_token);
    },
  );
});
