import type { Context } from '../server/context.ts';
import { claimDelivery, type ClaimedDelivery } from '../server/deliveries/claim-delivery.ts';
import { findDueOnChannel } from '../server/deliveries/next-due.ts';
import { putBack } from '../server/deliveries/put-back.ts';
import { problem } from '../server/deliveries/problems.ts';
import { settlePrepare } from '../server/deliveries/settle-prepare.ts';
import { pauseSeconds } from './judge-failure.ts';
import { waitsUntil, type PublishRun } from './publish-run.ts';
import { readBackDelivery } from './read-back-delivery.ts';
import { sendDelivery } from './send-delivery.ts';
import { tryUntil } from './try-until.ts';
import type { UnderWay } from './under-way.ts';

/** done: it came to rest, or waits for a time. again: there is more to do at once. */
export type PublishStep = 'done' | 'again';

const MAX_STEPS = 12;

export interface PublishOptions {
  /** Whether to go on with the next one of the channel. */
  isStopping?: () => boolean;
  /** Takes over the next one of the channel, where others wait for this slot. */
  handOver?: (nextId: string) => boolean;
  /** Nothing else is being worked on in this process. */
  isAlone?: boolean;
  /** Of this process; what is in there is passed by. */
  underWay?: UnderWay;
}

/**
 * What a hint leads to: whatever the delivery's row says is to be done now, and nothing when it says nothing. Afterwards the
 * next one that waits on the same channel, because one goes out at a time per channel.
 */
export async function publishDelivery(
  context: Context,
  deliveryId: string,
  { isStopping = () => false, handOver = () => false, isAlone = false, underWay }: PublishOptions = {},
): Promise<void> {
  let next: string | null = deliveryId;
  while (next !== null) {
    const current: string = next;
    const end = underWay?.begin(current);
    if (end === null) return;
    const channelId: string | null = await publishOne(context, current, isAlone).finally(end);
    next = channelId === null || isStopping() || isAlone ? null : await findDueOnChannel(context, channelId);
    if (next !== null && handOver(next)) return;
  }
}

/** @returns the channel on which something was done, or null */
async function publishOne(context: Context, deliveryId: string, isAlone: boolean): Promise<string | null> {
  const run: PublishRun = { hasRefreshed: false, waitsUntil: 0 };
  let channelId: string | null = null;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    run.waitsUntil = waitsUntil(context, performance.now());
    const delivery = await claimDelivery(context, deliveryId, { isAlone });
    if (!delivery) break;
    channelId = delivery.channelId;
    if ((await takeStep(context, delivery, run).catch(letGoAfter(context, delivery))) === 'done') break;
  }
  return channelId;
}

/** The database may be away for a moment: it is tried until the lease is over, and then that hands the delivery on. */
function letGoAfter(context: Context, delivery: ClaimedDelivery) {
  const endAt = performance.now() + context.config.publishing.leaseSeconds * 1000;
  return async (failure: unknown): Promise<never> => {
    const letGo = () => putBack(context, delivery, pauseSeconds(delivery.retryCount));
    await tryUntil(endAt, letGo).catch(() => undefined);
    throw failure;
  };
}

async function takeStep(context: Context, delivery: ClaimedDelivery, run: PublishRun): Promise<PublishStep> {
  if (delivery.state !== 'claimed' && delivery.state !== 'unknown') return 'done';
  const network = context.networks.get(delivery.network);
  if (!network) {
    const why = problem('network_unknown');
    await settlePrepare(context, delivery, {
      verdict: 'held',
      waitSeconds: 0,
      isCounted: false,
      problem: why,
    });
    return 'done';
  }
  return delivery.state === 'unknown'
    ? readBackDelivery(context, delivery, network, run)
    : sendDelivery(context, delivery, network, run);
}
