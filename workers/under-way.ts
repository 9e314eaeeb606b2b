/** After so many leases somebody whose work does not end is no longer waited for. */
const PATIENCE_LEASES = 3;

/** What this process works on at this moment. */
export interface UnderWay {
  /** @returns what tells that this very work has ended; null when it is being worked on already and nothing is to be done */
  begin(deliveryId: string): (() => void) | null;
}

/**
 * Keeps a process from taking over what it is slow with itself: on a busy machine a lease may run out under a worker that is
 * alive, and whoever takes over counts the one before as dead.
 */
export function createUnderWay(leaseSeconds: number): UnderWay {
  const underWay = new Map<string, { begunAt: number }>();
  return {
    begin(deliveryId) {
      const before = underWay.get(deliveryId);
      const own = { begunAt: performance.now() };
      if (before && own.begunAt - before.begunAt < PATIENCE_LEASES * leaseSeconds * 1000) return null;
      underWay.set(deliveryId, own);
      return () => {
        // Somebody else may have taken it over meanwhile.
        if (underWay.get(deliveryId) === own) underWay.delete(deliveryId);
      };
    },
  };
}
