import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { findBearer } from '../../server/oauth/bearer.ts';
import { moveTime } from '../support/move-time.ts';
import {
  approve,
  connectClient,
  registerClient,
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

async function familyOf(client: ConnectedClient) {
  return app.context.db.oidcGrant.findFirstOrThrow({
    where: { connection: { clientId: client.clientId } },
    include: { tokens: true, connection: true },
  });
}

const daysFromNow = (date: Date) => (date.getTime() - Date.now()) / 86_400_000;

describe('a connection in use never ends by itself', () => {
  it('a client that refreshes: its family has 180 days from each refresh', async () => {
    const client = await connectClient(app.origin, browser);
    let token = client.tokens.refresh_token;
    for (let month = 0; month < 14; month += 1) {
      await moveTime(app.context, { days: 28 });
      const response = await client.refresh(token);
      expect(response.status).toBe(200);
      token = ((await response.json()) as TokenAnswer).refresh_token;
      expect(daysFromNow((await familyOf(client)).expiresAt)).toBeGreaterThan(179);
    }
  });

  it('a client that never refreshed: its token ends after 30 days of use, and then its refresh token is still good', async () => {
    const client = await connectClient(app.origin, browser);
    for (let day = 0; day < 29; day += 1) {
      await moveTime(app.context, { hours: 23, seconds: 1800 });
      expect(await app.judge(client.tokens.access_token)).toBe('ok');
    }
    const { expiresAt, tokens } = await familyOf(client);
    expect(daysFromNow(expiresAt)).toBeGreaterThan(178);
    const refreshToken = tokens.find(({ kind }) => kind === 'RefreshToken')!;
    expect(daysFromNow(refreshToken.expiresAt)).toBeGreaterThan(28);
    await moveTime(app.context, { days: 5 });
    expect(await app.judge(client.tokens.access_token)).toBe('expired');
    const response = await client.refresh(client.tokens.refresh_token);
    expect(response.status).toBe(200);
    expect(await app.judge(((await response.json()) as TokenAnswer).access_token)).toBe('ok');
  });

  it('use makes no access token live longer than TOKEN_MAX_DAYS, and revives no refresh token', async () => {
    const client = await connectClient(app.origin, browser);
    const second = (await (await client.refresh(client.tokens.refresh_token)).json()) as TokenAnswer;
    const accessTokenEnds = async () =>
      (await familyOf(client)).tokens
        .filter(({ kind }) => kind === 'AccessToken')
        .map(({ expiresAt }) => expiresAt.getTime())
        .toSorted((one, other) => one - other);
    const endsBefore = await accessTokenEnds();
    await app.context.db.oidcToken.updateMany({
      where: { kind: 'RefreshToken', consumedAt: { not: null } },
      data: { expiresAt: new Date(Date.now() - 1000) },
    });
    expect(await app.judge(second.access_token)).toBe('ok');
    const { tokens } = await familyOf(client);
    const consumed = tokens.find(({ kind, consumedAt }) => kind === 'RefreshToken' && consumedAt !== null)!;
    expect(consumed.expiresAt.getTime()).toBeLessThan(Date.now());
    expect(await accessTokenEnds()).toEqual(endsBefore);
  });
});

describe('the end that a person set', () => {
  const setEnd = (client: ConnectedClient, endsAt: Date) =>
    app.context.db.connection.updateMany({ where: { clientId: client.clientId }, data: { endsAt } });

  it('ends access at once: calls, refreshes, the kept answer of a refresh', async () => {
    const client = await connectClient(app.origin, browser);
    const second = (await (await client.refresh(client.tokens.refresh_token)).json()) as TokenAnswer;
    await setEnd(client, new Date(Date.now() + 3_600_000));
    expect(await app.judge(second.access_token)).toBe('ok');
    expect((await client.refresh(client.tokens.refresh_token)).status).toBe(200);
    await setEnd(client, new Date(Date.now() - 1000));
    expect(await app.judge(second.access_token)).toBe('invalid');
    for (const token of [client.tokens.refresh_token, second.refresh_token]) {
      const response = await client.refresh(token);
      expect([response.status, ((await response.json()) as { error: string }).error]).toEqual([
        400,
        'invalid_grant',
      ]);
    }
    expect((await familyOf(client)).connection.revokedAt).toBeNull();
  });

  it('and codes', async () => {
    const client = await registerClient(app.origin);
    const request = client.startAuthorization();
    const code = (await approve(browser, request.url)).searchParams.get('code')!;
    await app.context.db.connection.updateMany({
      where: { clientId: client.clientId },
      data: { endsAt: new Date(Date.now() - 1000) },
    });
    expect((await client.exchange(code, request)).status).toBe(400);
  });

  it('a later end gives access back without a new sign-in', async () => {
    const client = await connectClient(app.origin, browser);
    await setEnd(client, new Date(Date.now() - 1000));
    expect(await app.judge(client.tokens.access_token)).toBe('invalid');
    await setEnd(client, new Date(Date.now() + 86_400_000));
    expect(await app.judge(client.tokens.access_token)).toBe('ok');
    expect((await client.refresh(client.tokens.refresh_token)).status).toBe(200);
  });
});

describe('what is written down', () => {
  it('every token that is issued and refreshed, with the address', async () => {
    const client = await connectClient(app.origin, browser);
    await client.refresh(client.tokens.refresh_token);
    const { connection } = await familyOf(client);
    const rows = await app.context.db.activity.findMany({
      where: { connectionId: connection.id, action: { startsWith: 'token.' } },
      orderBy: { at: 'asc' },
    });
    const expected = {
      actor: 'connection',
      personId: app.owner.person.id,
      target: connection.id,
      result: 'ok',
    };
    expect(rows).toMatchObject([
      { ...expected, action: 'token.issued', address: '127.0.0.1' },
      { ...expected, action: 'token.refreshed', address: '127.0.0.1' },
    ]);
  });

  it('the first use and the address of the latest one', async () => {
    const client = await connectClient(app.origin, browser);
    await findBearer(app.context, client.tokens.access_token, '192.0.2.1');
    const first = (await familyOf(client)).connection;
    expect([first.lastAddress, first.firstUsedAt]).toEqual(['192.0.2.1', first.lastUsedAt]);
    await moveTime(app.context, { seconds: 90 });
    await findBearer(app.context, client.tokens.access_token, '192.0.2.2');
    const later = (await familyOf(client)).connection;
    expect(later.lastAddress).toBe('192.0.2.2');
    expect(later.lastUsedAt!.getTime()).toBeGreaterThan(later.firstUsedAt!.getTime());
    await app.context.clientEvents.flush();
    expect(
      await app.context.db.clientEvent.count({ where: { kind: 'first_call', clientId: client.clientId } }),
    ).toBe(1);
  });

  it('why the token endpoint refused, which the client is not told, and no secret', async () => {
    const client = await connectClient(app.origin, browser);
    const { connection } = await familyOf(client);
    await client.refresh('made-up-refresh-token');
    await client.refresh(client.tokens.refresh_token, { resource: 'https://other.example/mcp' });
    await moveTime(app.context, { days: 31 });
    await client.refresh(client.tokens.refresh_token);
    await app.context.clientEvents.flush();
    const rows = await app.context.db.clientEvent.findMany({
      where: { kind: 'token_refused', clientId: client.clientId },
      orderBy: { at: 'asc' },
    });
    expect(rows.map(({ reason, connectionId }) => [reason, connectionId])).toEqual([
      ['invalid_grant: refresh token not found', null],
      [`invalid_target: This server issues tokens for ${app.origin}/mcp only.`, null],
      ['invalid_grant: refresh token not found', connection.id],
    ]);
    expect(JSON.stringify(rows)).not.toMatch(new RegExp(`made-up|${client.tokens.refresh_token}`));
  });

  it('why an authorization was refused', async () => {
    const client = await registerClient(app.origin);
    await browser.open(client.startAuthorization({ code_challenge: null }).url);
    await browser.open(client.startAuthorization({ client_id: 'dyn_unknown' }).url);
    await app.context.clientEvents.flush();
    const reasonsOf = async (clientId: string) => {
      const rows = await app.context.db.clientEvent.findMany({
        where: { kind: 'authorize_refused', clientId },
      });
      return rows.map(({ reason }) => reason);
    };
    expect(await reasonsOf(client.clientId)).toEqual([expect.stringMatching(/^invalid_request: /)]);
    expect(await reasonsOf('dyn_unknown')).toEqual([expect.stringMatching(/^invalid_client: /)]);
  });
});
