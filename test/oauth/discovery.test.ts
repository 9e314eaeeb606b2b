import http from 'node:http';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { loadSigningKeys } from '../../server/oauth/signing-keys.ts';
import { SCOPES } from '../../server/scopes.ts';
import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';

let app: OAuthApp;
beforeAll(async () => {
  app = await startOAuthApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(`${app.origin}${path}`, { headers, redirect: 'manual' });

/** With headers that fetch does not let us set, and a path as it is. */
function getRaw(path: string, headers: Record<string, string> = {}): Promise<number> {
  const { hostname, port } = new URL(app.origin);
  return new Promise((resolve, reject) => {
    http
      .get({ hostname, port, path, headers }, (response) => {
        response.resume();
        resolve(response.statusCode!);
      })
      .on('error', reject);
  });
}

const SERVER_PATHS = [
  '/.well-known/oauth-authorization-server',
  '/.well-known/oauth-authorization-server/mcp',
  '/.well-known/oauth-authorization-server/mcp/',
  '/.well-known/openid-configuration',
  '/.well-known/openid-configuration/mcp',
  '/mcp/.well-known/openid-configuration',
  '/mcp/.well-known/oauth-authorization-server',
];

describe('metadata of the authorization server', () => {
  it.each(SERVER_PATHS)('at %s', async (path) => {
    const response = await get(path, { origin: 'https://inspector.example' });
    expect(response.status).toBe(200);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toMatchObject({
      issuer: app.origin,
      authorization_endpoint: `${app.origin}/authorize`,
      token_endpoint: `${app.origin}/token`,
      registration_endpoint: `${app.origin}/register`,
      revocation_endpoint: `${app.origin}/revoke`,
      jwks_uri: `${app.origin}/jwks`,
      scopes_supported: [...SCOPES, 'offline_access'],
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none', 'client_secret_basic', 'client_secret_post'],
      authorization_response_iss_parameter_supported: true,
    });
  });

  it('names nothing that is turned off', async () => {
    const metadata = (await (await get(SERVER_PATHS[0]!)).json()) as Record<string, unknown>;
    for (const name of [
      'client_id_metadata_document_supported',
      'pushed_authorization_request_endpoint',
      'dpop_signing_alg_values_supported',
      'introspection_endpoint',
      'userinfo_endpoint',
      'end_session_endpoint',
      'device_authorization_endpoint',
    ]) {
      expect([name, metadata[name]]).toEqual([name, undefined]);
    }
  });

  it('shows the public half of a key that is sealed at rest', async () => {
    const { keys } = (await (await get('/jwks')).json()) as { keys: Record<string, unknown>[] };
    expect(keys).toEqual([
      expect.objectContaining({ kty: 'RSA', alg: 'RS256', use: 'sig', kid: expect.any(String) }),
    ]);
    expect(keys[0]).not.toHaveProperty('d');
    const [row] = await app.context.db.signingKey.findMany();
    expect(row?.id).toBe(keys[0]!['kid']);
    expect(Buffer.from(row!.sealed).includes('"d"')).toBe(false);
  });
});

describe('signing keys', () => {
  it('are made once, by however many processes that start together', async () => {
    await app.context.db.signingKey.deleteMany();
    const loaded = await Promise.all([1, 2, 3, 4].map(() => loadSigningKeys(app.context)));
    expect(new Set(loaded.flat().map(({ kid }) => kid)).size).toBe(1);
    expect(await loadSigningKeys(app.context)).toEqual(loaded[0]);
  });
});

describe('metadata of the protected resource', () => {
  it.each([
    ['/.well-known/oauth-protected-resource', '/mcp'],
    ['/.well-known/oauth-protected-resource/mcp', '/mcp'],
    ['/.well-known/oauth-protected-resource/mcp/', '/mcp/'],
    ['/mcp/.well-known/oauth-protected-resource', '/mcp'],
  ])('at %s is for %s', async (path, resource) => {
    const response = await get(path, { origin: 'https://inspector.example' });
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(await response.json()).toEqual({
      resource: `${app.origin}${resource}`,
      authorization_servers: [app.origin],
      scopes_supported: [...SCOPES],
      bearer_methods_supported: ['header'],
      resource_name: 'Grantcast',
    });
  });
});

describe('CORS', () => {
  it.each([
    '/token',
    '/revoke',
    '/jwks',
    '/register',
    ...SERVER_PATHS,
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-protected-resource/mcp',
    '/.well-known/oauth-protected-resource/mcp/',
    '/mcp/.well-known/oauth-protected-resource',
  ])('preflight of %s', async (path) => {
    const response = await fetch(`${app.origin}${path}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://inspector.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type,mcp-protocol-version',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-headers')).toBe('content-type,mcp-protocol-version');
    expect(response.headers.get('access-control-allow-credentials')).toBeNull();
  });

  it.each(['/authorize', '/interaction/aaaaaaaaaaaaaaaaaaaaa'])('none on %s', async (path) => {
    const response = await get(path, { origin: 'https://inspector.example' });
    expect(response.headers.get('access-control-allow-origin')).toBeNull();
  });
});

describe('the path guard', () => {
  const RESOURCE_PATHS = [
    '/.well-known/oauth-protected-resource',
    '/.well-known/oauth-protected-resource/mcp',
    '/mcp/.well-known/oauth-protected-resource',
  ];
  const NAMES = [
    '/authorize',
    '/authorize/abcdefghijklm',
    '/interaction/abcdefghijklm',
    '/token',
    '/register',
    '/revoke',
    '/jwks',
    ...SERVER_PATHS.filter((path) => !path.endsWith('/')),
    ...RESOURCE_PATHS,
  ];
  /** Each is how somebody might hope to reach a path past whatever compares it. */
  const spell = (path: string): string[] => [
    ...(path.endsWith('/mcp') && path.startsWith('/.') ? [] : [`${path}/`]),
    `${path}//`,
    `${path}/.`,
    `${path}/x/..`,
    `/${path}`,
    `/.${path}`,
    `/x/..${path}`,
    path.replace(/[a-z]/, (letter) => letter.toUpperCase()),
    path.toUpperCase(),
    path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
    `${path}%2f`,
    `${path}%2F%2e`,
    `/\\${path.slice(1)}`,
  ];

  it.each(NAMES)('knows %s by this spelling only', async (path) => {
    const host = { host: new URL(app.origin).host };
    for (const spelling of spell(path)) {
      expect([spelling, await getRaw(spelling, host)]).toEqual([spelling, 404]);
    }
  });

  it.each(['/Register', '/register/', '//register', '/%72egister', '/TOKEN', '/revoke/'])(
    'does nothing for a POST to %s, and opens it to no origin',
    async (path) => {
      const before = await app.context.db.client.count();
      const response = await fetch(`${app.origin}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'https://inspector.example' },
        body: JSON.stringify({ redirect_uris: ['https://a.example/cb'] }),
      });
      expect([response.status, response.headers.get('access-control-allow-origin')]).toEqual([404, null]);
      expect(await app.context.db.client.count()).toBe(before);
    },
  );

  it('lets what it knows through', async () => {
    const known = [...SERVER_PATHS, ...RESOURCE_PATHS, '/.well-known/oauth-protected-resource/mcp/', '/jwks'];
    for (const path of known) expect([path, (await get(path)).status]).toEqual([path, 200]);
  });

  it('answers under its own name only', async () => {
    for (const path of [
      ...SERVER_PATHS,
      '/authorize',
      '/jwks',
      '/.well-known/oauth-protected-resource/mcp',
    ]) {
      expect([path, await getRaw(path, { host: 'evil.example' })]).toEqual([path, 421]);
    }
    const honest = await get(SERVER_PATHS[0]!, { 'x-forwarded-host': 'evil.example' });
    expect(await honest.text()).not.toContain('evil');
  });

  it('leaves other paths to others', async () => {
    expect(await getRaw('/', { host: 'evil.example' })).toBe(404);
  });
});

describe('the steps of a client', () => {
  const findEvents = async (kind: string) => {
    await app.context.clientEvents.flush();
    return app.context.db.clientEvent.findMany({ where: { kind, address: '127.0.0.1' } });
  };

  it('reading metadata is one of them', async () => {
    await get('/.well-known/oauth-protected-resource/mcp');
    await get(SERVER_PATHS[0]!);
    // The same again within a minute is no news.
    expect(await findEvents('metadata_read')).toHaveLength(1);
  });

  it('so is looking where nothing is', async () => {
    const wrong = ['/.well-known/oauth-authorization-server/api', '/oauth/token', '/sse', '/rEgister'];
    const other = ['/favicon.ico', '/.well-known/security.txt', '/wp-login.php'];
    for (const path of [...wrong, ...other]) expect([path, (await get(path)).status]).toEqual([path, 404]);
    const reasons = (await findEvents('wrong_path')).map(({ reason }) => reason);
    expect(reasons).toEqual(expect.arrayContaining(wrong.map((path) => `GET ${path}`)));
    for (const path of other) expect(reasons).not.toContain(`GET ${path}`);
  });
});
