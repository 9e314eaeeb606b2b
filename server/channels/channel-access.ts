import type { Context } from '../context.ts';
import { toNetworkError } from '../networks/call-failure.ts';
import type { ChannelAccess, Network } from '../networks/network.ts';
import { NetworkError } from '../networks/network-error.ts';
import { openCredentials } from './credentials.ts';
import { askToReconnect, isDefinite, refreshChannel } from './refresh-channel.ts';

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

/**
 * The channel's opened credentials, renewed ahead of time where they are about to run out.
 * @param waitsUntil by `performance.now`: for new ones; for ever unless given
 */
export async function openChannel(
  context: Context,
  channel: SealedChannel,
  network: Network,
  waitsUntil?: number,
): Promise<ChannelAccess> {
  if (channel.isTokenStale && network.refresh) return openRenewed(context, channel, network, waitsUntil);
  return openAsItIs(context, channel);
}

function openAsItIs(context: Context, channel: SealedChannel): ChannelAccess {
  const { channelId, remoteAccountId, handle, grantedScopes } = channel;
  const credentials = openCredentials(context, channel, channel.sealedCredentials);
  return { channelId, remoteAccountId, handle, credentials, grantedScopes };
}

/** What could not be renewed for now, and was not refused, is used for as long as it lives. */
async function openRenewed(
  context: Context,
  channel: SealedChannel,
  network: Network,
  waitsUntil?: number,
): Promise<ChannelAccess> {
  const { canRenew } = network;
  const access = openAsItIs(context, channel);
  if (access.credentials !== undefined && canRenew?.(access.credentials) === false) return access;
  try {
    return await refreshInTime(context, network, channel, waitsUntil);
  } catch (error) {
    if (isDefinite(error) || !(await isAlive(context, channel))) throw error;
    context.log.warn(
      { err: error, channelId: channel.channelId },
      'credentials could not be renewed for now',
    );
    return access;
  }
}

/** What comes later is there for whoever asks next. */
async function refreshInTime(
  context: Context,
  network: Network,
  channel: SealedChannel,
  waitsUntil?: number,
): Promise<ChannelAccess> {
  const refreshed = refreshChannel(context, network, channel);
  if (waitsUntil === undefined) return refreshed;
  const late = Promise.withResolvers<never>();
  const end = () =>
    late.reject(new NetworkError('not_sent', 'lease_short', 'New credentials did not come in time.'));
  const timer = setTimeout(end, Math.max(0, waitsUntil - performance.now()));
  return Promise.race([refreshed, late.promise]).finally(() => clearTimeout(timer));
}

/** By PostgreSQL's clock, and only while the row holds these very credentials. */
async function isAlive({ db }: Context, { channelId, sealedCredentials }: SealedChannel): Promise<boolean> {
  const [row] = await db.$queryRaw<{ isAlive: boolean }[]>`
    select token_expires_at > clock_timestamp() as "isAlive" from channel
    where id = ${channelId} and credentials = ${sealedCredentials}`;
  return row?.isAlive ?? false;
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
  { hasRefreshed, waitsUntil }: { hasRefreshed: boolean; waitsUntil?: number },
): Promise<ExplainedFailure> {
  if (error.kind === 'auth_expired' && !hasRefreshed && network.refresh) {
    try {
      await refreshInTime(context, network, channel, waitsUntil);
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
