import { asSurelyNotTaken, openChannel, renewAfter } from '../server/channels/channel-access.ts';
import type { Context } from '../server/context.ts';
import type { ClaimedDelivery } from '../server/deliveries/claim-delivery.ts';
import { findRuleFault } from '../server/deliveries/find-rule-fault.ts';
import { freezeParts, type FrozenPart } from '../server/deliveries/freeze-parts.ts';
import { keepPrepared } from '../server/deliveries/keep-prepared.ts';
import { problem, type Problem } from '../server/deliveries/problems.ts';
import { settlePrepare } from '../server/deliveries/settle-prepare.ts';
import { storePrepared } from '../server/deliveries/store-prepared.ts';
import { AppError } from '../server/errors.ts';
import { readPictures, readRenditions, type DescribedPicture } from '../server/media/renditions.ts';
import { toNetworkError } from '../server/networks/call-failure.ts';
import type {
  Call,
  ChannelAccess,
  Network,
  Part,
  PartMedia,
  PrepareCall,
  SentPart,
} from '../server/networks/network.ts';
import { NetworkError } from '../server/networks/network-error.ts';
import { findTeamLanguage } from '../server/teams/team-language.ts';
import { judgeFailure } from './judge-failure.ts';
import { halfUntil, type PublishRun } from './publish-run.ts';

const PREPARE_TIMEOUT_MS = 20_000;

export type Preparation =
  | { outcome: 'prepared'; channel: ChannelAccess; parts: readonly FrozenPart[] }
  /** It was settled, or is no longer ours. again: new credentials are there. */
  | { outcome: 'done' | 'again' };

/**
 * Everything before the guard, each of it harmless to repeat: the rules once more, the pictures, the bytes written down, the
 * uploads. What breaks a rule now, or lacks a picture, ends here, and nothing was sent.
 */
export async function prepareDelivery(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  run: PublishRun,
): Promise<Preparation> {
  try {
    const pictures = await readOpenPictures(context, delivery, network);
    const broken = findRuleFault(delivery, pictures);
    if (broken) return await endHere(context, delivery, 'failed', broken);
    const media = await readRenditions(context, delivery, pictures);
    const frozen = await freezeParts(context, delivery, network);
    const fault = findFault(delivery, frozen);
    if (fault) {
      return await endHere(
        context,
        delivery,
        fault.code === 'caption_missing' ? 'failed' : 'needs_attention',
        fault,
      );
    }
    const channel = await openChannel(context, delivery, network, halfUntil(run));
    const parts = await prepareParts(context, delivery, network, channel, frozen, media);
    if (parts) return { outcome: 'prepared', channel, parts };
    // In other hands this changes nothing; but nobody is dead who comes to it after the lease.
    throw new NetworkError('not_sent', 'lease_short', 'The server was too slow to prepare it in time.');
  } catch (error) {
    return settleFailure(context, delivery, network, run, error);
  }
}

/** They go with the first part; once that may be on the network, what was prepared is what counts, unless it expires there. */
async function readOpenPictures(
  context: Context,
  delivery: ClaimedDelivery,
  { preparesAnew }: Network,
): Promise<DescribedPicture[]> {
  const isSettled = delivery.isPartlyPublished || (delivery.sendStartedAt !== null && !preparesAnew);
  return isSettled ? [] : readPictures(context, delivery);
}

function findFault(delivery: ClaimedDelivery, frozen: readonly FrozenPart[]): Problem | null {
  const texts = delivery.captionParts;
  if (!texts || texts.length === 0) return problem('caption_missing');
  const isAsWritten =
    frozen.length === texts.length && frozen.every(({ text, partNo }) => text === texts[partNo - 1]);
  return isAsWritten ? null : problem('thread_changed');
}

async function endHere(
  context: Context,
  delivery: ClaimedDelivery,
  verdict: 'failed' | 'needs_attention',
  why: Problem,
): Promise<Preparation> {
  await settlePrepare(context, delivery, { verdict, waitSeconds: 0, isCounted: false, problem: why });
  return { outcome: 'done' };
}

