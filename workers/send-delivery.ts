import { createHash } from 'node:crypto';

import { renewAfter } from '../server/channels/channel-access.ts';
import type { Context } from '../server/context.ts';
import type { BeginSendOutcome, SendIntent } from '../server/deliveries/begin-send.ts';
import type { ClaimedDelivery } from '../server/deliveries/claim-delivery.ts';
import type { FrozenPart } from '../server/deliveries/freeze-parts.ts';
import { guaranteeOf } from '../server/deliveries/guarantee-of.ts';
import { passSendGuard } from '../server/deliveries/pass-send-guard.ts';
import { putBack } from '../server/deliveries/put-back.ts';
import { settlePrepare } from '../server/deliveries/settle-prepare.ts';
import { settleSend, type SendResult } from '../server/deliveries/settle-send.ts';
import { toNetworkError } from '../server/networks/call-failure.ts';
import type { ChannelAccess, Network, Part, SentPart } from '../server/networks/network.ts';
import { NetworkError } from '../server/networks/network-error.ts';
import { judgeFailure } from './judge-failure.ts';
import { prepareDelivery, prepareLaterPart, toPart } from './prepare-delivery.ts';
import type { PublishStep } from './publish-delivery.ts';
import { waitsUntil, type PublishRun } from './publish-run.ts';
import { tryUntil } from './try-until.ts';

/** Between the end of a call and the end of its lease. */
const LEASE_MARGIN_MS = 200;

/** Prepares, passes the guard and sends, part by part under one fence. */
export async function sendDelivery(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  run: PublishRun,
): Promise<PublishStep> {
  const preparation = await prepareDelivery(context, delivery, network, run);
  if (preparation.outcome !== 'prepared') return preparation.outcome;
  const { channel, parts } = preparation;
  return sendParts(context, delivery, network, channel, parts, run);
}

async function sendParts(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  channel: ChannelAccess,
  parts: readonly FrozenPart[],
  run: PublishRun,
): Promise<PublishStep> {
  const earlier = parts.flatMap(({ sent }) => sent ?? []);
  for (const frozen of parts.filter(({ sent }) => !sent)) {
    const open = toPart(delivery, frozen, [...earlier]);
    const part = await prepareLaterPart(context, delivery, network, channel, open, run);
    if (typeof part === 'string') return part;
    const payloadHash = new Uint8Array(
      createHash('sha256').update(network.payloadOf(part, channel)).digest(),
    );
    const begunAt = performance.now();
    const keyLifetimeSeconds =
      guaranteeOf(network, delivery) === 'idempotent' ? (network.keyLifetimeSeconds ?? null) : null;
    const intent = { partNo: part.partNo, payloadHash, idempotencyKey: part.key, keyLifetimeSeconds };
    const outcome = await passGuard(context, delivery, intent);
    if (outcome !== 'sending') return 'done';
    run.waitsUntil = waitsUntil(context, begunAt);
    const leaseMs = context.config.publishing.leaseSeconds * 1000 - LEASE_MARGIN_MS;
    const timeoutMs = Math.floor(Math.min(network.sendTimeoutMs, leaseMs) - (performance.now() - begunAt));
    let sent: SentPart;
    try {
      // Counted from before the guard's clock was read, so that the call is over before the lease is.
      if (timeoutMs <= 0)
        throw new NetworkError('not_sent', 'lease_short', 'The server was too slow to send it in time.');
      const call = { channel, part, fetch: context.fetch, signal: AbortSignal.timeout(timeoutMs) };
      sent = await network.send(call);
    } catch (error) {
      return settleSendFailure(context, delivery, network, run, part, error);
    }
    earlier.push(sent);
    const result = resultOf(part.partNo, sent);
    const state = await tryUntil(begunAt + leaseMs, () => settleSend(context, delivery, result));
    if (state === 'prepared') continue;
    // The answer may have been lost on the way: what has parts left is let go, and goes on without waiting for its lease.
    if (state !== null) return 'done';
    await putBack(context, delivery, 0);
    return 'again';
  }
  return 'done';
}

/**
 * A guard that did not answer (two of one channel met, the database went away) leaves it to the next try; so does one that was
 * reached too late, after the lease: who is slow is not dead, and says so.
 */
async function passGuard(
  context: Context,
  delivery: ClaimedDelivery,
  intent: SendIntent,
): Promise<BeginSendOutcome> {
  const outcome = await passSendGuard(context, delivery, intent).catch((error: unknown) => {
    context.log.debug({ err: error, deliveryId: delivery.id }, 'the guard did not answer');
    return 'policy_changed' as const;
  });
  if (outcome !== 'policy_changed' && outcome !== 'lost') return outcome;
  await settlePrepare(context, delivery, { verdict: 'again', waitSeconds: 0.1, isCounted: false });
  return 'lost';
}

async function settleSendFailure(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  run: PublishRun,
  part: Part,
  failure: unknown,
): Promise<PublishStep> {
  const first = toNetworkError(failure, network.name);
  const { error, isRefreshed } = await renewAfter(context, delivery, network, first, run);
  run.hasRefreshed ||= isRefreshed;
  // Where nobody can be asked there is nothing to wait for.
  const quarantineSeconds = guaranteeOf(network, delivery) === 'none' ? 0 : network.quarantineSeconds;
  const judgement = judgeFailure(error, { retryCount: delivery.retryCount, quarantineSeconds, isRefreshed });
  const { verdict } = judgement;
  const isEnd = verdict === 'failed' || verdict === 'held';
  const result: SendResult = {
    partNo: part.partNo,
    outcome: first.kind,
    evidence: { code: first.code, message: first.message },
    verdict: isEnd ? 'stopped' : verdict,
    waitSeconds: judgement.waitSeconds,
    isCounted: judgement.isCounted,
    ...(isEnd && { stoppedAs: verdict }),
    ...(judgement.rateLimit && { rateLimit: judgement.rateLimit }),
    ...(judgement.problem && { problem: judgement.problem }),
  };
  const state = await settleSend(context, delivery, result);
  const isToBeLookedFor = state === 'unknown' && (verdict === 'duplicate' || quarantineSeconds === 0);
  return isRefreshed || isToBeLookedFor ? 'again' : 'done';
}

function resultOf(partNo: number, sent: SentPart): SendResult {
  const evidence = { remoteId: sent.remoteId };
  return {
    partNo,
    outcome: 'published',
    evidence,
    sent,
    verdict: 'published',
    waitSeconds: 0,
    isCounted: false,
  };
}
