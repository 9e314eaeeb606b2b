export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** @param share between 0 and 1 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** One line per target, in one form for people and programs. */
export function printTarget(id: string, figure: string, goal: string, isMet: boolean): void {
  process.stdout.write(`TARGET ${id} ${figure} | goal ${goal} | ${isMet ? 'ok' : 'short'}\n`);
}
