import type { Context } from '../context.ts';

/**
 * What was being sent when its worker died or fell silent: nobody knows whether the network took it. It is read back when
 * the network's quarantine is over, counted from the moment of the send.
 * @returns how many there were
 */
export async function expireLeases(context: Context): Promise<number> {
  const networks = [...context.networks.values()];
  const ids = networks.map(({ id }) => id);
  const seconds = networks.map(({ quarantineSeconds }) => quarantineSeconds);
  return context.db.$executeRaw`
    with expired as materialized (
      select d.id, coalesce(q.seconds, 60) as quarantine_seconds
      from delivery d
      join channel ch on ch.id = d.channel_id
      left join unnest(${ids}::text[], ${seconds}::float8[]) as q (network, seconds) on q.network = ch.network
      where d.state = 'sending' and d.lease_until <= (select clock_timestamp())
      for update of d skip locked
    ),
    interrupted as (
      update attempt a set outcome = 'interrupted', finished_at = clock_timestamp()
      from expired where a.delivery_id = expired.id and a.outcome is null
    )
    update delivery d set state = 'unknown', lease_until = null, hinted_at = null, empty_read_count = 0,
      retry_count = 0, crash_count = d.crash_count + 1,
      not_before = d.send_started_at + make_interval(secs => expired.quarantine_seconds), updated_at = clock_timestamp()
    from expired where expired.id = d.id`;
}
