import { Prisma } from '../../prisma/generated/client.ts';
import type { ClaimedDelivery } from './claim-delivery.ts';

/** The network takes no more for a while. */
export interface RateLimit {
  seconds: number;
  /** channel: this one; app: every channel of the network on this server. */
  binds: 'channel' | 'app';
}

/**
 * CTEs for a statement that settles the delivery of its CTE `held`: nothing goes out on the channels before the limit is over,
 * by PostgreSQL's clock; each a little later, so that they do not come back all at once. `paused` has `id` and
 * `rate_limited_until` of each. Locked by id, so that two that are told at once do not wait for each other in a circle.
 */
export function pauseChannelsSql(
  { channelId, network }: Pick<ClaimedDelivery, 'channelId' | 'network'>,
  limit: RateLimit | undefined,
): Prisma.Sql {
  const seconds = limit?.seconds ?? 0;
  return Prisma.sql`
    bound as materialized (
      select ch.id from channel ch
      where ${limit !== undefined}::boolean and exists (select from held)
        and (ch.id = ${channelId} or ${limit?.binds === 'app'}::boolean and ch.network = ${network})
      order by ch.id for no key update
    ),
    paused as (
      update channel ch set rate_limited_until = greatest(ch.rate_limited_until, clock_timestamp()
        + make_interval(secs => ${seconds}::float8 + random() * least(${seconds}::float8 * 0.03, 10)))
      from bound where ch.id = bound.id
      returning ch.id, ch.rate_limited_until
    )`;
}
