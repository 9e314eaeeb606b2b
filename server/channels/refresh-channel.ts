import type { Context } from '../context.ts';
import type { ChannelAccess, Network } from '../networks/network.ts';
import { NetworkError } from '../networks/network-error.ts';
import { openCredentials, sealCredentials } from './credentials.ts';

const REFRESH_TIMEOUT_MS = 20_000;

interface StaleChannel {
  teamId: string;
  channelId: string;
  /** What was tried: when the row holds something else by now, that is the answer. */
  sealedCredentials: Uint8Array<ArrayBuffer> | null;
}

/**
 * New credentials for a channel, asked for once however many workers need them: one asks under a lock of its channel, the
 * others take what it stored.
 * @throws NetworkError auth_expired when only linking again helps; the channel says so then
 */
export async function refreshChannel(
  context: Context,
  network: Network,
  stale: StaleChannel,
): Promise<ChannelAccess> {
  const lock = await context.pool.connect();
  let isBroken = false;
  try {
    await lock.query("select pg_advisory_lock(hashtextextended('refresh ' || $1, 0))", [stale.channelId]);
    return await refreshUnderLock(context, network, stale);
  } catch (error) {
    isBroken = !(error instanceof NetworkError);
    throw error;
  } finally {
    if (!isBroken) {
      await lock
        .query("select pg_advisory_unlock(hashtextextended('refresh ' || $1, 0))", [stale.channelId])
        .catch(() => (isBroken = true));
    }
    lock.release(isBroken);
  }
}

async function refreshUnderLock(
  context: Context,
  network: Network,
  stale: StaleChannel,
): Promise<ChannelAccess> {
  const channel = await context.db.channel.findUniqueOrThrow({ where: { id: stale.channelId } });
  const access: ChannelAccess = {
    channelId: channel.id,
    remoteAccountId: channel.remoteAccountId,
    handle: channel.handle,
    credentials: openCredentials(context, stale, channel.credentials),
    grantedScopes: channel.grantedScopes,
  };
  if (!isSame(channel.credentials, stale.sealedCredentials) || !network.refresh) return access;
  try {
    const signal = AbortSignal.timeout(REFRESH_TIMEOUT_MS);
    const { credentials, tokenExpiresAt = null } = await network.refresh(access, context.fetch, signal);
    await context.db.channel.updateMany({
      where: { id: channel.id, credentials: stale.sealedCredentials },
      data: { credentials: sealCredentials(context, stale, credentials), tokenExpiresAt },
    });
    return { ...access, credentials };
  } catch (error) {
    if (error instanceof NetworkError && (error.kind === 'auth_expired' || error.kind === 'blocked')) {
      await askToReconnect(context, stale);
    }
    throw error;
  }
}

/**
 * Nothing goes out on the channel until a person has linked it again; unless they have, while the credentials that failed
 * were under way.
 */
export async function askToReconnect(
  context: Context,
  failed: Pick<StaleChannel, 'channelId' | 'sealedCredentials'>,
): Promise<void> {
  await context.db.channel.updateMany({
    where: { id: failed.channelId, credentials: failed.sealedCredentials },
    data: { status: 'needs_reconnect' },
  });
}

function isSame(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one === null || other === null ? one === other : Buffer.compare(one, other) === 0;
}
