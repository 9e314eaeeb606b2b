import { setTimeout as wait } from 'node:timers/promises';

import type { Context } from '../server/context.ts';
import { collectMetrics } from './collect-metrics.ts';

const INTERVAL_MS = 15_000;

/** Collects the numbers of posts and channels: two looks into an index every quarter of a minute when nothing is due. */
export function startMetricsLoop(context: Context): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;

  const run = async () => {
    while (!signal.aborted) {
      let hasMore = false;
      try {
        hasMore = await collectMetrics(context, signal);
      } catch (error) {
        context.log.warn({ err: error }, 'the numbers could not be collected and are asked for again');
      }
      // An aborted wait is the end of the loop.
      if (!hasMore) await wait(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  };

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
