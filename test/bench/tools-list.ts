import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

import { tools } from '../../tools/catalog.ts';
import { startTestCluster } from '../support/cluster.ts';
import { median, printTarget } from './figures.ts';
import { modernList, sendCalls } from './load.ts';
import { startMeasuredProcess } from './measured-process.ts';
import { seedBenchTeam } from './seed.ts';

const ROUNDS = 10;
const CALLS_PER_ROUND = 400;
const WARM_UP_CALLS = 1000;
const CONNECTIONS = 16;

/**
 * P4: what a model reads of all tools at every start, and how many such lists one core answers a second, from the server's
 * own CPU time, with the bearer check and everything else on.
 */
export async function benchToolsList(): Promise<void> {
  const listing = JSON.stringify({ tools: tools.map(({ listing: entry }) => entry) });
  const tokens = countTokens(listing);
  const bytes = Buffer.byteLength(listing);
  printTarget('P4 tokens', `${tools.length} tools, ${tokens} o200k tokens`, '<= 7,000', tokens <= 7000);
  printTarget('P4 size', `${(bytes / 1000).toFixed(1)} KB`, '<= 40 KB', bytes <= 40_000);

  await using cluster = await startTestCluster();
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'grantcast-bench-'));
  const seed = await seedBenchTeam(cluster.postgres.url, { campaigns: 1 });
  const product = await startMeasuredProcess('product.ts', {
    PORT: new URL(seed.publicUrl).port,
    DATA_DIR: dataDir,
    DATABASE_URL: cluster.postgres.url,
    PUBLIC_URL: seed.publicUrl,
    SECRET_KEY: seed.secretKey,
    WORKERS: 'none',
    LOG_LEVEL: 'error',
  });
  try {
    const call = modernList(product.ready.mcpUrl!, seed.token);
    await sendCalls(call, WARM_UP_CALLS, CONNECTIONS, 'delete_media');
    const cpuUs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await product.readCpuUs();
      await sendCalls(call, CALLS_PER_ROUND, CONNECTIONS, 'delete_media');
      cpuUs.push((await product.readCpuUs()) / CALLS_PER_ROUND);
    }
    const perSecond = 1_000_000 / median(cpuUs);
    printTarget('P4 tools/list', `${perSecond.toFixed(0)}/s a core`, '>= 500/s', perSecond >= 500);
  } finally {
    await product.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}
