import { setTimeout as wait } from 'node:timers/promises';

import type pg from 'pg';

import type { Context } from '../context.ts';
import type { RefreshedCredentials } from '../networks/network.ts';
import { sealCredentials } from './credentials.ts';

/** For about half a minute in all: longer than a database takes to start again. */
const PAUSES_MS = [50, 100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000, 5000];

/**
 * Stores renewed credentials in place of those that they came from. The network has forgotten the old ones by now, so that
 * losing these would lose the account: while the database is away, it is asked again.
 * @param lock the connection that holds the channel's lock, asked first
 * @returns false when the row holds others by now
 */
export async function storeRefreshed(
  context: Context,
  lock: Pick<pg.PoolClient, 'query'>,
  input: {
    teamId: string;
    channelId: string;
    sealedCredentials: Uint8Array<ArrayBuffer> | null;
    refreshed: RefreshedCredentials;
  },
): Promise<boolean> {
  const { teamId, channelId, sealedCredentials, refreshed } = input;
  const sealed = sealCredentials(context, input, refreshed.credentials);
  const store = async (db: Pick<pg.PoolClient, 'query'>) => {
    // What an earlier try stored, though its answer was lost, is stored.
    const { rowCount } = await db.query(
      `update channel set credentials = $1, token_expires_at = $2
       where id = $3 and team_id = $4 and (credentials is not distinct from $5 or credentials = $1)`,
      [sealed, refreshed.tokenExpiresAt ?? null, channelId, teamId, sealedCredentials],
    );
    return rowCount === 1;
  };
  for (const [tries, pauseMs] of PAUSES_MS.entries()) {
    try {
      return await store(tries === 0 ? lock : context.pool);
    } catch (error) {
      context.log.warn({ err: error, channelId }, 'renewed credentials could not be stored yet');
      await wait(pauseMs);
    }
  }
  return store(context.pool);
}
