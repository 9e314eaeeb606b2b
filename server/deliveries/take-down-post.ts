import { recordActivity } from '../activity/record-activity.ts';
import { assertMayWrite, type Caller } from '../caller.ts';
import { openChannel, renewAfter, type SealedChannel } from '../channels/channel-access.ts';
import type { Context } from '../context.ts';
import { conflict, notAllowed } from '../errors.ts';
import { toNetworkError } from '../networks/call-failure.ts';
import type { Network, SentPart } from '../networks/network.ts';
import type { NetworkError } from '../networks/network-error.ts';
import { findLive, type LiveDelivery } from './find-live.ts';
import { judgeTakeDown } from './judge-take-down.ts';
import { settleTakeDown } from './settle-take-down.ts';

export interface TakeDownInput {
  postId: string;
  /** The post's channels; all on which it is live when absent. */
  onlyChannelIds?: string[] | undefined;
  /** Kept in the activity. */
  reason: string;
}

export interface TakenDown {
  perChannel: ChannelTakenDown[];
}

export interface ChannelTakenDown {
  channelId: string;
  /** unsupported: a person removes it at `manualUrl`. failed: it may be tried again. */
  state: 'removed' | 'unsupported' | 'failed';
  /** Where the post is, unless it was removed. */
  manualUrl: string | null;
  /** Why it failed, in our own words. */
  problem: string | null;
}

const CALL_TIMEOUT_MS = 20_000;

/**
 * Removes what is live of a post from its networks, channel by channel: one that fails keeps none of the others. What was
 * removed before counts as removed, so the same call again changes nothing and repeats what failed.
 * @throws AppError NotFound; NotAllowed for a viewer, without `posts:publish`, or (`policy_denied`, `needs_person`) for a
 *   channel on which the connection may not publish unasked; Conflict (`not_published`)
 */
export async function takeDownPost(
  context: Context,
  caller: Caller,
  { postId, onlyChannelIds, reason }: TakeDownInput,
): Promise<TakenDown> {
  assertMayWrite(caller);
  assertMayPublish(caller);
  const deliveries = await findLive(context, caller, { postId, onlyChannelIds });
  if (deliveries.length === 0) throw notPublished();
  const live = deliveries.filter(({ isTakenDown }) => !isTakenDown);
  if (live.length > 0) {
    await judgeTakeDown(context, caller, live);
    const detail = { reason, channelIds: live.map(({ channelId }) => channelId) };
    const asked = { caller, action: 'delivery.take_down', target: postId, result: 'ok', detail };
    await recordActivity(context, asked);
  }
  return { perChannel: await Promise.all(deliveries.map((delivery) => takeDown(context, delivery))) };
}

async function takeDown(context: Context, delivery: LiveDelivery): Promise<ChannelTakenDown> {
  const { channelId, url, parts } = delivery;
  const answer = { channelId, manualUrl: url, problem: null };
  if (delivery.isTakenDown) return { ...answer, state: 'removed', manualUrl: null };
  const network = context.networks.get(delivery.network);
  if (!network?.takeDown || delivery.isDisconnected) return { ...answer, state: 'unsupported' };
  const failure = await removeParts(context, network, delivery, parts);
  if (failure) return { ...answer, state: 'failed', problem: failure.message };
  const isSettled = await settleTakeDown(context.db, delivery.id);
  if (isSettled) return { ...answer, state: 'removed', manualUrl: null };
  return { ...answer, state: 'failed', problem: 'The post went on to go out meanwhile. Look at it again.' };
}

/** Nothing is doubled by another try, so credentials that ran out are renewed and the call is made again. */
async function removeParts(
  context: Context,
  network: Network,
  channel: SealedChannel,
  parts: readonly SentPart[],
): Promise<NetworkError | null> {
  let sealed = channel;
  for (let hasRefreshed = false; ; hasRefreshed = true) {
    try {
      const access = await openChannel(context, sealed, network);
      const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
      await network.takeDown!({ channel: access, fetch: context.fetch, signal }, parts);
      return null;
    } catch (failure) {
      const first = toNetworkError(failure, network.name);
      const { error, isRefreshed } = await renewAfter(context, sealed, network, first, { hasRefreshed });
      if (!isRefreshed) return error;
      sealed = await readAgain(context, sealed);
    }
  }
}

async function readAgain({ db }: Context, channel: SealedChannel): Promise<SealedChannel> {
  const { credentials } = await db.channel.findUniqueOrThrow({ where: { id: channel.channelId } });
  return { ...channel, sealedCredentials: credentials, isTokenStale: false };
}

function assertMayPublish(caller: Caller): void {
  if (caller.kind === 'person' || caller.scopes.has('posts:publish')) return;
  throw notAllowed({
    code: 'insufficient_scope',
    message: 'This connection may not publish, so it cannot take posts down either.',
  });
}

function notPublished() {
  return conflict({
    code: 'not_published',
    message: 'Nothing of the post is live on these channels, so there is nothing to take down.',
    nextStep: 'Call get_post for its state; what is only scheduled is stopped with cancel_schedule.',
  });
}
