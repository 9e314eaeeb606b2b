import type pg from 'pg';

import type { Context } from '../context.ts';
import { toNetworkError } from '../networks/call-failure.ts';
import type { ChannelAccess, Network, RefreshedCredentials } from '../networks/network.ts';
import { NetworkError } from '../networks/network-error.ts';
import { openCredentials } from './credentials.ts';
import { createTurns } from './in-turn.ts';
import { storeRefreshed } from './store-refreshed.ts';

const REFRESH_TIMEOUT_MS = 20_000;
/**
 * Each renewal holds a connection while it asks, and a server that a person named may take its time over the answer. All teams
 * together hold no more than this: the others are for who publishes and reads.
 */
const SHARE_OF_CONNECTIONS = 1 / 4;
/** One team holds no more than half of them. */
const FEWEST_AT_ONCE = 2;

/** A channel whose credentials are to be renewed. */
export interface StaleChannel {
  teamId: string;
  channelId: string;
  /** What was tried: when the row holds something else by now, that is the answer. */
  sealedCredentials: Uint8Array<ArrayBuffer> | null;
}

interface Refreshing {
  /** Who asks for the same waits for the same answer, and holds no connection meanwhile. */
  asked: Map<string, Promise<ChannelAccess>>;
  inTurnOfTeam: ReturnType<typeof createTurns>;
  inTurnOfAll: ReturnType<typeof createTurns>;
}

/** Of this process, by its pool. */
const underWay = new WeakMap<pg.Pool, Refreshing>();

function refreshingOf(pool: pg.Pool): Refreshing {
  const known = underWay.get(pool);
  if (known) return known;
  const atOnce = Math.max(FEWEST_AT_ONCE, Math.floor(pool.options.max * SHARE_OF_CONNECTIONS));
  const refreshing = {
    asked: new Map<string, Promise<ChannelAccess>>(),
    inTurnOfTeam: createTurns(Math.floor(atOnce / 2)),
    inTurnOfAll: createTurns(atOnce),
  };
  underWay.set(pool, refreshing);
  return refreshing;
}

/**
 * New credentials for a channel, asked for once however many workers need them: one asks under a lock of its channel, the
 * others take what it stored. They are stored before anybody uses them.
 * @throws NetworkError auth_expired or blocked when the network refused for certain: the channel asks to be linked again then
 */
export function refreshChannel(
  context: Context,
  network: Network,
  stale: StaleChannel,
): Promise<ChannelAccess> {
  const { asked, inTurnOfTeam, inTurnOfAll } = refreshingOf(context.pool);
  const key = `${stale.channelId} ${Buffer.from(stale.sealedCredentials ?? []).toString('base64')}`;
  const known = asked.get(key);
  if (known) return known;
  const refreshed = inTurnOfTeam(stale.teamId, () =>
    inTurnOfAll('all', () => lockAndRefresh(context, network, stale)),
  ).finally(() => asked.delete(key));
  asked.set(key, refreshed);
  return refreshed;
}

async function lockAndRefresh(
  context: Context,
  network: Network,
  stale: StaleChannel,
): Promise<ChannelAccess> {
  const lock = await context.pool.connect();
  // A connection that is lost while the network is being asked is told of here and nowhere else.
  let isBroken = false;
  const onLost = () => (isBroken = true);
  lock.on('error', onLost);
  try {
    await lock.query("select pg_advisory_lock(hashtextextended('refresh ' || $1, 0))", [stale.channelId]);
    return await refreshUnderLock(context, network, stale, lock);
  } catch (error) {
    isBroken ||= !(error instanceof NetworkError);
    throw error;
  } finally {
    if (!isBroken) {
      await lock
        .query("select pg_advisory_unlock(hashtextextended('refresh ' || $1, 0))", [stale.channelId])
        .catch(() => (isBroken = true));
    }
    lock.off('error', onLost);
    lock.release(isBroken);
  }
}

interface ChannelRow {
  remoteAccountId: string;
  handle: string;
  grantedScopes: string[];
  credentials: Uint8Array<ArrayBuffer> | null;
}

/** All on the connection that holds the lock: many channels that are renewed at once need no second one each. */
async function refreshUnderLock(
  context: Context,
  network: Network,
  stale: StaleChannel,
  lock: pg.PoolClient,
): Promise<ChannelAccess> {
  const channel = await readChannel(lock, stale);
  const access = toAccess(context, stale, channel);
  if (!isSame(channel.credentials, stale.sealedCredentials) || !network.refresh) return access;
  try {
    const refreshed = await askTwice(network, access, context);
    const isStored = await storeRefreshed(context, lock, { ...stale, refreshed });
    // A person linked the account again meanwhile: theirs count.
    if (!isStored) return toAccess(context, stale, await readChannel(context.pool, stale));
    return { ...access, credentials: refreshed.credentials };
  } catch (error) {
    if (isDefinite(error)) await askToReconnect(context, stale);
    throw error;
  }
}

async function readChannel(
  db: Pick<pg.PoolClient, 'query'>,
  { teamId, channelId }: StaleChannel,
): Promise<ChannelRow> {
  const { rows } = await db.query<ChannelRow>(
    `select remote_account_id as "remoteAccountId", handle, granted_scopes as "grantedScopes", credentials
     from channel where id = $1 and team_id = $2`,
    [channelId, teamId],
  );
  if (rows[0]) return rows[0];
  throw new Error('The channel that is to be renewed is gone.');
}

function toAccess(context: Context, { teamId, channelId }: StaleChannel, row: ChannelRow): ChannelAccess {
  const { remoteAccountId, handle, grantedScopes, credentials } = row;
  const opened = openCredentials(context, { teamId, channelId }, credentials);
  return { channelId, remoteAccountId, handle, grantedScopes, credentials: opened };
}

/**
 * When the reply is lost, the same token is tried once more: where the network did not get the first request, nothing is lost;
 * where it did, a token that is good once is refused now, and a person hears of it at once instead of at the next post.
 */
async function askTwice(
  network: Network,
  access: ChannelAccess,
  { fetch }: Context,
): Promise<RefreshedCredentials> {
  const ask = () => network.refresh!(access, fetch, AbortSignal.timeout(REFRESH_TIMEOUT_MS));
  try {
    return await ask();
  } catch (error) {
    if (toNetworkError(error, network.name).kind !== 'ambiguous') throw error;
    return ask();
  }
}

/** The network said no; a lost reply, a pause or an outage says nothing of the account. */
export function isDefinite(error: unknown): boolean {
  return error instanceof NetworkError && (error.kind === 'auth_expired' || error.kind === 'blocked');
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
