import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { SCOPES, PRESETS } from '../../server/scopes.ts';
import { approve, connectClient, registerClient, type ScriptedBrowser } from '../support/oauth-client.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';

let app: OAuthApp;
let browser: ScriptedBrowser;
beforeAll(async () => {
  app = await startOAuthApp();
  browser = await app.openBrowser();
});
afterAll(() => app[Symbol.asyncDispose]());

const scopesOf = (preset: string) => PRESETS.find(({ id }) => id === preset)!.scopes;

describe('connecting', () => {
  it('gives a token that names what the preselected preset grants', async () => {
    const { tokens, clientId } = await connectClient(app.origin, browser);
    expect(tokens).toMatchObject({ token_type: 'Bearer', expires_in: 3600 });
    expect(tokens.scope.split(' ').toSorted()).toEqual([...scopesOf('schedule')].toSorted());
    expect(await app.judge(tokens.access_token)).toBe('ok');
    const connection = await app.context.db.connection.findFirstOrThrow({ where: { clientId } });
    expect(connection).toMatchObject({
      teamId: app.owner.team.id,
      personId: app.owner.person.id,
      clientName: 'Scripted editor',
      redirectHost: '127.0.0.1',
      scopes: scopesOf('schedule'),
    });
  });

  it.each(PRESETS)('grants $id as chosen', async ({ id, scopes }) => {
    const { tokens } = await connectClient(app.origin, browser, { preset: id });
    expect(tokens.scope.split(' ').toSorted()).toEqual([...scopes].toSorted());
  });

  it('never grants more than was asked for', async () => {
    const { tokens, clientId } = await connectClient(app.origin, browser, {
      preset: 'publish',
      parameters: { scope: 'campaigns:read captions:write unknown:thing' },
    });
    expect(tokens.scope.split(' ').toSorted()).toEqual(['campaigns:read', 'captions:write']);
    const { scopes } = await app.context.db.connection.findFirstOrThrow({ where: { clientId } });
    expect(scopes).toEqual(['campaigns:read', 'captions:write']);
  });

  it.each([
    ['nothing', null],
    ['nothing that is known', 'claudeai email profile'],
    ['only protocol scopes', 'openid offline_access'],
  ])('offers the default set to a client that asks for %s', async (_name, scope) => {
    const { tokens } = await connectClient(app.origin, browser, { preset: 'publish', parameters: { scope } });
    expect(tokens.scope.split(' ').toSorted()).toEqual([...SCOPES].toSorted());
    expect(typeof tokens.refresh_token).toBe('string');
  });

  it.each([
    ['left out', null],
    ['the bare origin', ''],
    ['the origin with a slash', '/'],
    ['with a slash', '/mcp/'],
    ['as it is', '/mcp'],
  ])('takes the resource %s, at both endpoints', async (_name, path) => {
    const resource = path === null ? null : `${app.origin}${path}`;
    const client = await registerClient(app.origin);
    const request = client.startAuthorization({ resource });
    const back = await approve(browser, request.url);
    const answer = await client.exchange(
      back.searchParams.get('code')!,
      request,
      resource ? { resource } : {},
    );
    const { access_token: token } = (await answer.json()) as { access_token: string };
    expect(await app.judge(token)).toBe('ok');
  });

  it('refuses a foreign resource and does not burn the code over it', async () => {
    const client = await registerClient(app.origin);
    const foreign = await approve(
      browser,
      client.startAuthorization({ resource: 'https://other.example/mcp' }).url,
    );
    expect(foreign.searchParams.get('error')).toBe('invalid_target');
    const request = client.startAuthorization();
    const code = (await approve(browser, request.url)).searchParams.get('code')!;
    const refused = await client.exchange(code, request, { resource: 'https://other.example/mcp' });
    expect([refused.status, ((await refused.json()) as { error: string }).error]).toEqual([
      400,
      'invalid_target',
    ]);
    expect((await client.exchange(code, request)).status).toBe(200);
  });

  it('makes a connection and a family of its own at every authorization; the installation’s one before ends', async () => {
    const client = await registerClient(app.origin);
    for (let count = 0; count < 2; count += 1) {
      const request = client.startAuthorization();
      const back = await approve(browser, request.url);
      expect((await client.exchange(back.searchParams.get('code')!, request)).status).toBe(200);
    }
    const connections = await app.context.db.connection.findMany({
      where: { clientId: client.clientId },
      include: { families: true },
      orderBy: { createdAt: 'asc' },
    });
    expect(connections.map(({ families, revokedAt }) => [families.length, revokedAt !== null])).toEqual([
      [0, true],
      [1, false],
    ]);
  });

  it('answers state and issuer, on success and on refusal', async () => {
    const client = await registerClient(app.origin);
    for (const decision of ['Allow', 'Deny'] as const) {
      const request = client.startAuthorization();
      const back = await approve(browser, request.url, { decision });
      expect(back.searchParams.get('state')).toBe(request.state);
      expect(back.searchParams.get('iss')).toBe(app.origin);
      expect(back.searchParams.get('error')).toBe(decision === 'Deny' ? 'access_denied' : null);
      expect(back.searchParams.has('code')).toBe(decision === 'Allow');
    }
    expect(await app.context.db.connection.count({ where: { clientId: client.clientId } })).toBe(1);
  });

  it('lets a confidential client in with its secret and not without', async () => {
    const { tokens, ...client } = await connectClient(app.origin, browser, {
      metadata: { token_endpoint_auth_method: 'client_secret_post' },
    });
    expect((await client.refresh(tokens.refresh_token, { client_secret: 'wrong' })).status).toBe(401);
    expect((await client.refresh(tokens.refresh_token)).status).toBe(200);
  });

  it('takes any port of this computer from a native client (RFC 8252, 7.3), but no other path', async () => {
    const client = await registerClient(app.origin);
    const request = client.startAuthorization({ redirect_uri: 'http://127.0.0.1:1/callback' });
    expect((await approve(browser, request.url)).href).toMatch(/^http:\/\/127\.0\.0\.1:1\/callback\?/);
    const other = await browser.open(
      client.startAuthorization({ redirect_uri: 'http://127.0.0.1:1/other' }).url,
    );
    expect([other.status, other.leavesFor]).toEqual([400, null]);
    expect(other.html).toContain('unknown address');
  });
});

describe('PKCE', () => {
  it.each([
    ['without a challenge', { code_challenge: null, code_challenge_method: null }],
    ['with the plain method', { code_challenge_method: 'plain' }],
  ])('refuses a request %s', async (_name, parameters) => {
    const client = await registerClient(app.origin);
    const back = await approve(browser, client.startAuthorization(parameters).url);
    expect(back.searchParams.get('error')).toBe('invalid_request');
  });

  it('refuses another verifier, also of a confidential client', async () => {
    for (const metadata of [{}, { token_endpoint_auth_method: 'client_secret_post' }]) {
      const client = await registerClient(app.origin, metadata);
      const request = client.startAuthorization();
      const code = (await approve(browser, request.url)).searchParams.get('code')!;
      const refused = await client.exchange(code, { ...request, verifier: 'x'.repeat(43) });
      expect([refused.status, ((await refused.json()) as { error: string }).error]).toEqual([
        400,
        'invalid_grant',
      ]);
    }
  });
});
