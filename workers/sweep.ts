import { signFinishedDays } from '../server/activity/sign-days.ts';
import { refreshChannel } from '../server/channels/refresh-channel.ts';
import { purgeClients } from '../server/clients/purge-clients.ts';
import type { Context } from '../server/context.ts';
import { purgeExpired } from '../server/database/purge-expired.ts';
import { missLateDeliveries } from '../server/deliveries/miss-late.ts';
import { purgeMedia } from '../server/media/purge-media.ts';
import { tellEndingLinks } from '../server/notices/tell-ending-links.ts';
import { purgeDiscarded } from '../server/posts/purge-discarded.ts';

const INTERVAL_MS = 60_000;
/** A refresh token dies when it is not used for long: credentials that nobody used are renewed after this. */
const IDLE_CREDENTIALS_DAYS = 7;
const CHANNELS_AT_ONCE = 20;

/** Tidies up each minute: what is too late, what has expired, days to be signed, credentials that would die of idleness. */
export function startSweep(context: Context): { stop(): Promise<void> } {
  let running = Promise.resolve();
  const run = () => {
    running = sweep(context);
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

const JOBS: Readonly<Record<string, (context: Context) => Promise<unknown>>> = {
  missLateDeliveries,
  signFinishedDays,
  purgeExpired: ({ db }) => purgeExpired(db),
  purgeClients,
  purgeMedia,
  purgeDiscarded,
  renewIdleCredentials,
  tellEndingLinks,
};

/** One that fails keeps none of the others from running. */
export async function sweep(context: Context): Promise<void> {
  for (const [job, run] of Object.entries(JOBS)) {
    await run(context).catch((error: unknown) =>
      context.log.warn({ err: error, job }, 'a job of the sweep failed and is tried again'),
    );
  }
}

async function renewIdleCredentials(context: Context): Promise<void> {
  const idle = await context.db.$queryRaw<
    { teamId: string; channelId: string; network: string; sealedCredentials: Uint8Array<ArrayBuffer> }[]
  >`
    select team_id as "teamId", id as "channelId", network, credentials as "sealedCredentials" from channel
    where status = 'ok' and disconnected_at is null and credentials is not null
      and token_expires_at < clock_timestamp() - make_interval(days => ${IDLE_CREDENTIALS_DAYS}::int)
    order by token_expires_at limit ${CHANNELS_AT_ONCE}::int`;
  for (const channel of idle) {
    const network = context.networks.get(channel.network);
    if (!network?.refresh) continue;
    try {
      await refreshChannel(context, network, channel);
    } catch (error) {
      context.log.warn({ err: error, channelId: channel.channelId }, 'credentials could not be renewed');
    }
  }
}
