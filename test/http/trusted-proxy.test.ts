import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';

import { OWNER, startTestServer, type TestServer } from '../support/test-server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ TRUST_PROXY: 'true' });
});
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(() => server.running.context.db.rateLimit.deleteMany());

/** Registrations that cost nothing, one after the other. @returns the statuses */
async function registerFrom(forwardedFor: (round: number) => string, rounds: number): Promise<number[]> {
  const statuses: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const response = await fetch(`${server.url}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': forwardedFor(round) },
      body: '{"redirect_uris":["javascript:alert(1)"]}',
    });
    statuses.push(response.status);
  }
  return statuses;
}

it('counts by the address that the proxy saw, whatever the caller wrote in front of it', async () => {
  const statuses = await registerFrom((round) => `203.0.113.${round}, 198.51.100.7`, 101);
  expect([statuses[99], statuses[100]]).toEqual([400, 429]);
});

it('counts the addresses of one IPv6 network as one', async () => {
  const statuses = await registerFrom((round) => `2001:db8:1:2::${round.toString(16)}`, 101);
  expect([statuses[99], statuses[100]]).toEqual([400, 429]);
  expect(await registerFrom(() => '2001:db8:1:3::1', 1)).toEqual([400]);
});

it('lets the owner in from elsewhere while a stranger keeps guessing their password', async () => {
  const guess = async (address: string, password: string) => {
    const headers = { 'x-forwarded-for': address };
    const page = await fetch(`${server.url}/sign-in`, { headers });
    const csrf = /name="csrf" value="([^"]*)"/.exec(await page.text())![1]!;
    const cookie = page.headers
      .getSetCookie()
      .map((line) => line.split(';')[0]!)
      .join('; ');
    const answer = await fetch(`${server.url}/sign-in`, {
      method: 'POST',
      redirect: 'manual',
      headers: { ...headers, cookie, origin: server.url },
      body: new URLSearchParams({ csrf, email: OWNER.email, password }),
    });
    return answer.status;
  };
  const statuses: number[] = [];
  for (let round = 0; round < 11; round += 1) statuses.push(await guess('203.0.113.66', 'a guess'));
  expect([statuses[9], statuses[10]]).toEqual([401, 429]);
  expect(await guess('198.51.100.7', OWNER.password)).toBe(303);
});
