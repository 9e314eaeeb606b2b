import type { Context } from '../context.ts';
import type { AskedChannel } from './claim-due-posts.ts';

const CLAIM_MINUTES = 10;

/** Linked channels whose followers were not counted today, of networks that tell them; as claimDuePosts claims posts. */
export async function claimDueChannels(
  context: Pick<Context, 'db' | 'networks'>,
  limit: number,
): Promise<AskedChannel[]> {
  const telling = [...context.networks.values()].filter(({ measureChannel }) => measureChannel);
  return context.db.$queryRaw<AskedChannel[]>`
    with clock as materialized (select clock_timestamp() as now),
    due as materialized (
      select id from channel
      where status = 'ok' and disconnected_at is null and network = any(${telling.map(({ id }) => id)})
        and (metrics_due_at is null or metrics_due_at <= (select now from clock))
      order by metrics_due_at nulls first limit ${limit}::int for no key update skip locked
    )
    update channel c set metrics_due_at = (select now from clock) + make_interval(mins => ${CLAIM_MINUTES}::int)
    from due where due.id = c.id
    returning c.team_id as "teamId", c.id as "channelId", c.network, c.remote_account_id as "remoteAccountId", c.handle, c.granted_scopes as "grantedScopes",
      c.credentials as "sealedCredentials", true as "isUsable",
      coalesce(c.token_expires_at < (select now from clock) + interval '1 minute', false) as "isTokenStale"`;
}
