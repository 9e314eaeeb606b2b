import { createHash } from 'node:crypto';

import { openChannel, renewAfter } from '../server/channels/channel-access.ts';
import type { Context } from '../server/context.ts';
import { beginReadBack } from '../server/deliveries/begin-read-back.ts';
import type { ClaimedDelivery } from '../server/deliveries/claim-delivery.ts';
import { findKnownPosts } from '../server/deliveries/find-known-posts.ts';
import { readParts } from '../server/deliveries/freeze-parts.ts';
import { guaranteeOf } from '../server/deliveries/guarantee-of.ts';
import { settleReadBack, type ReadBackResult } from '../server/deliveries/settle-read-back.ts';
import { toNetworkError } from '../server/networks/call-failure.ts';
import type { ChannelAccess, Network, SentPart } from '../server/networks/network.ts';
import { pauseSeconds, rateLimitOf } from './judge-failure.ts';
import type { PublishStep } from './publish-delivery.ts';
import { halfUntil, type PublishRun } from './publish-run.ts';
import { toPart } from './prepare-delivery.ts';

const READ_TIMEOUT_MS = 15_000;

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
  const settleFailure = (failure: unknown) =>
    settleFailedRead(context, delivery, network, run, result, failure);
  let channel: ChannelAccess;
  let payload: string;
  try {
    channel = await openChannel(context, delivery, network, halfUntil(run));
    payload = network.payloadOf(part, channel);
  } catch (failure) {
    return settleFailure(failure);
  }
  const payloadHash = new Uint8Array(createHash('sha256').update(payload).digest());
  const intent = { partNo: part.partNo, payloadHash, idempotencyKey: part.key };
  if (!(await beginReadBack(context, delivery, intent))) return 'done';
  const known = await findKnownPosts(context, delivery, part.frozenAt);
  const timeoutMs = Math.floor(Math.min(READ_TIMEOUT_MS, Math.max(0, run.waitsUntil - performance.now())));
  let found: SentPart | null;
  try {
    const signal = AbortSignal.timeout(timeoutMs);
    found = await network.readBack({ channel, part, known, fetch: context.fetch, signal });
  } catch (failure) {
    return settleFailure(failure);
  }
  // What the database says here is nothing that the network said: whoever let it go comes back and looks anew.
  const evidence = found ? { remoteId: found.remoteId } : {};
  const outcome = found ? 'found' : 'not_found';
  const state = await settleReadBack(context, delivery, { ...result, outcome, evidence, found });
  return state === 'scheduled' ? 'again' : 'done';
}

async function settleFailedRead(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  run: PublishRun,
  result: ReadBackResult,
  failure: unknown,
): Promise<PublishStep> {
  const first = toNetworkError(failure, network.name);
  const { isRefreshed } = await renewAfter(context, delivery, network, first, run);
  run.hasRefreshed ||= isRefreshed;
  const evidence = { code: first.code, message: first.message };
  const retrySeconds = isRefreshed ? 0 : result.retrySeconds;
  const rateLimit = rateLimitOf(first);
  // Networks limit reading by itself: what may not be read may still be posted by others of the app.
  await settleReadBack(context, delivery, {
    ...result,
    outcome: first.kind,
    evidence,
    retrySeconds,
    ...(rateLimit && { rateLimit: { ...rateLimit, binds: 'channel' } }),
  });
  return isRefreshed ? 'again' : 'done';
}
