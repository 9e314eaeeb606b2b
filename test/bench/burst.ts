import os from 'node:os';

import { printTarget, quantile } from './figures.ts';
import { runPublishingLoad } from './publishing-load.ts';

const LOAD = { channels: 200, posts: 10_000, spreadSeconds: 60, networkMs: 50 };
const GOAL_P99_MS = 10_000;

/** P10: 10,000 deliveries due within one minute, on 200 channels of which each takes them one after the other. */
export async function benchBurst(): Promise<void> {
  const { lateMs, queue, outOfOrder, early, ...cpu } = await runPublishingLoad(LOAD);
  const spent = `${cpu.cpuSeconds.toFixed(0)} s of CPU in the worker and ${cpu.databaseCpuSeconds.toFixed(0)} s in PostgreSQL, on ${os.availableParallelism()} cores that all of it shares, load ${os.loadavg()[0]!.toFixed(1)}`;
  const [p50, p99] = [quantile(lateMs, 0.5), quantile(lateMs, 0.99)];
  printTarget(
    'P10',
    `${lateMs.length} of ${LOAD.posts} deliveries due in ${LOAD.spreadSeconds} s, ${LOAD.channels} channels, ${LOAD.networkMs} ms network, queue on ${queue}: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms after due, ${outOfOrder} out of order, ${early} early, ${spent}`,
    `p99 <= ${GOAL_P99_MS} ms, order per channel kept`,
    lateMs.length === LOAD.posts && early === 0 && outOfOrder === 0 && p99 <= GOAL_P99_MS,
  );
}
