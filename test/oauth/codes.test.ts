import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { getCode as getCodeOf } from '../faults/token-family.ts';
import { moveTime } from '../support/move-time.ts';
import { registerClient, type OAuthClient, type ScriptedBrowser } from '../support/oauth-client.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';

let app: OAuthApp;
let browser: ScriptedBrowser;
let client: OAuthClient;
beforeAll(async () => {
  app = await startOAuthApp();
  browser = await app.openBrowser();
  client = await registerClient(app.origin);
});
afterAll(() => app[Symbol.asyncDispose]());

const getCode = () => getCodeOf(client, browser);

async function readError(response: Response): Promise<unknown> {
  return [response.status, ((await response.json()) as { error: string }).error];
}

describe('authorization codes', () => {
  it('yield one token each in 60 races of 10, and the winner keeps it', async () => {
    let issued = 0;
    let usable = 0;
    for (let race = 0; race < 60; race += 1) {
      const { request, code } = await getCode();
      const answers = await Promise.all(Array.from({ length: 10 }, () => client.exchange(code, request)));
      const winners = answers.filter((answer) => answer.status === 200);
      issued += winners.length;
      const losers = answers.filter((answer) => answer.status !== 200);
      expect(await Promise.all(losers.map(readError))).toEqual(losers.map(() => [400, 'invalid_grant']));
      for (const winner of winners) {
        const { access_token: token } = (await winner.json()) as { access_token: string };
        if ((await app.judge(token)) === 'ok') usable += 1;
      }
    }
    process.stdout.write(
      `60 races of 10 redemptions of one code: ${issued} tokens, ${usable} usable afterwards\n`,
    );
    expect([issued, usable]).toEqual([60, 60]);
  }, 120_000);

  it('end the family when one is replayed later', async () => {
    const { request, code } = await getCode();
    const { access_token: token } = (await (await client.exchange(code, request)).json()) as {
      access_token: string;
    };
    expect(await readError(await client.exchange(code, request))).toEqual([400, 'invalid_grant']);
    expect(await app.judge(token)).toBe('ok');
    await moveTime(app.context, { seconds: 11 });
    expect(await readError(await client.exchange(code, request))).toEqual([400, 'invalid_grant']);
    expect(await app.judge(token)).toBe('invalid');
  });

  it('are good for ten minutes', async () => {
    const [early, late] = [await getCode(), await getCode()];
    await moveTime(app.context, { seconds: 590 });
    expect((await client.exchange(early.code, early.request)).status).toBe(200);
    await moveTime(app.context, { seconds: 20 });
    expect(await readError(await client.exchange(late.code, late.request))).toEqual([400, 'invalid_grant']);
  });

  it('belong to one client and one redirect URI', async () => {
    const other = await registerClient(app.origin);
    const { request, code } = await getCode();
    expect(await readError(await other.exchange(code, request))).toEqual([400, 'invalid_grant']);
    const elsewhere = await client.exchange(code, request, { redirect_uri: 'http://127.0.0.1:1/callback' });
    expect(await readError(elsewhere)).toEqual([400, 'invalid_grant']);
    expect((await client.exchange(code, request)).status).toBe(200);
  });

  it('yield nothing once the connection is revoked', async () => {
    const { request, code } = await getCode();
    await app.context.db.oidcGrant.deleteMany();
    expect(await readError(await client.exchange(code, request))).toEqual([400, 'invalid_grant']);
  });
});
