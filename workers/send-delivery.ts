import { createHash } from 'node:crypto';

import type { Context } from '../server/context.ts';
import type { BeginSendOutcome, SendIntent } from '../server/deliveries/begin-send.ts';
import type { ClaimedDelivery } from '../server/deliveries/claim-delivery.ts';
import { findRuleFault } from '../server/deliveries/find-rule-fault.ts';
import { freezeParts, readParts, type FrozenPart } from '../server/deliveries/freeze-parts.ts';
import { passSendGuard } from '../server/deliveries/pass-send-guard.ts';
import { problem, type Problem } from '../server/deliveries/problems.ts';
import { settlePrepare } from '../server/deliveries/settle-prepare.ts';
import { settleSend, type SendResult } from '../server/deliveries/settle-send.ts';
import { storePrepared } from '../server/deliveries/store-prepared.ts';
import { toNetworkError } from '../server/networks/call-failure.ts';
import type { Call, ChannelAccess, Network, Part, SentPart } from '../server/networks/network.ts';
import { NetworkError } from '../server/networks/network-error.ts';
import { asSurelyNotTaken, openChannel, renewAfter } from './channel-access.ts';
import { judgeFailure } from './judge-failure.ts';
import type { PublishRun, PublishStep } from './publish-delivery.ts';

const PREPARE_TIMEOUT_MS = 20_000;
/** Between the end of a call and the end of its lease. */
const LEASE_MARGIN_MS = 200;

/** Freezes, prepares, passes the guard and sends, part by part under one fence. */
export async function sendDelivery(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  run: PublishRun,
): Promise<PublishStep> {
  const broken = await findRuleFault(context, delivery);
  if (broken) {
    await settlePrepare(context, delivery, {
      verdict: 'failed',
      waitSeconds: 0,
      isCounted: false,
      problem: broken,
    });
    return 'done';
  }
  const frozen = await freezeParts(context, delivery, network);
  const fault = findFault(delivery, frozen);
  if (fault) {
    const verdict = fault.code === 'caption_missing' ? 'failed' : 'needs_attention';
    await settlePrepare(context, delivery, { verdict, waitSeconds: 0, isCounted: false, problem: fault });
    return 'done';
  }
  try {
    const channel = await openChannel(context, delivery, network);
    const isOurs = await prepareParts(context, delivery, network, channel, frozen);
    return isOurs ? await sendParts(context, delivery, network, channel, run) : 'done';
  } catch (error) {
    return settlePrepareFailure(context, delivery, network, run, error);
  }
}

function findFault(delivery: ClaimedDelivery, frozen: readonly FrozenPart[]): Problem | null {
  const texts = delivery.captionParts;
  if (!texts || texts.length === 0) return problem('caption_missing');
  const isAsWritten =
    frozen.length === texts.length && frozen.every(({ text, partNo }) => text === texts[partNo - 1]);
  return isAsWritten ? null : problem('thread_changed');
}

async function prepareParts(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  channel: ChannelAccess,
  frozen: readonly FrozenPart[],
): Promise<boolean> {
  const signal = AbortSignal.timeout(PREPARE_TIMEOUT_MS);
  const prepared: { partNo: number; prepared: unknown }[] = [];
  // Bytes that may be on the network already are not prepared anew.
  for (const part of frozen.filter(
    ({ sent, prepared: known }) => !sent && !(delivery.sendStartedAt && known),
  )) {
    const call = { channel, part: toPart(delivery, part, []), fetch: context.fetch, signal };
    prepared.push({ partNo: part.partNo, prepared: (await network.prepare(call)) ?? null });
  }
  return storePrepared(context, delivery, prepared);
}

