import { METRICS, type Metric } from '../metrics/numbers.ts';

type ShownNumbers = Partial<Record<Metric, number | null>> & { status?: string };

/** `210 views, 3 likes, comments not told`, or why there are none. */
export function toNumbersText(numbers: ShownNumbers): string {
  if (METRICS.every((metric) => (numbers[metric] ?? null) === null)) {
    return numbers.status?.replaceAll('_', ' ') ?? 'no numbers yet';
  }
  return METRICS.map((metric) => {
    const value = numbers[metric] ?? null;
    return value === null ? `${metric} not told` : `${value} ${metric}`;
  }).join(', ');
}
