import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { Agent, request } from 'undici';

import { getCode } from '../faults/token-family.ts';
import { startTestCluster } from '../support/cluster.ts';
import { findFreePort } from '../support/free-port.ts';
import { openScriptedBrowser, registerClient, type OAuthClient } from '../support/oauth-client.ts';
import { median, printTarget } from './figures.ts';
import { startMeasuredProcess, type MeasuredProcess } from './measured-process.ts';

const OWNER = { OWNER_EMAIL: 'bench@example.com', OWNER_PASSWORD: 'a long enough password' };
const ROUNDS = 5;
const CODES_PER_ROUND = 150;
const REFRESHES_PER_FAMILY = 12;
const CONNECTIONS = 8;

/**
 * P5: code exchanges and refreshes a second that one core can answer, from the server's own CPU time, with PostgreSQL
 * beside it and the idempotent refresh on. The codes are of a person who said yes as often.
 */
export async function benchTokens(): Promise<void> {
  await using cluster = await startTestCluster();
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'grantcast-bench-'));
  const origin = `http://127.0.0.1:${await findFreePort()}`;
  const product = await startMeasuredProcess('product.ts', {
    ...OWNER,
    PORT: new URL(origin).port,
    PUBLIC_URL: origin,
    DATA_DIR: dataDir,
    DATABASE_URL: cluster.postgres.url,
    WORKERS: 'none',
    LOG_LEVEL: 'error',
  });
  const agent = new Agent({ connections: CONNECTIONS, pipelining: 1 });
  try {
    const browser = openScriptedBrowser(origin);
    const signIn = await browser.open(`${origin}/sign-in`);
    await browser.submit(signIn, 'Sign in', { email: OWNER.OWNER_EMAIL, password: OWNER.OWNER_PASSWORD });
    const client = await registerClient(origin);
    const bench: TokenBench = { origin, client, agent, product, exchangeUs: [], refreshUs: [] };
    // The first round warms up.
    for (let round = 0; round <= ROUNDS; round += 1) {
      const codes = [];
      for (let code = 0; code < CODES_PER_ROUND; code += 1) codes.push(await getCode(client, browser));
      await runRound(bench, codes);
      if (round === 0) bench.exchangeUs.length = bench.refreshUs.length = 0;
    }
    const exchanges = 1_000_000 / median(bench.exchangeUs);
    const refreshes = 1_000_000 / median(bench.refreshUs);
    printTarget('P5 code exchange', `${exchanges.toFixed(0)}/s a core`, '>= 1,000/s', exchanges >= 1000);
    printTarget('P5 refresh', `${refreshes.toFixed(0)}/s a core`, '>= 1,150/s', refreshes >= 1150);
  } finally {
    await agent.close();
    await product.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

interface TokenBench {
  origin: string;
  client: OAuthClient;
  agent: Agent;
  product: MeasuredProcess;
  /** CPU microseconds an answer, one figure a round. */
  exchangeUs: number[];
  refreshUs: number[];
}

async function runRound(
  bench: TokenBench,
  codes: readonly Awaited<ReturnType<typeof getCode>>[],
): Promise<void> {
  const { client, product } = bench;
  const refreshTokens: string[] = [];
  await product.readCpuUs();
  await inLanes(codes, async ({ code, request: asked }) => {
    const parameters = { code, code_verifier: asked.verifier, redirect_uri: client.redirectUri };
    refreshTokens.push(await askForTokens(bench, { grant_type: 'authorization_code', ...parameters }));
  });
  bench.exchangeUs.push((await product.readCpuUs()) / codes.length);
  await inLanes(refreshTokens, async (first) => {
    let token = first;
    for (let time = 0; time < REFRESHES_PER_FAMILY; time += 1) {
      token = await askForTokens(bench, { grant_type: 'refresh_token', refresh_token: token });
    }
  });
  bench.refreshUs.push((await product.readCpuUs()) / (refreshTokens.length * REFRESHES_PER_FAMILY));
}

/** @returns the refresh token of the answer */
async function askForTokens({ origin, client, agent }: TokenBench, parameters: Record<string, string>) {
  const answer = await request(`${origin}/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ client_id: client.clientId, ...parameters }).toString(),
    dispatcher: agent,
  });
  const body = (await answer.body.json()) as { refresh_token?: string };
  if (!body.refresh_token) throw new Error(`${answer.statusCode} ${JSON.stringify(body)}`);
  return body.refresh_token;
}

async function inLanes<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = [...items];
  const lane = async () => {
    for (let item = left.pop(); item !== undefined; item = left.pop()) await work(item);
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, lane));
}
