import { createHash, randomBytes } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { approve, registerClient, type OAuthClient, type ScriptedBrowser } from '../support/oauth-client.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';

let app: OAuthApp;
let browser: ScriptedBrowser;
let client: OAuthClient;
const OTHER_REDIRECT = 'http://127.0.0.1:43210/other';
beforeAll(async () => {
  app = await startOAuthApp();
  browser = await app.openBrowser();
  client = await registerClient(app.origin, {
    redirect_uris: ['http://127.0.0.1:43210/callback', OTHER_REDIRECT],
  });
});
afterAll(() => app[Symbol.asyncDispose]());

async function getCode(of = client) {
  const request = of.startAuthorization();
  const back = await approve(browser, request.url);
  return { request, code: back.searchParams.get('code')! };
}

/** The parameters of a right exchange, with changes; undefined takes one out. */
async function exchange(
  code: string,
  verifier: string,
  changes: Record<string, string | undefined>,
): Promise<{ status: number; error: string | undefined }> {
  const parameters = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: client.redirectUri,
    code_verifier: verifier,
    client_id: client.clientId,
    ...changes,
  };
  const body = new URLSearchParams(
    Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  const response = await fetch(`${app.origin}/token`, { method: 'POST', body });
  const answer = (await response.json()) as { error?: string };
  return { status: response.status, error: answer.error };
}

const challengeOf = (verifier: string) => createHash('sha256').update(verifier).digest('base64url');

describe('a code is worth nothing without its verifier', () => {
  it.each([
    ['none', () => undefined],
    ['an empty one', () => ''],
    ['another one', () => randomBytes(32).toString('base64url')],
    ['one that is too short', (right: string) => right.slice(0, 42)],
    ['one that is too long', (right: string) => right.repeat(4)],
    ['the challenge itself, as the method plain had it', challengeOf],
    ['one in another case', (right: string) => right.toUpperCase().replace(/^./, 'x')],
    ['one with padding', (right: string) => `${right}=`],
    ['one with a blank', (right: string) => `${right} `],
    ['two', (right: string) => `${right}&code_verifier=${right}`],
  ])('%s', async (_, change) => {
    const { request, code } = await getCode();
    const refused = await exchange(code, request.verifier, { code_verifier: change(request.verifier) });
    expect(refused).toEqual({
      status: 400,
      error: expect.stringMatching(/^invalid_(grant|request)$/) as string,
    });
    expect(await exchange(code, request.verifier, {})).toEqual({ status: 200, error: undefined });
  });

  it('nor is the verifier of another code', async () => {
    const [mine, other] = [await getCode(), await getCode()];
    expect(await exchange(mine.code, other.request.verifier, {})).toEqual({
      status: 400,
      error: 'invalid_grant',
    });
  });
});

describe('no code is given out without a challenge of S256', () => {
  const challenge = challengeOf(randomBytes(32).toString('base64url'));
  it.each([
    ['no challenge', { code_challenge: null, code_challenge_method: null }],
    ['a challenge without a method', { code_challenge: challenge, code_challenge_method: null }],
    ['the method plain', { code_challenge: challenge, code_challenge_method: 'plain' }],
    ['an unknown method', { code_challenge: challenge, code_challenge_method: 'S512' }],
    ['a method without a challenge', { code_challenge: null }],
    ['a challenge that is too short', { code_challenge: 'short' }],
  ])('%s', async (_, changes) => {
    const page = await browser.open(client.startAuthorization(changes).url);
    const back = new URL(page.leavesFor ?? app.origin);
    const said = { error: back.searchParams.get('error'), iss: back.searchParams.get('iss') };
    const onPage = { error: /invalid_request/.exec(page.html)?.[0], iss: app.origin };
    expect(page.leavesFor ? said : onPage).toEqual({ error: 'invalid_request', iss: app.origin });
    expect(back.searchParams.get('code')).toBeNull();
  });
});

describe('a code belongs to its client and redirect URI', () => {
  it('no other client can redeem it: public, confidential, unknown, none', async () => {
    const [open, secret] = [
      await registerClient(app.origin),
      await registerClient(app.origin, { token_endpoint_auth_method: 'client_secret_post' }),
    ];
    const { request, code } = await getCode();
    for (const [changes, status, error] of [
      [{ client_id: open.clientId }, 400, 'invalid_grant'],
      [{ client_id: secret.clientId, client_secret: secret.clientSecret }, 400, 'invalid_grant'],
      [{ client_id: secret.clientId, client_secret: 'guessed' }, 401, 'invalid_client'],
      [{ client_id: secret.clientId }, 401, 'invalid_client'],
      [{ client_id: 'dyn_unknown' }, 401, 'invalid_client'],
      [{ client_id: undefined }, 400, 'invalid_request'],
    ] as const) {
      expect([changes, await exchange(code, request.verifier, changes)]).toEqual([
        changes,
        { status, error },
      ]);
    }
    expect((await exchange(code, request.verifier, {})).status).toBe(200);
  });

  it.each([
    ['none', undefined],
    ['another of the client', OTHER_REDIRECT],
    ['another port', 'http://127.0.0.1:43211/callback'],
    ['another spelling of the host', 'http://localhost:43210/callback'],
    ['a slash more', 'http://127.0.0.1:43210/callback/'],
    ['a query more', 'http://127.0.0.1:43210/callback?a=b'],
    ['another scheme', 'https://127.0.0.1:43210/callback'],
    ['a fragment more', 'http://127.0.0.1:43210/callback#a'],
  ])('redirect URI: %s', async (_, redirectUri) => {
    const { request, code } = await getCode();
    const refused = await exchange(code, request.verifier, { redirect_uri: redirectUri });
    expect(refused).toEqual({
      status: 400,
      error: expect.stringMatching(/^invalid_(grant|request)$/) as string,
    });
  });
});
