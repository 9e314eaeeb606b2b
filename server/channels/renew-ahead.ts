import type { Context } from '../context.ts';
import { renewsItself } from './find-channel-facts.ts';
import { refreshChannel } from './refresh-channel.ts';

/** A refresh token dies when it is not used for long: credentials that nobody used are renewed after this. */
const IDLE_DAYS = 7;
const CHANNELS_AT_ONCE = 20;
const TEAMS_AT_ONCE = 5;

interface RenewableChannel {
  teamId: string;
  channelId: string;
  network: string;
  sealedCredentials: Uint8Array<ArrayBuffer>;
}

/**
 * Renews what would end for good while nobody publishes: tokens that cannot be renewed after their end, before it, and
 * credentials that have lain idle for a week. Each channel has its turn in one minute of the hour, so that a network that
 * cannot renew one now is not asked each minute; each team's by themselves, so that one whose servers take their time keeps no
 * other waiting.
 */
export async function renewAhead(
  context: Context,
  { isEachOnTurn = false }: { isEachOnTurn?: boolean } = {},
): Promise<void> {
  const aheads = [...context.networks.values()].flatMap(({ id, refreshAheadSeconds: seconds }) =>
    seconds === undefined ? [] : [{ id, seconds }],
  );
  const channels = await context.db.$queryRaw<RenewableChannel[]>`
    select c.team_id as "teamId", c.id as "channelId", c.network, c.credentials as "sealedCredentials"
    from channel c left join jsonb_to_recordset(${JSON.stringify(aheads)}::jsonb) as ahead(id text, seconds float8)
      on ahead.id = c.network
    where c.status = 'ok' and c.disconnected_at is null and c.credentials is not null
      and c.token_expires_at < clock_timestamp()
        + coalesce(make_interval(secs => ahead.seconds), -make_interval(days => ${IDLE_DAYS}::int))
      and (${isEachOnTurn} or abs(hashtext(c.id)::bigint) % 60 = extract(minute from clock_timestamp()))
    order by row_number() over (partition by c.team_id order by random()) limit ${CHANNELS_AT_ONCE}::int`;
  const teams = [...Map.groupBy(channels, ({ teamId }) => teamId).values()];
  const renewTeams = async () => {
    for (let team = teams.shift(); team; team = teams.shift()) {
      for (const channel of team) await renew(context, channel);
    }
  };
  await Promise.all(Array.from({ length: TEAMS_AT_ONCE }, renewTeams));
}

async function renew(context: Context, channel: RenewableChannel): Promise<void> {
  const network = context.networks.get(channel.network);
  if (!network || !renewsItself(context, channel)) return;
  try {
    await refreshChannel(context, network, channel);
  } catch (error) {
    context.log.warn({ err: error, channelId: channel.channelId }, 'credentials could not be renewed');
  }
}
