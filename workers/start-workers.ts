import type { Context } from '../server/context.ts';

export interface RunningWorkers {
  /** Takes nothing new and waits for what is in hand. */
  stop(): Promise<void>;
}

export async function startWorkers(_context: Context): Promise<RunningWorkers> {
  return { stop: async () => undefined };
}
