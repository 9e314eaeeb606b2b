import type { Context } from '../context.ts';
import type { PostNumbers } from '../networks/network.ts';
import { LATER_LOOK_HOURS } from './look-times.ts';
import { METRICS } from './numbers.ts';

/** A network may need this long until it shows what it took: only after that a missing post is gone. */
const SETTLED_HOURS = 1;
const MAX_COUNT = 2 ** 31 - 1;

export interface Look {
  deliveryId: string;
  /** Null: the network no longer has the post. */
  numbers: PostNumbers | null;
}

/**
 * Writes down what networks told, a row a look, and when to ask next: at the ages of look-times.ts, and never again for what
 * is older than the last of them or gone. A look that told nothing after the first is no row: it takes nothing back.
 */
export async function recordLooks(context: Pick<Context, 'db'>, looks: readonly Look[]): Promise<void> {
  const told = looks.map(({ deliveryId, numbers }) => ({
    deliveryId,
    isThere: numbers !== null,
    ...Object.fromEntries(METRICS.map((metric) => [metric, toCount(numbers?.[metric])])),
  }));
  await context.db.$executeRaw`
    with clock as materialized (select clock_timestamp() as now),
    look as materialized (
      select d.id, d.team_id, d.published_at, l.*,
        not l."isThere" and d.published_at <= (select now from clock) - make_interval(hours => ${SETTLED_HOURS}::int) as is_gone
      from jsonb_to_recordset(${JSON.stringify(told)}::jsonb) as l("deliveryId" text, "isThere" boolean, views int, likes int,
        comments int, shares int, clicks int)
      join delivery d on d.id = l."deliveryId" and d.state = 'published'
      order by d.id for no key update of d
    ),
    added as (
      insert into metric_snapshot (team_id, delivery_id, captured_at, views, likes, comments, shares, clicks)
      select team_id, id, (select now from clock), views, likes, comments, shares, clicks from look
      where "isThere" and (num_nonnulls(views, likes, comments, shares, clicks) > 0
        or not exists (select from metric_snapshot m where m.delivery_id = look.id))
    )
    update delivery d set
      metrics_failures = 0,
      gone_at = case when look.is_gone then (select now from clock) end,
      metrics_due_at = case when look.is_gone then 'infinity' else coalesce((
        select min(look.published_at + make_interval(hours => age)) from unnest(${[...LATER_LOOK_HOURS]}::int[]) age
        where look.published_at + make_interval(hours => age) > (select now from clock)), 'infinity') end
    from look where look.id = d.id`;
}

/** What is no count is as good as not told; never 0. */
function toCount(value: number | null | undefined): number | null {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0) return null;
  return Math.min(value, MAX_COUNT);
}
