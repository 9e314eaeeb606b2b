import { expect, test } from 'vitest';

import { callApi, type ApiCall } from '../../server/networks/call-api.ts';
import { NetworkError } from '../../server/networks/network-error.ts';
import { createGuardedFetch } from '../../server/fetch.ts';
import { startFakeServer } from '../support/fakes/fake-server.ts';

const SECRET = 'a/secret+of "ours"';
const WAYS: readonly [string, (url: string) => Pick<ApiCall, 'url'> & Partial<ApiCall>][] = [
  ['bearer', (url) => ({ url, token: 'bearer-token-of-ours' })],
  ['header', (url) => ({ url, headers: { authorization: 'Basic basic-secret-of-ours' } })],
  ['address', (url) => ({ url: `${url}?access_token=${encodeURIComponent(SECRET)}` })],
  ['form', (url) => ({ url, form: { refresh_token: SECRET, grant_type: 'refresh_token' } })],
];

test.each(WAYS)('what a network repeats of a secret in its %s is in no error', async (_way, callOf) => {
  await using server = await startFakeServer(({ headers, query, body }) => {
    const fields = Object.fromEntries([...query, ...new URLSearchParams(body.toString())]);
    return { status: 400, body: { said: [headers.get('authorization'), fields, body.toString()] } };
  });
  const fetch = createGuardedFetch([new URL(server.url).host]);
  const call = { method: 'POST' as const, signal: AbortSignal.timeout(5000), ...callOf(server.url) };
  let told = '';
  const explain = (answer: { body: unknown }) => {
    told = JSON.stringify(answer.body);
    return new NetworkError('rejected', 'no', 'No.');
  };
  await expect(callApi(fetch, call, { name: 'X', explain })).rejects.toMatchObject({ code: 'no' });
  expect(told).toContain('[redacted]');
  expect(told).not.toMatch(/of-ours|of \\*"ours|a%2Fsecret/);
  await fetch.close();
});
