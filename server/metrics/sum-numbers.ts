import { Prisma } from '../../prisma/generated/client.ts';
import type { Context } from '../context.ts';
import { ENGAGEMENT_SQL, LATEST_LOOK_SQL } from './latest-look.ts';
import { METRICS, type Metric } from './numbers.ts';

/** A sum over posts whose networks tell the number. */
export interface NumberSum {
  /** Null where no network tells it. */
  value: number | null;
  /** Over how many posts it is; a post on two channels is one. */
  ofPosts: number;
  /** Networks that do not tell it: their posts are left out, not counted as 0. */
  without: string[];
}

export interface NumberGroup extends Record<Metric, NumberSum> {
  /** What it was grouped by; null for the totals. */
  key: string | null;
  /** Published, also those whose numbers were not asked for yet. */
  posts: number;
  /** Of these, how many have numbers. */
  measuredPosts: number;
  /** Likes, comments and shares together, as far as they are known. */
  engagement: number | null;
  /** The oldest of the latest looks. */
  capturedAt: Date | null;
}

export type Grouping = 'channel' | 'day' | 'week' | 'network';

export interface SummedDeliveries {
  /** Conditions on delivery `d` and post `p`, the team's among them. */
  where: Prisma.Sql;
  groupBy: Grouping;
  /** In which days and weeks begin; weeks on Mondays, ISO 8601. */
  timeZone: string;
}

/** The latest numbers of what was published, summed: first the totals, then one row per group by key. One pass over the rows. */
export async function sumNumbers(
  context: Pick<Context, 'db'>,
  { where, groupBy, timeZone }: SummedDeliveries,
): Promise<{ totals: NumberGroup; groups: NumberGroup[] }> {
  const rows = await context.db.$queryRaw<Row[]>`
    with seen as materialized (
      select d.post_id, c.network, ${keySql(groupBy, timeZone)} as key, s.*, ${ENGAGEMENT_SQL} as engagement
      from delivery d
      join post p on p.id = d.post_id
      join channel c on c.id = d.channel_id
      ${LATEST_LOOK_SQL}
      where d.state in ('published', 'taken_down') and ${where}
    )
    select grouping(key) = 1 as "isTotal", key, count(distinct post_id)::int as posts,
      count(distinct post_id) filter (where captured_at is not null)::int as "measuredPosts",
      sum(engagement)::float8 as engagement, min(captured_at) as "capturedAt",
      ${Prisma.join(METRICS.map(sumSql))}
    from seen group by grouping sets ((), (key))
    order by key`;
  const groups = rows.map(toGroup);
  return {
    totals: groups[rows.findIndex(({ isTotal }) => isTotal)]!,
    groups: groups.filter((_, index) => !rows[index]!.isTotal),
  };
}

function keySql(groupBy: Grouping, timeZone: string): Prisma.Sql {
  if (groupBy === 'channel') return Prisma.sql`d.channel_id`;
  if (groupBy === 'network') return Prisma.sql`c.network`;
  if (groupBy === 'day') return Prisma.sql`(d.published_at at time zone ${timeZone})::date::text`;
  return Prisma.sql`date_trunc('week', d.published_at at time zone ${timeZone})::date::text`;
}

/** What was not looked at yet says nothing about what its network tells. */
function sumSql(metric: Metric): Prisma.Sql {
  const column = COLUMNS[metric];
  return Prisma.sql`json_build_object('value', sum(${column}),
    'ofPosts', count(distinct post_id) filter (where ${column} is not null),
    'without', coalesce(json_agg(distinct network) filter (where captured_at is not null and ${column} is null), '[]'))
    as ${column}`;
}

const COLUMNS: Readonly<Record<Metric, Prisma.Sql>> = {
  views: Prisma.sql`views`,
  likes: Prisma.sql`likes`,
  comments: Prisma.sql`comments`,
  shares: Prisma.sql`shares`,
  clicks: Prisma.sql`clicks`,
};

type Row = NumberGroup & { isTotal: boolean };

function toGroup({ isTotal: _isTotal, ...group }: Row): NumberGroup {
  return group;
}