async function settlePrepareFailure(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  run: PublishRun,
  failure: unknown,
): Promise<PublishStep> {
  if (!(failure instanceof NetworkError))
    context.log.error({ err: failure, deliveryId: delivery.id }, 'preparing failed');
  const first = asSurelyNotTaken(toNetworkError(failure, network.name));
  const { error, isRefreshed } = await renewAfter(context, delivery, network, first, run.hasRefreshed);
  run.hasRefreshed ||= isRefreshed;
  const { retryCount } = delivery;
  const judgement = judgeFailure(error, {
    retryCount,
    quarantineSeconds: network.quarantineSeconds,
    isRefreshed,
  });
  const verdict = judgement.verdict === 'unclear' ? 'again' : judgement.verdict;
  await settlePrepare(context, delivery, { ...judgement, verdict });
  return isRefreshed ? 'again' : 'done';
}

async function sendParts(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  channel: ChannelAccess,
  run: PublishRun,
): Promise<PublishStep> {
  const parts = await readParts(context, delivery.id);
  const earlier = parts.flatMap(({ sent }) => sent ?? []);
  for (const frozen of parts.filter(({ sent }) => !sent)) {
    const part = toPart(delivery, frozen, [...earlier]);
    const payloadHash = new Uint8Array(
      createHash('sha256').update(network.payloadOf(part, channel)).digest(),
    );
    const begunAt = performance.now();
    const intent = { partNo: part.partNo, payloadHash, idempotencyKey: part.key };
    const outcome = await passGuard(context, delivery, intent);
    if (outcome !== 'sending') return 'done';
    const leaseMs = context.config.publishing.leaseSeconds * 1000 - LEASE_MARGIN_MS;
    const timeoutMs = Math.floor(Math.min(network.sendTimeoutMs, leaseMs) - (performance.now() - begunAt));
    try {
      // Counted from before the guard's clock was read, so that the call is over before the lease is.
      if (timeoutMs <= 0)
        throw new NetworkError('not_sent', 'lease_short', 'The server was too slow to send it in time.');
      const call = { channel, part, fetch: context.fetch, signal: AbortSignal.timeout(timeoutMs) };
      const sent = await network.send(call);
      earlier.push(sent);
      const state = await settleSend(context, delivery, resultOf(part.partNo, sent));
      if (state !== 'prepared') return 'done';
    } catch (error) {
      return settleSendFailure(context, delivery, network, run, part, error);
    }
  }
  return 'done';
}

/** A guard that did not answer (two of one channel met, the database went away) leaves it to the next try. */
async function passGuard(
  context: Context,
  delivery: ClaimedDelivery,
  intent: SendIntent,
): Promise<BeginSendOutcome> {
  const outcome = await passSendGuard(context, delivery, intent).catch((error: unknown) => {
    context.log.debug({ err: error, deliveryId: delivery.id }, 'the guard did not answer');
    return 'policy_changed' as const;
  });
  if (outcome !== 'policy_changed') return outcome;
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
  const { error, isRefreshed } = await renewAfter(context, delivery, network, first, run.hasRefreshed);
  run.hasRefreshed ||= isRefreshed;
  const { retryCount } = delivery;
  const judgement = judgeFailure(error, {
    retryCount,
    quarantineSeconds: network.quarantineSeconds,
    isRefreshed,
  });
  const isEnd = judgement.verdict === 'failed' || judgement.verdict === 'held';
  const result: SendResult = {
    partNo: part.partNo,
    outcome: first.kind,
    evidence: { code: first.code, message: first.message },
    verdict: isEnd ? 'stopped' : (judgement.verdict as 'again' | 'unclear'),
    waitSeconds: judgement.waitSeconds,
    isCounted: judgement.isCounted,
    ...(isEnd && { stoppedAs: judgement.verdict as 'failed' | 'held' }),
    ...(judgement.problem && { problem: judgement.problem }),
  };
  await settleSend(context, delivery, result);
  return isRefreshed || first.kind === 'duplicate' ? 'again' : 'done';
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

export function toPart(
  delivery: ClaimedDelivery,
  frozen: FrozenPart,
  earlier: readonly SentPart[],
): Call['part'] {
  const { partNo, text, key, frozenAt, prepared } = frozen;
  return { deliveryId: delivery.id, partNo, text, key, frozenAt, media: [], prepared, earlier };
}
