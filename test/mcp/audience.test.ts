import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { hashToken } from '../../server/token.ts';
import { startOAuthApp, type OAuthApp } from '../oauth/support/oauth-app.ts';
import {
  connectClient,
  registerClient,
  type ConnectedClient,
  type ScriptedBrowser,
} from '../support/oauth-client.ts';
import { getCode } from '../faults/token-family.ts';
import { serveMcp, type ServedMcp } from './serve-mcp.ts';

const LIST = { jsonrpc: '2.0', id: 1, method: 'tools/list' };

let app: OAuthApp;
let served: ServedMcp;
let browser: ScriptedBrowser;
let client: ConnectedClient & { tokens: { id_token?: string } };
beforeAll(async () => {
  app = await startOAuthApp();
  served = await serveMcp(app.context);
  browser = await app.openBrowser();
  client = await connectClient(app.origin, browser, {
    metadata: { token_endpoint_auth_method: 'client_secret_post' },
    parameters: { scope: 'openid campaigns:read campaigns:write' },
  });
});
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await app[Symbol.asyncDispose]();
});

const answerTo = (token: string) => served.post(LIST, { authorization: `Bearer ${token}` });

async function expectRefused(token: string): Promise<void> {
  const response = await answerTo(token);
  expect(response.status).toBe(401);
  expect(response.headers.get('www-authenticate')).toMatch(
    /^Bearer error="invalid_token", .*resource_metadata=/,
  );
}

async function setPayload(token: string, change: object): Promise<void> {
  const row = await app.context.db.oidcToken.findUniqueOrThrow({ where: { idHash: hashToken(token) } });
  await app.context.db.oidcToken.update({
    where: { idHash: row.idHash },
    data: { payload: { ...(row.payload as object), ...change } },
  });
}

describe('a token of this server is good for this resource', () => {
  test('and for no other', async () => {
    const { access_token: token } = client.tokens;
    const ours = `${app.origin}/mcp`;
    expect((await answerTo(token)).status).toBe(200);
    const { host, port } = new URL(app.origin);
    const others: unknown[] = [
      'https://other.example/mcp',
      `https://${host}/mcp`,
      `http://127.0.0.2:${port}/mcp`,
      `http://localhost:${port}/mcp`,
      'http://127.0.0.1/mcp',
      `HTTP://${host}/mcp`,
      `${app.origin}/MCP`,
      `${ours}/`,
      `${ours}x`,
      `${ours}/v2`,
      `${ours}?a=b`,
      `${ours}#a`,
      `${app.origin}//mcp`,
      `${app.origin}/x/../mcp`,
      app.origin,
      ` ${ours}`,
      `${ours} https://other.example/mcp`,
      '*',
      '',
      null,
      [ours],
      [ours, 'https://other.example/mcp'],
      { [ours]: true },
    ];
    for (const aud of others) {
      await setPayload(token, { aud });
      await expectRefused(token);
    }
    expect(others.length).toBeGreaterThanOrEqual(22);
    await setPayload(token, { aud: ours });
    expect((await answerTo(token)).status).toBe(200);
  });
});

describe('what is no access token', () => {
  test('an ID token', async () => {
    expect(client.tokens.id_token?.split('.')).toHaveLength(3);
    await expectRefused(client.tokens.id_token!);
  });

  test('a refresh token, a code, a client’s secret, and a browser’s session, whatever their rows say', async () => {
    const { code } = await getCode(await registerClient(app.origin), browser);
    const aud = `${app.origin}/mcp`;
    await setPayload(client.tokens.refresh_token, { aud });
    await setPayload(code, { aud });
    for (const token of [
      client.tokens.refresh_token,
      code,
      client.clientSecret!,
      client.clientId,
      browser.cookies.get('grantcast_session')!,
    ]) {
      await expectRefused(token);
    }
  });

  test.each([
    ['cut short', (token: string) => token.slice(0, -1)],
    ['made longer', (token: string) => `${token}A`],
    ['in another case', (token: string) => token.toUpperCase()],
    ['as its own hash', (token: string) => Buffer.from(hashToken(token)).toString('base64url')],
    ['as the hash in hex', (token: string) => Buffer.from(hashToken(token)).toString('hex')],
  ])('a token %s', async (_, change) => {
    await expectRefused(change(client.tokens.access_token));
  });
});

describe('where a token is read', () => {
  test('in the Authorization header alone', async () => {
    const { access_token: token } = client.tokens;
    const url = served.url;
    const form = new URLSearchParams({ access_token: token });
    for (const [address, init] of [
      [`${url}?access_token=${token}`, {}],
      [`${url}?token=${token}`, {}],
      [url, { headers: { cookie: `access_token=${token}` } }],
      [url, { headers: { 'x-access-token': token } }],
      [url, { headers: { authorization: token } }],
      [url, { headers: { authorization: `DPoP ${token}` } }],
      [url, { headers: { authorization: `Bearer ${token} x` } }],
      [url, { body: form }],
    ] as [string, RequestInit][]) {
      const response = await fetch(address, { method: 'POST', ...init });
      expect([address, response.status]).toEqual([address, 401]);
      expect(response.headers.get('www-authenticate')).not.toContain('error=');
    }
  });

  test('the scheme in any case', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const response = await served.post(LIST, { authorization: `${scheme} ${client.tokens.access_token}` });
      expect(response.status).toBe(200);
    }
  });
});

describe('the connection doctor is told', () => {
  const events = async (kind: string) => {
    await app.context.clientEvents.flush();
    return app.context.db.clientEvent.findMany({ where: { kind }, orderBy: { at: 'asc' } });
  };

  test('why a bearer was refused, and of which connection it was', async () => {
    const theirs = await connectClient(app.origin, browser);
    const connection = await app.context.db.connection.findFirstOrThrow({
      where: { clientId: theirs.clientId },
    });
    const known = { connectionId: connection.id, clientId: theirs.clientId, address: '127.0.0.1' };
    expect((await answerTo(theirs.tokens.access_token)).status).toBe(200);
    expect(await events('first_call')).toContainEqual(
      expect.objectContaining({ ...known, personId: app.owner.person.id }),
    );
    await app.context.db.$executeRaw`
      update oidc_token set expires_at = clock_timestamp() - interval '1 second' where id_hash = ${hashToken(theirs.tokens.access_token)}`;
    expect((await answerTo(theirs.tokens.access_token)).status).toBe(401);
    expect(await events('bearer_expired')).toContainEqual(expect.objectContaining(known));
    await app.context.db.connection.update({
      where: { id: connection.id },
      data: { endsAt: new Date(Date.now() - 1000) },
    });
    expect((await answerTo(theirs.tokens.access_token)).status).toBe(401);
    const ended = await events('bearer_invalid');
    expect(ended).toContainEqual(
      expect.objectContaining({ ...known, reason: 'the connection ended, as a person had set it to' }),
    );
  });

  test('that a token came in the address, and nothing of the token', async () => {
    const { access_token: token } = client.tokens;
    await fetch(`${served.url}?access_token=${token}`, { method: 'POST' });
    const reasons = (await events('bearer_missing')).map(({ reason }) => reason);
    expect(reasons).toContainEqual(expect.stringContaining('came in the address'));
    const rows = JSON.stringify(await app.context.db.clientEvent.findMany());
    expect(rows).not.toContain(token);
  });
});
