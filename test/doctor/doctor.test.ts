import { spawn } from 'node:child_process';
import type { IncomingHttpHeaders } from 'node:http';
import path from 'node:path';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { findExpiry } from '../../server/doctor/check-transport.ts';
import { renderReport, type Finding } from '../../server/doctor/report.ts';
import { runDoctor } from '../../server/doctor/run-doctor.ts';
import { findFreePort } from '../support/free-port.ts';
import { startPersonBot, type PersonBot } from '../support/person-bot.ts';
import { startTestServer, type TestServer } from '../support/test-server.ts';
import { startDistortingProxy, type Distortion, type DistortingProxy } from './distorting-proxy.ts';

const started = new AsyncDisposableStack();
let proxy: DistortingProxy;
let server: TestServer;
let person: PersonBot;
beforeAll(async () => {
  proxy = started.use(await startDistortingProxy());
  const port = String(await findFreePort());
  server = started.use(await startTestServer({ PORT: port, PUBLIC_URL: proxy.url }));
  proxy.leadTo(`http://127.0.0.1:${port}`);
  person = started.use(await startPersonBot(proxy.url));
});
afterAll(() => started.disposeAsync());
beforeEach(() => proxy.distort(null));

const visit = (url: string) => void person.visit(url).catch((error: unknown) => person.problems.push(error));

async function examine(distortion: Distortion | null, hasPerson = false): Promise<string[]> {
  proxy.distort(distortion);
  const findings = await runDoctor({ mcpUrl: `${proxy.url}/mcp`, show: hasPerson ? visit : null });
  return findings.filter(({ state }) => state !== 'ok').map(({ area, what }) => `${area}: ${what}`);
}

describe('a deployment that works', () => {
  it('is found well, and nothing of the examination is left', async () => {
    const findings = await runDoctor({ mcpUrl: `${proxy.url}/mcp`, show: visit });
    expect(person.problems).toEqual([]);
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(findings.length).toBeGreaterThan(40);
    const { db } = server.running.context;
    expect(await db.connection.count({ where: { revokedAt: null } })).toBe(0);
    expect(await db.oidcToken.count({ where: { kind: 'AccessToken' } })).toBe(0);
  });

  it('is examined by the command, which ends with 0', async () => {
    const { code, output } = await runCommand(`${proxy.url}/`, '--no-sign-in');
    expect(output).toContain('0 warnings, 0 failures');
    expect(code).toBe(0);
  });
});

const without = (headers: IncomingHttpHeaders, name: string) =>
  Object.fromEntries(Object.entries(headers).filter(([one]) => one !== name));
/** An answer to a preflight is no document. */
const inJson = (body: string, changes: Record<string, unknown>) =>
  body && JSON.stringify({ ...(JSON.parse(body) as object), ...changes });

