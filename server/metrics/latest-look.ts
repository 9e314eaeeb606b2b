import { Prisma } from '../../prisma/generated/client.ts';

/**
 * The latest look at the numbers of delivery `d`, as `s`; every column is null before the first one. A look is a row of its
 * own, so that this is one step in an index however many there are.
 */
export const LATEST_LOOK_SQL = Prisma.sql`left join lateral (
  select m.captured_at, m.views, m.likes, m.comments, m.shares, m.clicks from metric_snapshot m
  where m.delivery_id = d.id order by m.captured_at desc limit 1
) s on true`;

/** Over the same: likes, comments and shares together; null where none of the three is known. */
export const ENGAGEMENT_SQL = Prisma.sql`case when num_nonnulls(s.likes, s.comments, s.shares) > 0
  then coalesce(s.likes, 0) + coalesce(s.comments, 0) + coalesce(s.shares, 0) end`;
