/** After so many leases somebody whose work does not end is no longer waited for. */
const PATIENCE_LEASES = 3;

/** What this process works on at this moment. */
export interface UnderWay {
  /** @returns false when it is being worked on already; then nothing is to be done */
  begin(deliveryId: string): boolean;
  end(deliveryId: string): void;
}

/**
 * Keeps a process from taking over what it is slow with itself: on a busy machine a lease may run out under a worker that is
 * alive, and whoever takes over counts the one before as dead.
 */
export function createUnderWay(leaseSeconds: number): UnderWay {
  const begunAt = new Map<string, number>();
  return {
    begin(deliveryId) {
      const before = begunAt.get(deliveryId);
      const now = performance.now();
      if (before !== undefined && now - before < PATIENCE_LEASES * leaseSeconds * 1000) return false;
      begunAt.set(deliveryId, now);
      return true;
    },
    end: (deliveryId) => void begunAt.delete(deliveryId),
  };
}
