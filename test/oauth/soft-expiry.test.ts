import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { moveTime } from '../support/move-time.ts';
import { connectClient, type ScriptedBrowser, type TokenAnswer } from '../support/oauth-client.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';

describe('an access token that is never refreshed', () => {
  let app: OAuthApp;
  let browser: ScriptedBrowser;
  beforeAll(async () => {
    app = await startOAuthApp();
  });
  // Time moves, and a person who was away for weeks has to sign in again.
  beforeEach(async () => {
    browser = await app.openBrowser();
  });
  afterAll(() => app[Symbol.asyncDispose]());

  it('goes on as long as it is used within a day, at most 30 days', async () => {
    const { tokens } = await connectClient(app.origin, browser);
    for (let hours = 0; hours + 23 < 30 * 24; hours += 23) {
      await moveTime(app.context, { hours: 23 });
      expect([hours, await app.judge(tokens.access_token)]).toEqual([hours, 'ok']);
    }
    await moveTime(app.context, { hours: 23 });
    expect(await app.judge(tokens.access_token)).toBe('expired');
  });

  it('ends after a day of silence', async () => {
    const { tokens } = await connectClient(app.origin, browser);
    await moveTime(app.context, { hours: 25 });
    expect(await app.judge(tokens.access_token)).toBe('expired');
  });

  it('is noted on the timeline at most once an hour, and its use at most once a minute', async () => {
    const { tokens, clientId } = await connectClient(app.origin, browser);
    const notes = () =>
      app.context.db.activity.count({
        where: { action: 'token.used_past_expiry', connection: { clientId } },
      });
    await app.judge(tokens.access_token);
    expect(await notes()).toBe(0);
    await moveTime(app.context, { hours: 2 });
    await Promise.all(Array.from({ length: 10 }, () => app.judge(tokens.access_token)));
    expect(await notes()).toBe(1);
    const { lastUsedAt } = await app.context.db.connection.findFirstOrThrow({ where: { clientId } });
    await app.judge(tokens.access_token);
    expect((await app.context.db.connection.findFirstOrThrow({ where: { clientId } })).lastUsedAt).toEqual(
      lastUsedAt,
    );
    await moveTime(app.context, { seconds: 61 });
    await app.judge(tokens.access_token);
    expect(await notes()).toBe(1);
    expect(
      (await app.context.db.connection.findFirstOrThrow({ where: { clientId } })).lastUsedAt!.getTime(),
    ).toBeGreaterThan(lastUsedAt!.getTime() - 61_000 + 1);
    await moveTime(app.context, { hours: 1 });
    await app.judge(tokens.access_token);
    expect(await notes()).toBe(2);
  });

  it('ends a minute after the client refreshed', async () => {
    const client = await connectClient(app.origin, browser);
    const fresh = (await (await client.refresh(client.tokens.refresh_token)).json()) as TokenAnswer;
    await moveTime(app.context, { seconds: 50 });
    expect(await app.judge(client.tokens.access_token)).toBe('ok');
    await moveTime(app.context, { seconds: 15 });
    expect(await app.judge(client.tokens.access_token)).toBe('expired');
    expect(await app.judge(fresh.access_token)).toBe('ok');
  });

  it('is bound to the MCP resource', async () => {
    const { tokens } = await connectClient(app.origin, browser);
    await app.context.db.$executeRaw`
      update oidc_token set payload = jsonb_set(payload, '{aud}', '"https://other.example/mcp"') where kind = 'AccessToken'`;
    expect(await app.judge(tokens.access_token)).toBe('invalid');
  });

  it.each(['refresh_token', 'access_token'] as const)('is no %s of another kind', async (kind) => {
    const { tokens } = await connectClient(app.origin, browser);
    await app.context.db.$executeRaw`
      update oidc_token set payload = payload || jsonb_build_object('aud', ${`${app.origin}/mcp`}::text)`;
    expect(await app.judge(tokens[kind])).toBe(kind === 'access_token' ? 'ok' : 'invalid');
    expect(await app.judge(`${tokens[kind]}x`)).toBe('invalid');
  });
});

describe('with TOKEN_STRICT', () => {
  it('an access token ends with its announced hour', async () => {
    await using app = await startOAuthApp({ TOKEN_STRICT: 'true' });
    const { tokens } = await connectClient(app.origin, await app.openBrowser());
    await moveTime(app.context, { seconds: 3590 });
    expect(await app.judge(tokens.access_token)).toBe('ok');
    await moveTime(app.context, { seconds: 15 });
    expect(await app.judge(tokens.access_token)).toBe('expired');
  });
});

describe('with TOKEN_ANNOUNCED_SECONDS', () => {
  it('clients are told that, at both grants', async () => {
    await using app = await startOAuthApp({ TOKEN_ANNOUNCED_SECONDS: '5' });
    const client = await connectClient(app.origin, await app.openBrowser());
    const refreshed = (await (await client.refresh(client.tokens.refresh_token)).json()) as TokenAnswer;
    expect([client.tokens.expires_in, refreshed.expires_in]).toEqual([5, 5]);
  });
});
