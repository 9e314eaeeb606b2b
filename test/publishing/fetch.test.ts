import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { createGuardedFetch } from '../../server/fetch.ts';
import { answerLookup, REFUSED_URLS } from '../support/refused-urls.ts';

describe('what is refused', () => {
  const guarded = createGuardedFetch([], answerLookup);
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
    const guarded = createGuardedFetch([], answerLookup);
    const controller = new AbortController();
    controller.abort(new Error('it went as far as connecting'));
    await expect(guarded(url, { signal: controller.signal })).rejects.toThrow('it went as far as connecting');
    await guarded.close();
  });
});

describe('a host that is allowed', () => {
  let server: Server;
  let port: number;
  let misdirected = 0;

  beforeAll(async () => {
    server = createServer((request, response) => {
      if (request.url === '/redirect') response.writeHead(302, { location: 'https://example.com/' }).end();
      else if (request.url === '/misdirected') {
        misdirected += 1;
        response.writeHead(421).end();
      } else if (request.url === '/hop/0') response.end(JSON.stringify(request.headers));
      else if (request.url?.startsWith('/hop/')) {
        response.writeHead(302, { location: `/hop/${Number(request.url.slice(5)) - 1}` }).end();
      } else if (request.url?.startsWith('/to?')) {
        response.writeHead(302, { location: decodeURIComponent(request.url.slice(4)) }).end();
      } else if (request.url === '/large') response.end('x'.repeat(5_000));
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

  test.each(['POST', 'GET'])(
    '%s is sent once, also when the answer is that it went to the wrong server',
    async (method) => {
      const guarded = createGuardedFetch([`127.0.0.1:${port}`]);
      misdirected = 0;
      const body = method === 'POST' ? 'a post' : null;
      const sent = guarded(`http://127.0.0.1:${port}/misdirected`, { method, body });
      await expect(sent).rejects.toMatchObject({ cause: { code: 'http_421' } });
      await guarded.close();
      expect(misdirected).toBe(1);
    },
  );

  test('answers by http on its port', async () => {
    const guarded = createGuardedFetch([`127.0.0.1:${port}`]);
    const response = await guarded(`http://127.0.0.1:${port}/`);
    expect([response.status, await response.text()]).toEqual([200, 'hello']);
    await guarded.close();
  });

  test('is none where not the operator chose the address, nor behind a redirect', async () => {
    const guarded = createGuardedFetch(['127.0.0.1']);
    for (const path of ['', 'redirect']) {
      const answer = guarded(`http://127.0.0.1:${port}/${path}`, { isPublicOnly: true, maxRedirects: 1 });
      await expect(answer).rejects.toMatchObject({ code: 'refused_url' });
    }
    await guarded.close();
  });

  test('is allowed on no other port', async () => {
    const guarded = createGuardedFetch([`127.0.0.1:${port + 1}`]);
    await expect(guarded(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'refused_url' });
    await guarded.close();
  });

  test('may redirect when that was asked for, so many times, without credentials, and by GET alone', async () => {
    const guarded = createGuardedFetch(['127.0.0.1']);
    const headers = { authorization: 'Bearer x', cookie: 'a=b', accept: 'image/*' };
    const go = (hops: number, init = {}) =>
      guarded(`http://127.0.0.1:${port}/hop/${hops}`, { maxRedirects: 2, headers, ...init });
    expect(await (await go(0)).json()).toMatchObject({ authorization: 'Bearer x', cookie: 'a=b' });
    const followed = (await (await go(2)).json()) as object;
    expect(followed).toMatchObject({ accept: 'image/*' });
    expect(Object.keys(followed)).not.toEqual(expect.arrayContaining(['authorization']));
    expect(Object.keys(followed)).not.toEqual(expect.arrayContaining(['cookie']));
    await expect(go(3)).rejects.toThrow('redirects too often');
    await expect(go(1, { method: 'POST' })).rejects.toThrow();
    await guarded.close();
  });

  test('that redirects leads nowhere that is refused', async () => {
    const guarded = createGuardedFetch([`127.0.0.1:${port}`]);
    for (const to of [
      'http://127.0.0.1:1/',
      'file:///etc/passwd',
      'https://[::1]/',
      '//localhost/',
      'http://[',
    ]) {
      const answer = guarded(`http://127.0.0.1:${port}/to?${encodeURIComponent(to)}`, { maxRedirects: 3 });
      await expect(answer, to).rejects.toMatchObject({ code: 'refused_url' });
    }
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
