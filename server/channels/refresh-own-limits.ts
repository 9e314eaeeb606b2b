import type { Context } from '../context.ts';
import { openChannel, type SealedChannel } from './channel-access.ts';

const CHANNELS_AT_ONCE = 20;
const CALL_TIMEOUT_MS = 10_000;

/** Asks the servers of channels what they allow, once a day, where servers of a network differ. One that does not answer keeps what it said. */
export async function refreshOwnLimits(context: Context): Promise<void> {
  const due = await claimChannels(context);
  await Promise.all(
    due.map((channel) =>
      refresh(context, channel).catch((error: unknown) =>
        context.log.debug(
          { err: error, channelId: channel.channelId },
          'a server did not say what it allows',
        ),
      ),
    ),
  );
}

async function claimChannels(context: Context): Promise<(SealedChannel & { network: string })[]> {
  const differing = [...context.networks.values()].filter(({ readOwnLimits }) => readOwnLimits);
  return context.db.$queryRaw<(SealedChannel & { network: string })[]>`
    with due as materialized (
      select id from channel
      where status = 'ok' and disconnected_at is null and network = any(${differing.map(({ id }) => id)})
        and (limits_read_at is null or limits_read_at < clock_timestamp() - interval '1 day')
      order by limits_read_at nulls first limit ${CHANNELS_AT_ONCE}::int for no key update skip locked
    )
    update channel c set limits_read_at = clock_timestamp()
    from due where due.id = c.id
    returning c.team_id as "teamId", c.id as "channelId", c.network, c.remote_account_id as "remoteAccountId", c.handle,
      c.granted_scopes as "grantedScopes", c.credentials as "sealedCredentials", false as "isTokenStale"`;
}

async function refresh(context: Context, channel: SealedChannel & { network: string }): Promise<void> {
  const network = context.networks.get(channel.network)!;
  const access = await openChannel(context, channel, network);
  const signal = AbortSignal.timeout(CALL_TIMEOUT_MS);
  const ownLimits = await network.readOwnLimits!({ channel: access, fetch: context.fetch, signal });
  await context.db.$executeRaw`
    update channel set own_limits = ${JSON.stringify(ownLimits)}::jsonb
    where id = ${channel.channelId} and disconnected_at is null`;
}
