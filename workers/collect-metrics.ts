import { openChannel } from '../server/channels/channel-access.ts';
import { refreshChannel } from '../server/channels/refresh-channel.ts';
import type { Context } from '../server/context.ts';
import { claimDueChannels } from '../server/metrics/claim-due-channels.ts';
import { claimDuePosts, type AskedChannel, type DuePost } from '../server/metrics/claim-due-posts.ts';
import { deferLooks, pauseLooks, stopLooks } from '../server/metrics/defer-looks.ts';
import { deferChannelLook, recordChannelLook } from '../server/metrics/record-channel-look.ts';
import { recordLooks } from '../server/metrics/record-looks.ts';
import { toNetworkError } from '../server/networks/call-failure.ts';
import type { Network, RemoteCall } from '../server/networks/network.ts';
import type { NetworkError } from '../server/networks/network-error.ts';

const POSTS_AT_ONCE = 200;
const CHANNELS_AT_ONCE = 20;
const CALL_TIMEOUT_MS = 15_000;
const UNUSABLE_PAUSE_SECONDS = 6 * 3600;
/** Longer than a claim lasts, so that nobody else asks meanwhile. */
const SILENT_PAUSE_SECONDS = 900;
const FAILED_CHANNEL_PAUSE_SECONDS = 3600;
const SHORTEST_RATE_LIMIT_SECONDS = 60;
const LONGEST_RATE_LIMIT_SECONDS = 86_400;

/**
 * One round: asks networks for the numbers of what is due and writes them down. What fails is asked for again later, and no
 * failure here changes anything about publishing.
 * @returns whether there may be more at once
 */
export async function collectMetrics(context: Context, signal: AbortSignal): Promise<boolean> {
  const posts = await claimDuePosts(context, POSTS_AT_ONCE);
  const byChannel = Map.groupBy(posts, ({ channelId }) => channelId);
  const channels = await claimDueChannels(context, CHANNELS_AT_ONCE);
  await runEach([...byChannel.values()], (due) => measurePosts(context, due, signal));
  await runEach(channels, (channel) => measureChannel(context, channel, signal));
  return posts.length >= POSTS_AT_ONCE || channels.length >= CHANNELS_AT_ONCE;
}

async function measurePosts(context: Context, due: DuePost[], signal: AbortSignal): Promise<void> {
  const [channel] = due;
  const network = context.networks.get(channel!.network);
  if (!network?.measure) {
    await stopLooks(
      context,
      due.map(({ deliveryId }) => deliveryId),
    );
    return;
  }
  if (!channel!.isUsable) {
    await pauseLooks(context, { channelId: channel!.channelId, seconds: UNUSABLE_PAUSE_SECONDS });
    return;
  }
  const { measureBatch: told = 1 } = network;
  const size = typeof told === 'number' ? told : told(channel!);
  for (let start = 0; start < due.length; start += size) {
    const hasPaused = await measureBatch(context, network, due.slice(start, start + size), signal);
    if (hasPaused || signal.aborted) return;
  }
}

/** @returns whether the channel is not to be asked any more for now */
async function measureBatch(
  context: Context,
  network: Network,
  batch: DuePost[],
  signal: AbortSignal,
): Promise<boolean> {
  const channel = batch[0]!;
  try {
    const remoteIds = batch.map(({ remoteId }) => remoteId);
    const told = await callNetwork(context, network, channel, signal, (call) =>
      network.measure!(call, remoteIds),
    );
    await recordLooks(
      context,
      batch.map(({ deliveryId, remoteId }) => ({ deliveryId, numbers: told.get(remoteId) ?? null })),
    );
    return false;
  } catch (cause) {
    // What was in hand when the process ends is asked for again when its claim runs out.
    if (signal.aborted) return true;
    const error = toNetworkError(cause, network.name);
    const isTooSlow = error.code === 'timeout';
    if ((error.kind === 'rejected' || isTooSlow) && batch.length > 1) {
      // One that the network does not take must not keep the others from being told, and a few are told sooner than many.
      const half = Math.ceil(batch.length / 2);
      const hasPaused = await measureBatch(context, network, batch.slice(0, half), signal);
      return hasPaused || measureBatch(context, network, batch.slice(half), signal);
    }
    warn(context, channel, error, 'the numbers of posts could not be read');
    const isSilent = isTooSlow || error.kind === 'not_sent';
    const seconds = isSilent ? SILENT_PAUSE_SECONDS : pauseSecondsOf(error);
    // What a silent network was asked for waits longer each time, so that the others come first when it answers again.
    if (isSilent || seconds === undefined) {
      await deferLooks(
        context,
        batch.map(({ deliveryId }) => deliveryId),
      );
    }
    if (seconds === undefined) return false;
    await pauseLooks(context, { channelId: channel.channelId, seconds });
    return true;
  }
}

async function measureChannel(context: Context, channel: AskedChannel, signal: AbortSignal): Promise<void> {
  const network = context.networks.get(channel.network)!;
  try {
    const numbers = await callNetwork(context, network, channel, signal, (call) =>
      network.measureChannel!(call),
    );
    await recordChannelLook(context, channel.channelId, numbers);
  } catch (cause) {
    if (signal.aborted) return;
    const error = toNetworkError(cause, network.name);
    warn(context, channel, error, 'the numbers of a channel could not be read');
    const seconds = pauseSecondsOf(error) ?? FAILED_CHANNEL_PAUSE_SECONDS;
    await deferChannelLook(context, { channelId: channel.channelId, seconds });
  }
}

/** Credentials that have run out are renewed once. That a network tells no numbers is no reason to link the channel again. */
async function callNetwork<T>(
  context: Context,
  network: Network,
  asked: AskedChannel,
  signal: AbortSignal,
  call: (remote: RemoteCall) => Promise<T>,
): Promise<T> {
  const remoteCall = (channel: RemoteCall['channel']) =>
    call({
      channel,
      fetch: context.fetch,
      signal: AbortSignal.any([signal, AbortSignal.timeout(CALL_TIMEOUT_MS)]),
    });
  try {
    return await remoteCall(await openChannel(context, asked, network));
  } catch (error) {
    if (toNetworkError(error, network.name).kind !== 'auth_expired' || !network.refresh) throw error;
    return remoteCall(await refreshChannel(context, network, asked));
  }
}

/** For how long the whole channel is left alone; undefined where only these posts failed. */
function pauseSecondsOf(error: NetworkError): number | undefined {
  if (error.kind === 'auth_expired' || error.kind === 'blocked') return UNUSABLE_PAUSE_SECONDS;
  if (error.kind !== 'rate_limited') return undefined;
  const seconds = error.until ? (error.until.getTime() - Date.now()) / 1000 : SHORTEST_RATE_LIMIT_SECONDS;
  return Math.min(Math.max(seconds, 1), LONGEST_RATE_LIMIT_SECONDS) + Math.random() * 10;
}

function warn(context: Context, { channelId, network }: AskedChannel, error: NetworkError, message: string) {
  context.log.warn({ err: error, channelId, network, kind: error.kind, code: error.code }, message);
}

const CALLS_AT_ONCE = 5;

async function runEach<T>(items: T[], run: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await run(next);
  };
  await Promise.all(Array.from({ length: Math.min(CALLS_AT_ONCE, items.length) }, work));
}