async function prepareParts(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  channel: ChannelAccess,
  frozen: readonly FrozenPart[],
  media: readonly PartMedia[],
): Promise<FrozenPart[] | null> {
  const prepared: { partNo: number; prepared: unknown }[] = [];
  const earlier = frozen.flatMap(({ sent }) => sent ?? []);
  const unsent = frozen.filter(({ sent }) => !sent);
  // Bytes that may be on the network already are not prepared anew; unless they are proved not to be there, and may be.
  const open = (network.preparesInOrder ? unsent.slice(0, 1) : unsent).filter(
    (part) => !delivery.sendStartedAt || !part.prepared || network.preparesAnew,
  );
  const language = network.takesLanguage
    ? ((await findTeamLanguage(context, delivery)) ?? undefined)
    : undefined;
  const isMaybeSent = delivery.sendStartedAt !== null && delivery.resendCount === 0;
  const signal = AbortSignal.timeout(PREPARE_TIMEOUT_MS);
  for (const frozenPart of open) {
    const part = toPart(delivery, frozenPart, earlier, media);
    const call: PrepareCall = { channel, part, language, isMaybeSent, fetch: context.fetch, signal };
    const { partNo } = part;
    prepared.push({ partNo, prepared: await prepareOne(context, delivery, network, call) });
  }
  return storePrepared(context, delivery, prepared);
}

async function prepareOne(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  call: PrepareCall,
): Promise<unknown> {
  try {
    return (await network.prepare(call)) ?? null;
  } catch (failure) {
    if (failure instanceof NetworkError && failure.prepared !== undefined) {
      await keepPrepared(context, delivery, { partNo: call.part.partNo, prepared: failure.prepared });
    }
    throw failure;
  }
}

/**
 * A later part, where the network prepares one only when those before it are live; anywhere else it is ready already.
 * @returns the part to send, or what became of the delivery
 */
export async function prepareLaterPart(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  channel: ChannelAccess,
  part: Part,
  run: PublishRun,
): Promise<Part | 'done' | 'again'> {
  if (!network.preparesInOrder || part.prepared) return part;
  try {
    const call = { channel, part, fetch: context.fetch, signal: AbortSignal.timeout(PREPARE_TIMEOUT_MS) };
    const prepared = await prepareOne(context, delivery, network, call);
    const stored = await storePrepared(context, delivery, [{ partNo: part.partNo, prepared }]);
    if (stored) return { ...part, prepared };
    throw new NetworkError('not_sent', 'lease_short', 'The server was too slow to prepare it in time.');
  } catch (failure) {
    const { outcome } = await settleFailure(context, delivery, network, run, failure);
    return outcome === 'again' ? 'again' : 'done';
  }
}

async function settleFailure(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  run: PublishRun,
  failure: unknown,
): Promise<Preparation> {
  if (!(failure instanceof NetworkError)) {
    context.log.error({ err: failure, deliveryId: delivery.id }, 'preparing failed');
  }
  const first = asSurelyNotTaken(toPrepareError(failure, network.name));
  const { error, isRefreshed } = await renewAfter(context, delivery, network, first, run);
  run.hasRefreshed ||= isRefreshed;
  const { retryCount } = delivery;
  const situation = { retryCount, quarantineSeconds: network.quarantineSeconds, isRefreshed };
  const judgement = judgeFailure(error, situation);
  // Preparing publishes nothing, so nothing about it is unclear.
  const { verdict: judged } = judgement;
  const verdict = judged === 'unclear' || judged === 'duplicate' ? 'again' : judged;
  await settlePrepare(context, delivery, { ...judgement, verdict });
  return { outcome: isRefreshed ? 'again' : 'done' };
}

/** What our own side says about a picture: out of reach for now, or not to be had. */
function toPrepareError(failure: unknown, networkName: string): NetworkError {
  if (!(failure instanceof AppError)) return toNetworkError(failure, networkName);
  const { kind, details } = failure;
  const options = { cause: failure };
  return new NetworkError(
    kind === 'Unavailable' ? 'not_sent' : 'rejected',
    details.code,
    details.message,
    options,
  );
}

/** @param media of the post; they go with its first part */
export function toPart(
  delivery: ClaimedDelivery,
  frozen: FrozenPart,
  earlier: readonly SentPart[],
  media: readonly PartMedia[] = [],
): Call['part'] {
  const { partNo, text, key, frozenAt, prepared } = frozen;
  const ownMedia = partNo === 1 ? media : [];
  return { deliveryId: delivery.id, partNo, text, key, frozenAt, media: ownMedia, prepared, earlier };
}
