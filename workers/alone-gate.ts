/** Work that goes on side by side, and now and then a piece of work with nothing beside it. */
export interface AloneGate {
  /** Runs beside others, as soon as nothing runs alone or waits to. */
  beside(work: () => Promise<void>): Promise<void>;
  /** Runs when all that is under way has ended, and holds up what comes. */
  alone(work: () => Promise<void>): Promise<void>;
  /** Something waits to run alone: whoever could go on with more had better end. */
  isAloneWanted(): boolean;
}

export function createAloneGate(): AloneGate {
  const active = new Set<Promise<void>>();
  let lastAlone: Promise<void> = Promise.resolve();
  let waiting = 0;

  return {
    isAloneWanted: () => waiting > 0,
    async beside(work) {
      while (waiting > 0) await lastAlone;
      const running: Promise<void> = work().finally(() => active.delete(running));
      active.add(running);
      await running;
    },
    async alone(work) {
      waiting += 1;
      const before = lastAlone;
      const run = async () => {
        await before;
        await Promise.allSettled(active);
        await work();
      };
      const running = run().finally(() => {
        waiting -= 1;
      });
      lastAlone = running.catch(() => undefined);
      await running;
    },
  };
}
