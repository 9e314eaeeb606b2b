/** Waits for work that is ending, but no longer than that: a drain has an end. Rejects as the work does. */
export async function settleWithin(limitMs: number, work: PromiseLike<unknown>): Promise<void> {
  const { promise: limit, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, limitMs);
  try {
    await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
