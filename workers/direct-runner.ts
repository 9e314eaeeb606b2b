/** Publishes without the queue, some at a time, in the order in which they came. */
export function createDirectRunner(publish: (deliveryId: string) => Promise<void>, concurrency: number) {
  const waiting = new Set<string>();
  const active = new Set<Promise<void>>();

  const startNext = () => {
    while (active.size < concurrency) {
      const [next] = waiting;
      if (next === undefined) return;
      waiting.delete(next);
      const work: Promise<void> = publish(next).finally(() => {
        active.delete(work);
        startNext();
      });
      active.add(work);
    }
  };

  return {
    add(deliveryIds: readonly string[]): void {
      for (const id of deliveryIds) waiting.add(id);
      startNext();
    },
    /** Forgets what waits and ends when nothing is under way. */
    async stop(): Promise<void> {
      waiting.clear();
      await Promise.all(active);
    },
  };
}
