import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { composeBrief } from '../../server/captions/caption-brief.ts';
import { readSource } from '../../server/captions/read-source.ts';
import { createCampaign } from '../../server/campaigns/create-campaign.ts';
import type { Context } from '../../server/context.ts';
import { createGuardedFetch, type GuardedFetch } from '../../server/fetch.ts';
import { connectClient, type TestConnection } from '../domain/connect-client.ts';
import { answerLookup, REFUSED_URLS } from '../support/refused-urls.ts';
import { createOwner, openTestContext } from '../support/test-context.ts';
import { callTool } from '../tools/call-tool.ts';

const PAGE = `<!doctype html><html><head><title>Old title</title>
<meta property="og:title" content="A new oven &amp; more"><meta name=description content='What is new'>
<style>p { color: red }</style><script>document.write("<p>from a script</p>")</script></head>
<body><nav>Home | Shop</nav><main><h1>Bread from seven</h1><p>We bake <b>early</b>&nbsp;now &mdash; at seven.</p>
<!-- a comment --><p>Zero\u200bwidth, \u202eturned\u202c and \u0007bell. ${'Words that fill the page. '.repeat(12)}</p>
<noscript><p>switch it on</p></noscript><template><p>never shown</p></template></main>
<footer>Imprint</footer></body></html>`;

let server: Server;
let origin: string;
let context: Context;
let connection: TestConnection;
let campaignId: string;
/** As in production, but that pages on 127.0.0.1 stand for public ones. */
let localFetch: GuardedFetch;

beforeAll(async () => {
  server = createServer((request, response) => {
    const html = { 'content-type': 'text/html; charset=utf-8' };
    if (request.url === '/page') response.writeHead(200, html).end(PAGE);
    else if (request.url === '/moved') response.writeHead(301, { location: '/page' }).end();
    else if (request.url === '/loop') response.writeHead(302, { location: '/loop' }).end();
    else if (request.url === '/inside')
      response.writeHead(302, { location: 'http://169.254.169.254/' }).end();
    else if (request.url === '/plain')
      response.writeHead(200, { 'content-type': 'text/plain' }).end('Just words.');
    else if (request.url === '/latin') {
      const latin = { 'content-type': 'text/html; charset=iso-8859-1' };
      response.writeHead(200, latin).end(Buffer.from('<p>Br\u00f6tchen</p>', 'latin1'));
    } else if (request.url === '/picture')
      response.writeHead(200, { 'content-type': 'image/png' }).end('png');
    else if (request.url === '/app')
      response.writeHead(200, html).end('<div id=root></div><script>go()</script>');
    else if (request.url === '/large') response.writeHead(200, html).end('x'.repeat(2_100_000));
    else if (request.url === '/long') response.writeHead(200, html).end(`<p>${'word '.repeat(9_000)}</p>`);
    else response.writeHead(404, html).end('secret words of an error page');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  origin = `http://${host}`;
  context = await openTestContext({ ALLOW_PRIVATE_HOSTS: host });
  const { fetch } = context;
  const open = (url: string | URL, init = {}) => fetch(url, { ...init, isPublicOnly: false });
  localFetch = Object.assign(open, { close: fetch.close });
  const owner = await createOwner(context);
  connection = await connectClient(context, owner);
  ({ campaignId } = await createCampaign(context, owner.caller, { name: 'Oven', goal: 'Bake' }));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await context[Symbol.asyncDispose]();
});

const read = (path: string) => readSource({ ...context, fetch: localFetch }, `${origin}${path}`, 12_000);

describe('a page', () => {
  test('is its title, its description and its main words, and nothing that is not seen', async () => {
    const source = await read('/page');
    expect(source).toMatchObject({ url: `${origin}/page`, title: 'A new oven & more' });
    const fill = 'Words that fill the page. '.repeat(12).trim();
    expect(source.text).toBe(
      `What is new\n\nBread from seven\nWe bake early now — at seven.\nZerowidth, turned and bell. ${fill}`,
    );
  });

  test('is found behind a redirect, in another alphabet, and as plain text', async () => {
    expect((await read('/moved')).title).toBe('A new oven & more');
    expect((await read('/latin')).text).toBe('Brötchen');
    expect((await read('/plain')).text).toBe('Just words.');
  });

  test('is cut to a budget', async () => {
    const { text } = await read('/long');
    expect(text.length).toBeLessThanOrEqual(12_000);
    expect(text).toMatch(/word…$/);
  });

  test.each([
    ['/picture', 'url_not_readable'],
    ['/app', 'url_not_readable'],
    ['/large', 'url_not_readable'],
    ['/none', 'url_not_readable'],
    ['/loop', 'url_unreachable'],
    ['/inside', 'url_refused'],
  ])('%s: %s, and nothing of what it said', async (path, code) => {
    const error = await read(path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ details: { code, field: 'source_url' } });
    expect(JSON.stringify(error)).not.toContain('secret words');
  });

  test('stands in the brief between marks that it cannot contain', async () => {
    const wish = { campaignId, networks: ['x' as const], count: 1, sourceUrl: `${origin}/page` };
    const brief = await composeBrief({ ...context, fetch: localFetch }, connection.caller, wish);
    expect(brief.source!.title).toBe('A new oven & more');
  });
});

describe('what no address of a caller reaches', () => {
  const generate = (guarded: GuardedFetch, url: string) =>
    callTool({ ...context, fetch: guarded }, connection.caller, 'generate_captions', {
      campaign_id: campaignId,
      networks: ['x'],
      source_url: url,
    });

  test.each(REFUSED_URLS)('%s', async (url) => {
    const guarded = createGuardedFetch([], answerLookup);
    const outcome = await generate(guarded, url);
    await guarded.close();
    if (!outcome.isError) throw new Error('it was fetched');
    expect(['url_refused', 'invalid_input']).toContain(outcome.error.code);
  });

  test('a host that the operator named for another purpose', async () => {
    expect(await generate(context.fetch, `${origin}/page`)).toMatchObject({
      isError: true,
      error: { code: 'url_refused', field: 'source_url', retriable: false },
    });
  });
});
