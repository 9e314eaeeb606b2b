import { createHash } from 'node:crypto';

import { openChannel, renewAfter } from '../server/channels/channel-access.ts';
import type { Context } from '../server/context.ts';
import { beginReadBack } from '../server/deliveries/begin-read-back.ts';
import type { ClaimedDelivery } from '../server/deliveries/claim-delivery.ts';
import { readParts } from '../server/deliveries/freeze-parts.ts';
import { guaranteeOf } from '../server/deliveries/guarantee-of.ts';
import { settleReadBack, type ReadBackResult } from '../server/deliveries/settle-read-back.ts';
import { toNetworkError } from '../server/networks/call-failure.ts';
import type { Network } from '../server/networks/network.ts';
import { pauseSeconds, rateLimitOf } from './judge-failure.ts';
import type { PublishRun, PublishStep } from './publish-delivery.ts';
import { toPart } from './prepare-delivery.ts';

const READ_TIMEOUT_MS = 15_000;
const LEASE_MARGIN_MS = 200;

/** Asks the network what became of the first part that is not known to be live; where nobody can be asked a person looks. */
export async function readBackDelivery(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  run: PublishRun,
): Promise<PublishStep> {
  const parts = await readParts(context, delivery.id);
  const frozen = parts.find(({ sent }) => !sent);
  if (!frozen) return 'done';
  const earlier = parts.flatMap(({ sent }) => sent ?? []);
  const part = toPart(delivery, frozen, earlier);
  const result: ReadBackResult = {
    partNo: part.partNo,
    outcome: 'not_found',
    evidence: {},
    found: null,
    guarantee: guaranteeOf(network, delivery),
    keyLifetimeSeconds: network.keyLifetimeSeconds ?? null,
    quarantineSeconds: network.quarantineSeconds,
    retrySeconds: pauseSeconds(delivery.retryCount),
  };
  if (result.guarantee === 'none') {
    await settleReadBack(context, delivery, { ...result, outcome: 'unreadable' });
    return 'done';
  }
  try {
    const channel = await openChannel(context, delivery, network);
    const payloadHash = new Uint8Array(
      createHash('sha256').update(network.payloadOf(part, channel)).digest(),
    );
    const intent = { partNo: part.partNo, payloadHash, idempotencyKey: part.key };
    if (!(await beginReadBack(context, delivery, intent))) return 'done';
    const timeoutMs = Math.min(
      READ_TIMEOUT_MS,
      context.config.publishing.leaseSeconds * 1000 - LEASE_MARGIN_MS,
    );
    const call = { channel, part, fetch: context.fetch, signal: AbortSignal.timeout(timeoutMs) };
    const found = await network.readBack(call);
    const evidence = found ? { remoteId: found.remoteId } : {};
    const outcome = found ? 'found' : 'not_found';
    const state = await settleReadBack(context, delivery, { ...result, outcome, evidence, found });
    return state === 'scheduled' ? 'again' : 'done';
  } catch (failure) {
    const first = toNetworkError(failure, network.name);
    const { isRefreshed } = await renewAfter(context, delivery, network, first, run.hasRefreshed);
    run.hasRefreshed ||= isRefreshed;
    const evidence = { code: first.code, message: first.message };
    const retrySeconds = isRefreshed ? 0 : result.retrySeconds;
    const rateLimit = rateLimitOf(first);
    await settleReadBack(context, delivery, {
      ...result,
      outcome: first.kind,
      evidence,
      retrySeconds,
      ...(rateLimit && { rateLimit }),
    });
    return isRefreshed ? 'again' : 'done';
  }
}