describe('what is wrong is found', () => {
  const faults: { fault: string; found: string; distortion: Distortion }[] = [
    {
      fault: 'the challenge header is dropped',
      found: 'Challenge: it names the metadata, by which most clients begin',
      distortion: ({ path: at, headers }) =>
        at === '/mcp' ? { headers: without(headers, 'www-authenticate') } : null,
    },
    {
      fault: 'the proxy wants a login of its own',
      found: 'Challenge: a call without a token is answered with 401',
      distortion: ({ path: at }) => (at === '/mcp' ? { status: 403, body: 'no' } : null),
    },
    {
      fault: 'the path of the resource metadata is 404',
      found: 'Metadata: /.well-known/oauth-protected-resource/mcp describes the resource',
      distortion: ({ path: at }) =>
        at === '/.well-known/oauth-protected-resource/mcp' ? { status: 404, body: 'Not found' } : null,
    },
    {
      fault: 'the resource has another name',
      found: 'Metadata: ... as the address that people type',
      distortion: ({ path: at, body }) =>
        at.startsWith('/.well-known/oauth-protected-resource')
          ? { body: inJson(body, { resource: `${proxy.url}/mcp/` }) }
          : null,
    },
    {
      fault: 'the issuer has a slash too many',
      found: 'Metadata: ... under the issuer that the resource names',
      distortion: ({ path: at, body }) =>
        at === '/.well-known/oauth-authorization-server'
          ? { body: inJson(body, { issuer: `${proxy.url}/` }) }
          : null,
    },
    {
      fault: 'the endpoints are http behind TLS',
      found: 'Metadata: all endpoints lie under the issuer',
      distortion: ({ path: at, body }) =>
        at === '/.well-known/oauth-authorization-server'
          ? { body: inJson(body, { userinfo_endpoint: 'http://internal:3000/userinfo' }) }
          : null,
    },
    {
      fault: 'PKCE is announced with plain',
      found: 'Metadata: it announces PKCE with S256 alone',
      distortion: ({ path: at, body }) =>
        at === '/.well-known/oauth-authorization-server'
          ? { body: inJson(body, { code_challenge_methods_supported: ['S256', 'plain'] }) }
          : null,
    },
    {
      fault: 'the proxy answers preflights itself',
      found: 'Browser clients (CORS): POST /token may be called from any page',
      distortion: ({ method }) => (method === 'OPTIONS' ? { status: 405, headers: {}, body: '' } : null),
    },
    {
      fault: 'registration takes everything',
      found: 'Registration: a redirect to javascript:alert(1) is refused',
      distortion: ({ path: at, status }) =>
        at === '/register' && status === 400 ? { status: 201, body: '{"client_id":"x"}' } : null,
    },
    {
      fault: 'registration is closed',
      found: 'Registration: a client that nobody knows may register',
      distortion: ({ path: at, method }) =>
        at === '/register' && method === 'POST' ? { status: 403, body: '{}' } : null,
    },
    {
      fault: 'PKCE with plain is accepted',
      found: 'PKCE and redirects: PKCE with the method plain is refused',
      distortion: ({ path: at, query }) =>
        at === '/authorize' && query.get('code_challenge_method') === 'plain'
          ? { status: 303, headers: { location: '/interaction/x' }, body: '' }
          : null,
    },
    {
      fault: 'any redirect URI is accepted',
      found: 'PKCE and redirects: a redirect URI that was not registered is refused',
      distortion: ({ path: at, status }) => (at === '/authorize' && status === 400 ? { status: 200 } : null),
    },
  ];

  it.each(faults)('$fault', async ({ found, distortion }) => {
    expect(await examine(distortion)).toContain(found);
  });

  it('the second of two refreshes is refused', async () => {
    const seen = new Set<string>();
    const found = await examine(({ path: at, sent }) => {
      if (at !== '/token' || !sent.includes('grant_type=refresh_token')) return null;
      const isSecond = seen.has(sent);
      seen.add(sent);
      return isSecond ? { status: 400, body: '{"error":"invalid_grant"}' } : null;
    }, true);
    expect(found).toEqual(['Refresh: two refreshes at once both succeed']);
  });

  it('a race ends the connection', async () => {
    const seen = new Set<string>();
    let isRaced = false;
    const found = await examine(({ path: at, sent }) => {
      if (at !== '/token' || !sent.includes('grant_type=refresh_token')) return null;
      isRaced ||= seen.has(sent);
      seen.add(sent);
      return isRaced ? { status: 400, body: '{"error":"invalid_grant"}' } : null;
    }, true);
    expect(found).toContain('Refresh: and the connection lives on after that');
  });

  it('the issuer is cut from the answer', async () => {
    const found = await examine(
      ({ body }) => ({ body: body.replaceAll(/&(?:amp;)?iss=[^"&<]*/g, '') }),
      true,
    );
    expect(found).toEqual(['Sign-in: and with the issuer (RFC 9207)']);
  });

  it('calls of one protocol line do not get through', async () => {
    const found = await examine(
      ({ sent }) => (sent.includes('"initialize"') ? { status: 502, body: 'Bad gateway' } : null),
      true,
    );
    expect(found).toEqual(['Tool calls: a client of 2025-11-25 lists the tools and calls one']);
  });

  it('revoking is refused', async () => {
    const found = await examine(
      ({ path: at }) => (at === '/revoke' ? { status: 404, body: '{}' } : null),
      true,
    );
    expect(found).toContain('Revocation: the connection of this examination is revoked again');
  });

  it('nothing answers at all', async () => {
    const findings = await runDoctor({ mcpUrl: 'http://127.0.0.1:9/mcp', show: null });
    expect(findings.some(({ state }) => state === 'fail')).toBe(true);
  });

  it('and the command ends with 1', async () => {
    expect((await runCommand('http://127.0.0.1:9/mcp', '--no-sign-in')).code).toBe(1);
    expect((await runCommand('not an address')).output).toContain('npm run doctor -- URL');
  });
});

it('a certificate is good, near its end, or over', () => {
  const now = Date.parse('2026-06-01T00:00:00Z');
  expect(findExpiry('Jul 15 00:00:00 2026 GMT', now)).toBeNull();
  expect(findExpiry('Jun 05 00:00:00 2026 GMT', now)).toBe('it ends in 4 days');
  expect(findExpiry('May 31 00:00:00 2026 GMT', now)).toContain('it ended');
});

it('the table says what holds, what was seen and what to do', () => {
  const findings: Finding[] = [
    { area: 'A', what: 'this holds', state: 'ok' },
    { area: 'A', what: 'that does not', state: 'fail', problem: 'a hole', advice: 'fill it' },
  ];
  expect(renderReport(findings)).toBe(
    [
      '',
      'A',
      '  ok    this holds',
      '  fail  that does not',
      '        seen: a hole',
      '        do:   fill it',
      '',
      '1 ok, 0 warnings, 1 failures',
    ].join('\n'),
  );
});

async function runCommand(...args: string[]): Promise<{ code: number | null; output: string }> {
  const main = path.resolve(import.meta.dirname, '../../server/doctor/main.ts');
  const child = spawn(process.execPath, [main, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const [output, errors, code] = await Promise.all([
    child.stdout.setEncoding('utf8').toArray(),
    child.stderr.setEncoding('utf8').toArray(),
    new Promise<number | null>((resolve) => child.once('exit', resolve)),
  ]);
  return { code, output: output.join('') + errors.join('') };
}
