import { setTimeout as wait } from 'node:timers/promises';

const TRY_EVERY_MS = 500;

/**
 * The database may be away for a moment: it is asked again until then.
 * @param endAt by `performance.now()`
 * @throws what the last try ended with
 */
export async function tryUntil<T>(endAt: number, ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (performance.now() > endAt) throw error;
      await wait(TRY_EVERY_MS);
    }
  }
}
