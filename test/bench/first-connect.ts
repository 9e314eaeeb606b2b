import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { startTestCluster } from '../support/cluster.ts';
import { findFreePort } from '../support/free-port.ts';
import { connectClient, openScriptedBrowser, type ScriptedBrowser } from '../support/oauth-client.ts';
import { median, printTarget } from './figures.ts';
import { modernCall, sendCalls } from './load.ts';
import { startMeasuredProcess } from './measured-process.ts';

const OWNER = { OWNER_EMAIL: 'bench@example.com', OWNER_PASSWORD: 'a long enough password' };
const ROUNDS = 5;

/**
 * P6: what the machines need from the first 401 to the first tool result: both discovery documents, registration, the
 * pages, the code, the call. The person is signed in and clicks once, in no time.
 */
export async function benchFirstConnect(): Promise<void> {
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
  try {
    const browser = openScriptedBrowser(origin);
    const signIn = await browser.open(`${origin}/sign-in`);
    await browser.submit(signIn, 'Sign in', { email: OWNER.OWNER_EMAIL, password: OWNER.OWNER_PASSWORD });
    const seconds: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const startedAt = performance.now();
      await connectOnce(origin, browser);
      seconds.push((performance.now() - startedAt) / 1000);
    }
    const first = seconds[0]!;
    printTarget(
      'P6',
      `${first.toFixed(2)} s the first time, median ${median(seconds).toFixed(2)} s`,
      '<= 1 s',
      first <= 1,
    );
  } finally {
    await product.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function connectOnce(origin: string, browser: ScriptedBrowser): Promise<void> {
  const refused = await fetch(`${origin}/mcp`, { method: 'POST', body: '{}' });
  await refused.text();
  if (refused.status !== 401) throw new Error(`expected a challenge, got ${refused.status}`);
  for (const document of ['oauth-protected-resource/mcp', 'oauth-authorization-server']) {
    await (await fetch(`${origin}/.well-known/${document}`)).json();
  }
  const { tokens } = await connectClient(origin, browser);
  await sendCalls(modernCall(`${origin}/mcp`, 'list_channels', {}, tokens.access_token), 1, 1, 'chn_');
}
