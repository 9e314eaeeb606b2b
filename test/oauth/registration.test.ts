import { readFileSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { startOAuthApp, type OAuthApp } from './support/oauth-app.ts';

interface Registration {
  name: string;
  expect: number;
  body: Record<string, unknown>;
}

const { bodies } = JSON.parse(readFileSync(new URL('registration-bodies.json', import.meta.url), 'utf8')) as {
  bodies: Registration[];
};

let app: OAuthApp;
beforeAll(async () => {
  app = await startOAuthApp();
});
afterAll(() => app[Symbol.asyncDispose]());

const register = (body: unknown) =>
  fetch(`${app.origin}/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });

describe('POST /register', () => {
  it('has fifteen bodies to accept and three to refuse', () => {
    expect(bodies.map((body) => body.expect).toSorted()).toEqual([
      ...Array(15).fill(201),
      ...Array(3).fill(400),
    ]);
  });

  it.each(bodies)('$name: $expect', async ({ expect: status, body }) => {
    const response = await register(body);
    const answer = (await response.json()) as Record<string, unknown>;
    expect([response.status, answer['error']]).toEqual([
      status,
      status === 400 ? 'invalid_redirect_uri' : undefined,
    ]);
    if (status === 400) return;
    expect(answer['redirect_uris']).toEqual(body['redirect_uris']);
    expect(answer['grant_types']).toEqual(['authorization_code', 'refresh_token']);
    expect(answer).not.toHaveProperty('scope');
    const wantsSecret = body['token_endpoint_auth_method'] !== 'none';
    expect(typeof answer['client_secret']).toBe(wantsSecret ? 'string' : 'undefined');
  });

  it.each(['private_key_jwt', 'client_secret_jwt', 'tls_client_auth', 'made_up'])(
    'gives a secret to a client that wants %s, and reads no keys of it',
    async (method) => {
      const answer = (await (
        await register({
          redirect_uris: ['https://a.example/cb'],
          token_endpoint_auth_method: method,
          jwks_uri: 'https://127.0.0.1/jwks',
          sector_identifier_uri: 'https://127.0.0.1/sector',
        })
      ).json()) as Record<string, unknown>;
      expect(answer['client_secret']).toEqual(expect.any(String));
      expect(answer['token_endpoint_auth_method']).toBe('client_secret_basic');
      for (const name of ['jwks', 'jwks_uri', 'sector_identifier_uri'])
        expect(answer).not.toHaveProperty(name);
    },
  );

  it('keeps secrets as hashes', async () => {
    const answer = (await (await register({ redirect_uris: ['https://a.example/cb'] })).json()) as {
      client_id: string;
      client_secret: string;
    };
    const client = await app.context.db.client.findUniqueOrThrow({ where: { id: answer.client_id } });
    expect(JSON.stringify(client.payload)).not.toContain(answer.client_secret);
    expect(JSON.stringify(client.payload)).toContain('sha256:');
  });

  it.each(['evil://callback', 'https://user@a.example/cb', 'http://example.com/cb', 'mailto:a@a.example'])(
    'refuses the redirect URI %s among good ones',
    async (uri) => {
      const response = await register({ redirect_uris: ['http://127.0.0.1/cb', uri] });
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { error: 'invalid_redirect_uri' },
      ]);
    },
  );

  it.each([
    ['no JSON', 'redirect_uris=x', 400],
    ['a list', '[]', 400],
    ['null', 'null', 400],
    [
      'more than 16 KiB',
      JSON.stringify({ redirect_uris: ['https://a.example/cb'], client_name: 'x'.repeat(17_000) }),
      413,
    ],
  ])('refuses %s', async (_name, body, status) => {
    expect((await register(body)).status).toBe(status);
  });

  it.each([
    ['NUL', 'a\0b'],
    ['half a surrogate pair', 'a\ud800b'],
    ['the other half', '\udc00'],
  ])('refuses what the database cannot keep: %s', async (_name, name) => {
    for (const body of [{ client_name: name }, { software_id: name }, { extra: { deep: [name] } }]) {
      const response = await register({ redirect_uris: ['https://a.example/cb'], ...body });
      expect([response.status, await response.json()]).toMatchObject([
        400,
        { error: 'invalid_client_metadata' },
      ]);
    }
  });

  it('keeps where a client came from, and notes who was accepted and who was not, and why', async () => {
    const accepted = (await (await register({ redirect_uris: ['https://a.example/cb'] })).json()) as {
      client_id: string;
    };
    await register({ redirect_uris: ['http://192.168.7.7/cb'] });
    await register('{"redirect_uris":');
    const client = await app.context.db.client.findUniqueOrThrow({ where: { id: accepted.client_id } });
    expect(client.address).toBe('127.0.0.1');
    await app.context.clientEvents.flush();
    const noted = await app.context.db.clientEvent.findMany({
      where: { OR: [{ clientId: accepted.client_id }, { kind: 'registration_refused' }] },
    });
    expect(noted).toContainEqual(
      expect.objectContaining({ kind: 'registered', clientId: accepted.client_id, address: '127.0.0.1' }),
    );
    expect(noted).toContainEqual(
      expect.objectContaining({
        kind: 'registration_refused',
        address: '127.0.0.1',
        reason: expect.stringMatching(/^invalid_redirect_uri: redirect_uris may use http with localhost/),
      }),
    );
    expect(noted.some(({ reason }) => reason?.startsWith('invalid_request'))).toBe(true);
  });

  it('counts a whole /64 of IPv6 as one address, and another one by itself', async () => {
    await using proxied = await startOAuthApp({ TRUST_PROXY: 'true' });
    const registerFrom = (address: string) =>
      fetch(`${proxied.origin}/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
        body: JSON.stringify({ redirect_uris: ['https://a.example/cb'] }),
      });
    expect((await registerFrom('2001:db8:1:2::1')).status).toBe(201);
    await proxied.context.db.$executeRaw`
      update rate_limit set points = 100 where key like 'register_address%'`;
    expect((await registerFrom('2001:db8:1:2:ffff:ffff:ffff:ffff')).status).toBe(429);
    expect((await registerFrom('2001:db8:1:3::1')).status).toBe(201);
    expect((await registerFrom('192.0.2.1')).status).toBe(201);
    await proxied.context.db.$executeRaw`
      update rate_limit set points = 2000 where key like 'register_server%'`;
    expect((await registerFrom('192.0.2.2')).status).toBe(429);
  });

  it('answers CORS preflights of any origin', async () => {
    const response = await fetch(`${app.origin}/register`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://inspector.example',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-headers')).toBe('content-type');
  });

  it('stops one address after a hundred within an hour', async () => {
    const before = await app.context.db.rateLimit.findFirstOrThrow({
      where: { key: { startsWith: 'register_address' } },
    });
    const answers: Response[] = [];
    for (let count = before.points; count <= 100; count += 1) {
      answers.push(await register({ redirect_uris: ['javascript:alert(1)'] }));
    }
    expect(answers.at(-2)?.status).toBe(400);
    expect(answers.at(-1)?.status).toBe(429);
    expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
  });
});
