import { openCredentials } from '../server/channels/credentials.ts';
import { askToReconnect, refreshChannel } from '../server/channels/refresh-channel.ts';
import type { Context } from '../server/context.ts';
import type { ClaimedDelivery } from '../server/deliveries/claim-delivery.ts';
import type { ChannelAccess, Network } from '../server/networks/network.ts';
import { toNetworkError } from '../server/networks/call-failure.ts';
import { NetworkError } from '../server/networks/network-error.ts';

/** The channel's opened credentials, renewed ahead of time where they are about to run out. */
export async function openChannel(
  context: Context,
  delivery: Pick<
    ClaimedDelivery,
    'teamId' | 'channelId' | 'remoteAccountId' | 'handle' | 'sealedCredentials' | 'isTokenStale'
  >,
  network: Network,
): Promise<ChannelAccess> {
  if (delivery.isTokenStale && network.refresh) return refreshChannel(context, network, delivery);
  return {
    channelId: delivery.channelId,
    remoteAccountId: delivery.remoteAccountId,
    handle: delivery.handle,
    credentials: openCredentials(context, delivery, delivery.sealedCredentials),
  };
}

export interface ExplainedFailure {
  error: NetworkError;
  /** New credentials are there: the same call may be made again at once. */
  isRefreshed: boolean;
}

/**
 * After a failed call: where the network refused the credentials, new ones are got once per run. When that cannot help, the
 * channel asks to be linked again.
 */
export async function renewAfter(
  context: Context,
  delivery: ClaimedDelivery,
  network: Network,
  error: NetworkError,
  hasRefreshed: boolean,
): Promise<ExplainedFailure> {
  if (error.kind === 'auth_expired' && !hasRefreshed && network.refresh) {
    try {
      await refreshChannel(context, network, delivery);
      return { error, isRefreshed: true };
    } catch (refusal) {
      return { error: asSurelyNotTaken(toNetworkError(refusal, network.name)), isRefreshed: false };
    }
  }
  if (error.kind === 'auth_expired' || error.kind === 'blocked') await askToReconnect(context, delivery);
  return { error, isRefreshed: false };
}

/** Where the call was no publishing one, an unclear outcome is as good as none. */
export function asSurelyNotTaken(error: NetworkError): NetworkError {
  const isUnclear = error.kind === 'ambiguous' || error.kind === 'duplicate';
  return isUnclear ? new NetworkError('not_sent', error.code, error.message, { cause: error }) : error;
}
