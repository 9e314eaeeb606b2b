import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';

import { startTestCluster } from '../support/cluster.ts';
import { median, printTarget } from './figures.ts';
import { modernCall, sendCalls, sessionCall, type Call } from './load.ts';
import { startMeasuredProcess, type MeasuredProcess } from './measured-process.ts';
import { seedBenchTeam } from './seed.ts';

const ROUNDS = 10;
const CALLS_PER_ROUND = 400;
const WARM_UP_CALLS = 1000;
const CONNECTIONS = 16;

interface Contestant {
  name: string;
  process: MeasuredProcess;
  call: Call;
  expect: string;
  cpuUs: number[];
  latenciesMs: number[];
}

/**
 * P1: CPU time of one authenticated, guarded, audited read against the two bare floors, which have 27 echo tools and
 * nothing else. The rounds interleave, so that noise of the machine falls on all of them.
 */
export async function benchToolCalls(): Promise<void> {
  await using cluster = await startTestCluster();
  const dataDir = await mkdtemp(path.join(os.tmpdir(), 'grantcast-bench-'));
  const seed = await seedBenchTeam(cluster.postgres.url, { campaigns: 20 });
  const product = await startMeasuredProcess('product.ts', {
    PORT: new URL(seed.publicUrl).port,
    DATA_DIR: dataDir,
    DATABASE_URL: cluster.postgres.url,
    PUBLIC_URL: seed.publicUrl,
    SECRET_KEY: seed.secretKey,
    WORKERS: 'none',
    MCP_CALLS_PER_MINUTE: '1000000',
    LOG_LEVEL: 'error',
  });
  const stateless = await startMeasuredProcess('floor-stateless.ts');
  const sessions = await startMeasuredProcess('floor-sessions.ts');
  try {
    const echo = { text: 'the same again' };
    const { token } = seed;
    const mcpUrl = product.ready.mcpUrl!;
    const contestants = {
      oneRow: contestant(
        'one row',
        product,
        modernCall(mcpUrl, 'list_campaigns', { limit: 1 }, token),
        'cmp_',
      ),
      twentyRows: contestant(
        '20 rows',
        product,
        modernCall(mcpUrl, 'list_campaigns', { limit: 20 }, token),
        'cmp_',
      ),
      stateless: contestant(
        'bare v2',
        stateless,
        modernCall(stateless.ready.url!, 'echo_13', echo),
        echo.text,
      ),
      sessions: contestant(
        'bare v1',
        sessions,
        await sessionCall(sessions.ready.url!, 'echo_13', echo),
        echo.text,
      ),
    };
    for (const each of Object.values(contestants)) {
      await sendCalls(each.call, WARM_UP_CALLS, CONNECTIONS, each.expect);
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const each of Object.values(contestants)) await runRound(each);
    }
    for (const each of Object.values(contestants)) {
      const cpu = median(each.cpuUs).toFixed(0);
      process.stdout.write(
        `P1 ${each.name}: ${cpu} us CPU a call, p50 ${median(each.latenciesMs).toFixed(2)} ms\n`,
      );
    }
    const ratioTo = (other: Contestant) => median(contestants.oneRow.cpuUs) / median(other.cpuUs);
    const toStateless = ratioTo(contestants.stateless);
    const toSessions = ratioTo(contestants.sessions);
    printTarget('P1 to bare v2 stateless', `${toStateless.toFixed(2)} x`, '<= 1.0 x', toStateless <= 1);
    printTarget('P1 to bare v1 sessions', `${toSessions.toFixed(2)} x`, '<= 2.0 x', toSessions <= 2);
  } finally {
    await Promise.all([product.stop(), stateless.stop(), sessions.stop()]);
    await rm(dataDir, { recursive: true, force: true });
  }
}

function contestant(name: string, process: MeasuredProcess, call: Call, expect: string): Contestant {
  return { name, process, call, expect, cpuUs: [], latenciesMs: [] };
}

async function runRound(each: Contestant): Promise<void> {
  await each.process.readCpuUs();
  each.latenciesMs.push(...(await sendCalls(each.call, CALLS_PER_ROUND, CONNECTIONS, each.expect)));
  each.cpuUs.push((await each.process.readCpuUs()) / CALLS_PER_ROUND);
}
