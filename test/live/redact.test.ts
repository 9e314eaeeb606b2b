import { expect, test } from 'vitest';

import { recordFetch } from './record-fetch.ts';
import { redactExchange, type Exchange } from './redact.ts';

const TOKEN = 'EAAB+very/secret=token';
const exchange = (changes: Partial<Exchange>): Exchange => ({
  ...{ method: 'POST', url: 'https://graph.example/v1/me', requestHeaders: {}, requestBody: null },
  ...{ status: 200, responseHeaders: {}, responseBody: '{}', ...changes },
});

test.each<[string, Partial<Exchange>]>([
  ['the address', { url: `https://graph.example/me?access_token=${encodeURIComponent(TOKEN)}&fields=id` }],
  ['a header', { requestHeaders: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' } }],
  ['a header that is kept', { responseHeaders: { location: `https://graph.example/${TOKEN}` } }],
  ['a form', { requestBody: new URLSearchParams({ message: 'Hi', access_token: TOKEN }).toString() }],
  ['JSON', { responseBody: JSON.stringify({ deep: [{ anything: TOKEN }] }) }],
])('a token in %s is not written down', (_, changes) => {
  const written = JSON.stringify(redactExchange(exchange(changes), [TOKEN]));
  expect(written).not.toContain(TOKEN);
  expect(written).not.toContain('EAAB');
});

test.each(['base64', 'base64url', 'hex'] as const)(
  'an exchange that hides the token as %s is refused',
  (encoding) => {
    const responseBody = JSON.stringify({ echo: Buffer.from(`${TOKEN} and more`).toString(encoding) });
    expect(() => redactExchange(exchange({ responseBody }), [TOKEN])).toThrow('still holds a secret');
  },
);

test('tokens that nobody knew of, cookies, mail addresses and ids are gone, and the rest stays', () => {
  const redacted = redactExchange(
    exchange({
      requestHeaders: { cookie: 'session=abc', 'x-other': 'one', 'content-type': 'application/json' },
      responseHeaders: { 'set-cookie': 'id=1', 'ratelimit-limit': '5000' },
      requestBody: 'code=abc123&message=Hello',
      responseBody: JSON.stringify({
        ...{ access_token: 'unknown-one', jwt: `eyJ${'a'.repeat(20)}.${'b'.repeat(20)}.c` },
        ...{
          owner: 'alice@example.com',
          id: '17900000000000001',
          did: 'did:plc:abcdefghijklmnop',
          count: 12,
        },
      }),
    }),
    [],
  );
  expect(redacted.requestHeaders).toEqual({ 'content-type': 'application/json' });
  expect(redacted.responseHeaders).toEqual({ 'ratelimit-limit': '5000' });
  expect(redacted.requestBody).toBe('code=<secret>&message=Hello');
  expect(JSON.parse(redacted.responseBody)).toEqual({
    ...{ access_token: '<secret>', jwt: '<secret>', owner: '<address>', id: '1790…', did: 'did:plc:abcd…' },
    count: 12,
  });
});

test('a recorder hands on what was answered, and keeps none of the files', async () => {
  const answer = async () => new Response('{"id":"1"}', { status: 201, headers: { 'retry-after': '1' } });
  const { fetch, exchanges } = recordFetch(Object.assign(answer, { close: async () => undefined }), [TOKEN]);
  const multipart = new FormData();
  multipart.set('access_token', TOKEN);
  multipart.set('source', new Blob([new Uint8Array(900)]), 'picture.jpg');
  const response = await fetch('https://graph.example/photos', { method: 'POST', body: multipart });
  expect([response.status, await response.json()]).toEqual([201, { id: '1' }]);
  expect(exchanges).toMatchObject([
    { requestBody: '{"access_token":"<secret>","source":"<file of 900 bytes>"}', status: 201 },
  ]);
});
