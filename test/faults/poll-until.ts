import { setTimeout as delay } from 'node:timers/promises';

const LOOK_MS = 50;

/** @returns false when it did not come true in time */
export async function pollUntil(isTrue: () => Promise<boolean>, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (!(await isTrue())) {
    if (performance.now() > deadline) return false;
    await delay(LOOK_MS);
  }
  return true;
}
