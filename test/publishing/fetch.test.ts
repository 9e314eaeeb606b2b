import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createGuardedFetch, type AddressLookup } from '../../server/fetch.ts';

/** What DNS answers in these tests, by name. */
const ADDRESSES: Record<string, string[]> = {
  'loopback.example': ['127.0.0.1'],
  'loopback6.example': ['::1'],
  'private.example': ['10.0.0.7'],
  'home.example': ['192.168.1.1'],
  'metadata.example': ['169.254.169.254'],
  'agent.example': ['168.63.129.16'],
  'mapped.example': ['::ffff:127.0.0.1'],
  'nat64.example': ['64:ff9b::7f00:1'],
  'ula.example': ['fd00::1'],
  'mixed.example': ['93.184.216.34', '127.0.0.1'],
  'mixed6.example': ['2606:4700::1', 'fe80::1'],
  'empty.example': [],
  'zero.example': ['0.0.0.0'],
};

const REFUSED_URLS = [
  // Schemes and credentials
  'http://example.com/',
  'ftp://example.com/',
  'file:///etc/passwd',
  'data:text/plain,hello',
  'blob:https://example.com/1',
  'javascript:alert(1)',
  'gopher://example.com/',
  'ws://example.com/',
  'https://user@example.com/',
  'https://user:password@example.com/',
  'https://example.com@127.0.0.1/',
  // Ports
  'https://example.com:22/',
  'https://example.com:3306/',
  'https://example.com:5432/',
  'https://example.com:6379/',
  'https://example.com:8080/',
  'https://example.com:65535/',
  // Loopback in all its spellings
  'https://127.0.0.1/',
  'https://127.0.0.1:80/',
  'https://127.1/',
  'https://127.0.1/',
  'https://2130706433/',
  'https://0x7f000001/',
  'https://0x7f.0.0.1/',
  'https://0177.0.0.1/',
  'https://017700000001/',
  'https://127.255.255.254/',
  'https://0.0.0.0/',
  'https://0/',
  'https://[::1]/',
  'https://[::]/',
  'https://[0:0:0:0:0:0:0:1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:7f00:1]/',
  'https://[::127.0.0.1]/',
  'https://１２７.０.０.１/',
  'https://127。0。0。1/',
  'https://localhost/',
  'https://localhost./',
  'https://LOCALHOST/',
  'https://intranet/',
  // Private, link-local, shared, documentation, multicast, reserved
  'https://10.0.0.1/',
  'https://10.255.255.255/',
  'https://172.16.0.1/',
  'https://172.31.255.255/',
  'https://192.168.0.1/',
  'https://169.254.169.254/latest/meta-data/',
  'https://169.254.170.2/',
  'https://0xa9fea9fe/',
  'https://2852039166/',
  'https://100.64.0.1/',
  'https://192.0.0.1/',
  'https://192.0.2.1/',
  'https://198.18.0.1/',
  'https://198.51.100.1/',
  'https://203.0.113.1/',
  'https://224.0.0.1/',
  'https://240.0.0.1/',
  'https://255.255.255.255/',
  'https://168.63.129.16/',
  'https://[fe80::1]/',
  'https://[fc00::1]/',
  'https://[fd12:3456:789a::1]/',
  'https://[ff02::1]/',
  'https://[2001:db8::1]/',
  'https://[64:ff9b::7f00:1]/',
  'https://[2002:7f00:1::]/',
  'https://[::ffff:169.254.169.254]/',
  'https://[::ffff:a83f:8110]/',
  // Names that lead there
  ...Object.keys(ADDRESSES).map((name) => `https://${name}/`),
];

const stub: AddressLookup = (hostname, callback) => {
  const addresses = ADDRESSES[hostname] ?? ['93.184.216.34'];
  callback(
    null,
    addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
  );
};

describe('what is refused', () => {
  const guarded = createGuardedFetch([], stub);
  afterAll(() => guarded.close());

  test('the corpus is large enough', () => expect(REFUSED_URLS.length).toBeGreaterThanOrEqual(60));

  test.each(REFUSED_URLS)('%s', async (url) => {
    const error = await guarded(url, { timeoutMs: 2_000 }).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    const reason = error?.cause ?? error;
    expect(reason).toMatchObject({ code: 'refused_url' });
  });
});

describe('a public address', () => {
  test.each([
    'https://example.com/',
    'https://93.184.216.34/',
    'https://[2606:4700::1]/',
    'https://example.com:443/',
  ])('%s is tried', async (url) => {
    const guarded = createGuardedFetch([], stub);
    const controller = new AbortController();
    controller.abort(new Error('it went as far as connecting'));
    await expect(guarded(url, { signal: controller.signal })).rejects.toThrow('it went as far as connecting');
    await guarded.close();
  });
});

describe('a host that is allowed', () => {
  let server: Server;
  let port: number;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/redirect') response.writeHead(302, { location: 'https://example.com/' }).end();
      else if (request.url === '/large') response.end('x'.repeat(5_000));
      else if (request.url === '/stream') {
        response.write('x'.repeat(3_000));
        setImmediate(() => response.end('x'.repeat(3_000)));
      } else if (request.url === '/never') response.write('a');
      else response.end('hello');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('answers by http on its port', async () => {
    const guarded = createGuardedFetch([`127.0.0.1:${port}`]);
    const response = await guarded(`http://127.0.0.1:${port}/`);
    expect([response.status, await response.text()]).toEqual([200, 'hello']);
    await guarded.close();
  });

  test('is allowed on no other port', async () => {
    const guarded = createGuardedFetch([`127.0.0.1:${port + 1}`]);
    await expect(guarded(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'refused_url' });
    await guarded.close();
  });

  test('may not redirect', async () => {
    const guarded = createGuardedFetch(['127.0.0.1']);
    await expect(guarded(`http://127.0.0.1:${port}/redirect`)).rejects.toThrow();
    await guarded.close();
  });

  test.each(['/large', '/stream'])('is read no further than the cap: %s', async (path) => {
    const guarded = createGuardedFetch(['127.0.0.1']);
    const read = async () => (await guarded(`http://127.0.0.1:${port}${path}`, { maxBytes: 4_000 })).text();
    await expect(read()).rejects.toMatchObject({ code: 'too_large' });
    await guarded.close();
  });

  test('is waited for no longer than the cap, body included', async () => {
    const guarded = createGuardedFetch(['127.0.0.1']);
    const read = async () => (await guarded(`http://127.0.0.1:${port}/never`, { timeoutMs: 100 })).text();
    await expect(read()).rejects.toMatchObject({ name: 'TimeoutError' });
    await guarded.close();
  });
});
