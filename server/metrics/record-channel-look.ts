import type { Context } from '../context.ts';
import type { ChannelNumbers } from '../networks/network.ts';

/** Not all channels at midnight: each at its own minute after it. */
const SPREAD_MINUTES = 60;

/** A channel's numbers of today, in the team's zone; the first look of a day stays. Asked for again tomorrow. */
export async function recordChannelLook(
  context: Pick<Context, 'db'>,
  channelId: string,
  { followers, posts }: ChannelNumbers,
): Promise<void> {
  await context.db.$executeRaw`
    with clock as materialized (select clock_timestamp() as now),
    local as materialized (
      select c.id, c.team_id, t.time_zone, ((select now from clock) at time zone t.time_zone)::date as day
      from channel c join team t on t.id = c.team_id where c.id = ${channelId}
    ),
    added as (
      insert into channel_snapshot (team_id, channel_id, day, captured_at, followers, posts)
      select team_id, id, day, (select now from clock), ${followers}::int, ${posts}::int from local
      on conflict do nothing
    )
    update channel c set metrics_due_at = (local.day + 1)::timestamp at time zone local.time_zone
      + make_interval(mins => abs(hashtext(c.id) % ${SPREAD_MINUTES}::int))
    from local where local.id = c.id`;
}

/** Asked for again after the pause. */
export async function deferChannelLook(
  context: Pick<Context, 'db'>,
  { channelId, seconds }: { channelId: string; seconds: number },
): Promise<void> {
  await context.db.$executeRaw`
    update channel set metrics_due_at = clock_timestamp() + make_interval(secs => ${seconds}::float8)
    where id = ${channelId}`;
}
