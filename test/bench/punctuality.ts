import { printTarget, quantile } from './figures.ts';
import { runPublishingLoad } from './publishing-load.ts';

const LOAD = { channels: 20, posts: 100, spreadSeconds: 20, networkMs: 50 };
const GOAL_P50_MS = 250;
const GOAL_P99_MS = 1_000;

/** P9: how long after their time posts are live while little is going on. */
export async function benchPunctuality(): Promise<void> {
  const { lateMs, queue, early } = await runPublishingLoad(LOAD);
  const [p50, p99] = [quantile(lateMs, 0.5), quantile(lateMs, 0.99)];
  printTarget(
    'P9',
    `${lateMs.length} of ${LOAD.posts} posts in ${LOAD.spreadSeconds} s, ${LOAD.networkMs} ms network, queue on ${queue}: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms after due, ${early} early`,
    `p50 <= ${GOAL_P50_MS} ms, p99 <= ${GOAL_P99_MS} ms`,
    lateMs.length === LOAD.posts && early === 0 && p50 <= GOAL_P50_MS && p99 <= GOAL_P99_MS,
  );
}
