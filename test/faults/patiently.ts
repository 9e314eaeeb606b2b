import { setTimeout as delay } from 'node:timers/promises';

const PATIENCE_MS = 60_000;
const AGAIN_MS = 100;

/** For the campaign's own statements: PostgreSQL may be away at any time, and comes back. */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(AGAIN_MS);
    }
  }
}
