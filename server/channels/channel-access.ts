import type { Context } from '../context.ts';
import { toNetworkError } from '../networks/call-failure.ts';
import type { ChannelAccess, Network } from '../networks/network.ts';
import { NetworkError } from '../networks/network-error.ts';
import { openCredentials } from './credentials.ts';
import { askToReconnect, refreshChannel } from './refresh-channel.ts';

/** A channel as far as its network needs to know it, its credentials still sealed. */
export interface SealedChannel {
  teamId: string;
  channelId: string;
  remoteAccountId: string;
  handle: string;
  grantedScopes: readonly string[];
  sealedCredentials: Uint8Array<ArrayBuffer> | null;
  /** They have run out or are about to. */
  isTokenStale: boolean;
}

/** The channel's opened credentials, renewed ahead of time where they are about to run out. */
export async function openChannel(
  context: Context,
  channel: SealedChannel,
  network: Network,
): Promise<ChannelAccess> {
  if (channel.isTokenStale && network.refresh) return refreshChannel(context, network, channel);
  return {
    channelId: channel.channelId,
    remoteAccountId: channel.remoteAccountId,
    handle: channel.handle,
    credentials: openCredentials(context, channel, channel.sealedCredentials),
    grantedScopes: channel.grantedScopes,
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
  channel: SealedChannel,
  network: Network,
  error: NetworkError,
  hasRefreshed: boolean,
): Promise<ExplainedFailure> {
  if (error.kind === 'auth_expired' && !hasRefreshed && network.refresh) {
    try {
      await refreshChannel(context, network, channel);
      return { error, isRefreshed: true };
    } catch (refusal) {
      return { error: asSurelyNotTaken(toNetworkError(refusal, network.name)), isRefreshed: false };
    }
  }
  if (error.kind === 'auth_expired' || error.kind === 'blocked') await askToReconnect(context, channel);
  return { error, isRefreshed: false };
}

/** Where the call was no publishing one, an unclear outcome is as good as none. */
export function asSurelyNotTaken(error: NetworkError): NetworkError {
  const isUnclear = error.kind === 'ambiguous' || error.kind === 'duplicate';
  return isUnclear ? new NetworkError('not_sent', error.code, error.message, { cause: error }) : error;
}
