// When a throttled account or app may call again: https://developers.facebook.com/docs/graph-api/overview/rate-limiting#headers
import { z } from 'zod';

/** Where no header says it: the counts are of a rolling hour. */
const DEFAULT_PAUSE_SECONDS = 600;

const businessUsage = z.record(
  z.string(),
  z.array(z.object({ estimated_time_to_regain_access: z.number().min(0).optional() })),
);

/** The latest end that X-Business-Use-Case-Usage estimates, in minutes there. */
export function readPauseEnd(headers: Headers): Date {
  const minutes = readMinutes(headers.get('x-business-use-case-usage'));
  const seconds = minutes > 0 ? minutes * 60 : DEFAULT_PAUSE_SECONDS;
  return new Date(Date.now() + seconds * 1000);
}

function readMinutes(header: string | null): number {
  try {
    const usages = Object.values(businessUsage.parse(JSON.parse(header ?? '{}'))).flat();
    return Math.max(0, ...usages.map((usage) => usage.estimated_time_to_regain_access ?? 0));
  } catch {
    return 0;
  }
}
