import type { PoolClient } from 'pg';

import type { Context } from '../server/context.ts';
import { expireLeases } from '../server/deliveries/expire-leases.ts';
import { readNextDueMs } from '../server/deliveries/next-due.ts';
import { DUE_CHANNEL } from '../server/deliveries/notify-due.ts';
import { scanDue, type DueDelivery } from '../server/deliveries/scan-due.ts';

/** Where something is due every few milliseconds, what falls due within this is found by one scan. */
const SHORTEST_WAIT_MS = 50;
const BATCH = 200;

/**
 * Finds what is due and gives it to `dispatch`: at the time at which the next delivery is due, when somebody schedules one
 * (NOTIFY), and at the latest after `longestWaitMs`.
 */
export function startDueScan(
  context: Context,
  dispatch: (due: readonly DueDelivery[]) => Promise<void>,
  longestWaitMs = 1_000,
): { stop(): Promise<void> } {
  const alarm = createAlarm();
  let isStopping = false;
  let listener: PoolClient | undefined;

  const giveBack = () => {
    const client = listener;
    listener = undefined;
    client?.removeAllListeners('notification');
    client?.release(true);
  };

  const listen = async () => {
    if (listener) return;
    const client = await context.pool.connect();
    client.on('error', (error) => {
      // One that was given back may still say how it ended, and a lost one may say it twice.
      if (listener !== client) return;
      context.log.warn({ error: error.message }, 'the due scan lost its notices and goes on by the clock');
      giveBack();
    });
    client.on('notification', alarm.ring);
    listener = client;
    await client.query(`listen ${DUE_CHANNEL}`);
  };

  const scan = async (): Promise<number> => {
    await listen();
    await expireLeases(context);
    const { due, hasMore } = await scanDue(context, BATCH);
    if (due.length > 0) await dispatch(due);
    if (hasMore) return 0;
    const nextMs = (await readNextDueMs(context)) ?? longestWaitMs;
    return Math.min(Math.max(nextMs, due.length > 0 ? SHORTEST_WAIT_MS : 0), longestWaitMs);
  };

  const run = async () => {
    while (!isStopping) {
      let waitMs = longestWaitMs;
      try {
        waitMs = await scan();
      } catch (error) {
        context.log.warn({ err: error }, 'the due scan failed and tries again');
      }
      if (!isStopping) await alarm.wait(waitMs);
    }
    giveBack();
  };

  const running = run();
  return {
    async stop() {
      isStopping = true;
      alarm.ring();
      await running;
    },
  };
}

/** A wait that `ring` ends; a ring while nobody waits ends the next wait at once. */
function createAlarm() {
  let hasRung = false;
  let wake: (() => void) | undefined;
  return {
    ring: () => {
      hasRung = true;
      wake?.();
    },
    wait: async (waitMs: number) => {
      if (!hasRung) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        const timer = setTimeout(resolve, Math.ceil(waitMs));
        await promise;
        clearTimeout(timer);
        wake = undefined;
      }
      hasRung = false;
    },
  };
}
