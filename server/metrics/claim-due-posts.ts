import type { SealedChannel } from '../channels/channel-access.ts';
import type { Context } from '../context.ts';
import { FIRST_LOOK_MINUTES } from './look-times.ts';

/** Nobody else asks within this time; what a worker that died had in hand is asked for again after it. */
const CLAIM_MINUTES = 10;

export interface AskedChannel extends SealedChannel {
  network: string;
  /** Linked, and its credentials are good as far as anybody knows. */
  isUsable: boolean;
}

export interface DuePost extends AskedChannel {
  deliveryId: string;
  remoteId: string;
}

/**
 * Published posts whose numbers are to be asked for now, the longest overdue first. Their next time moves ahead in the same
 * statement, so that several workers never ask for the same one.
 */
export async function claimDuePosts(context: Pick<Context, 'db'>, limit: number): Promise<DuePost[]> {
  return context.db.$queryRaw<DuePost[]>`
    with clock as materialized (select clock_timestamp() as now),
    again as (
      select id from delivery
      where state = 'published' and metrics_due_at is distinct from 'infinity'
        and metrics_due_at <= (select now from clock)
      order by metrics_due_at limit ${limit}::int for no key update skip locked
    ),
    fresh as (
      select id from delivery
      where state = 'published' and metrics_due_at is distinct from 'infinity' and metrics_due_at is null
        and published_at <= (select now from clock) - make_interval(mins => ${FIRST_LOOK_MINUTES}::int)
      order by published_at limit ${limit}::int for no key update skip locked
    ),
    due as (select id from again union all select id from fresh limit ${limit}::int)
    update delivery d set metrics_due_at = (select now from clock) + make_interval(mins => ${CLAIM_MINUTES}::int)
    from due, channel c
    where due.id = d.id and c.id = d.channel_id
    returning d.id as "deliveryId", d.remote_id as "remoteId", d.team_id as "teamId", d.channel_id as "channelId",
      c.network, c.remote_account_id as "remoteAccountId", c.handle, c.granted_scopes as "grantedScopes", c.credentials as "sealedCredentials",
      coalesce(c.token_expires_at < (select now from clock) + interval '1 minute', false) as "isTokenStale",
      c.status = 'ok' and c.disconnected_at is null as "isUsable"`;
}
