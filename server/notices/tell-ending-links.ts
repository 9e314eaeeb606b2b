import { renewsItself } from '../channels/find-channel-facts.ts';
import type { Context } from '../context.ts';

/** How long before the end people are told. */
const AHEAD_DAYS = 7;
const CHANNELS_AT_ONCE = 100;

interface EndingChannel {
  teamId: string;
  channelId: string;
  network: string;
  handle: string;
  sealedCredentials: Uint8Array<ArrayBuffer>;
  tokenExpiresAt: Date;
}

/** Tells once of each link that ends within a week and does not renew itself, so that a person links the account again in time. */
export async function tellEndingLinks(context: Context): Promise<void> {
  const ending = await context.db.$queryRaw<EndingChannel[]>`
    select c.team_id as "teamId", c.id as "channelId", c.network, c.handle, c.credentials as "sealedCredentials",
      c.token_expires_at as "tokenExpiresAt"
    from channel c
    where c.status = 'ok' and c.disconnected_at is null and c.credentials is not null
      and c.token_expires_at between clock_timestamp() and clock_timestamp() + make_interval(days => ${AHEAD_DAYS}::int)
      and not exists (
        select from notice n
        where n.team_id = c.team_id and n.kind = 'channel.link_ends' and n.target = c.id
          and n.created_at > c.token_expires_at - make_interval(days => ${AHEAD_DAYS}::int))
    order by c.token_expires_at limit ${CHANNELS_AT_ONCE}::int`;
  for (const channel of ending) {
    if (willBeRenewed(context, channel)) continue;
    const { teamId, channelId, network, handle, tokenExpiresAt } = channel;
    const detail = JSON.stringify({ network, handle, ends_at: tokenExpiresAt.toISOString() });
    await context.db.$executeRaw`
      select give_notice(${teamId}, 'channel.link_ends', ${channelId}, ${detail}::jsonb)`;
  }
}

/** What is renewed long before its end, and yet is within the week, evidently is not. */
function willBeRenewed(context: Context, channel: EndingChannel): boolean {
  const aheadSeconds = context.networks.get(channel.network)?.refreshAheadSeconds ?? 0;
  return aheadSeconds <= AHEAD_DAYS * 86_400 && renewsItself(context, channel);
}
