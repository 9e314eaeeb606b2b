import { signFinishedDays } from '../server/activity/sign-days.ts';
import { renewAhead } from '../server/channels/renew-ahead.ts';
import { refreshOwnLimits } from '../server/channels/refresh-own-limits.ts';
import { purgeClients } from '../server/clients/purge-clients.ts';
import type { Context } from '../server/context.ts';
import { purgeExpired } from '../server/database/purge-expired.ts';
import { missLateDeliveries } from '../server/deliveries/miss-late.ts';
import { releaseStopped } from '../server/deliveries/release-stopped.ts';
import { purgeMedia } from '../server/media/purge-media.ts';
import { purgeRenditions } from '../server/media/purge-renditions.ts';
import { tellEndingLinks } from '../server/notices/tell-ending-links.ts';
import { purgeDiscarded } from '../server/posts/purge-discarded.ts';

const INTERVAL_MS = 60_000;
const RUNS_PER_HOUR = 60;

/** Tidies up each minute: what is too late, what has expired, days to be signed, credentials that would end for good. */
export function startSweep(context: Context): { stop(): Promise<void> } {
  let running: Promise<void> | undefined;
  let runs = 0;
  // Servers that take their time over new credentials may keep one at it for minutes; it does not meet the next.
  const run = () => {
    running ??= sweep(context, runs++).finally(() => (running = undefined));
  };
  run();
  const timer = setInterval(run, INTERVAL_MS);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}

type Jobs = Readonly<Record<string, (context: Context) => Promise<unknown>>>;

const JOBS: Jobs = {
  missLateDeliveries,
  releaseStopped: (context) => releaseStopped(context, null),
  signFinishedDays,
  purgeExpired: ({ db }) => purgeExpired(db),
  purgeClients,
  purgeMedia,
  purgeDiscarded,
  renewAhead: (context) => renewAhead(context),
  refreshOwnLimits,
  tellEndingLinks,
};

/** What reads a whole table for what may as well go an hour later. */
const HOURLY_JOBS: Jobs = { purgeRenditions };

/** One that fails keeps none of the others from running. @param runs how many there were before this one, a minute apart */
export async function sweep(context: Context, runs = 0): Promise<void> {
  const jobs = { ...JOBS, ...(runs % RUNS_PER_HOUR === 0 && HOURLY_JOBS) };
  for (const [job, run] of Object.entries(jobs)) {
    await run(context).catch((error: unknown) =>
      context.log.warn({ err: error, job }, 'a job of the sweep failed and is tried again'),
    );
  }
}
