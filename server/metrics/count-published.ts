import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { findTeamWindow } from './get-team-metrics.ts';

export interface PublishedDay {
  /** In the team's zone: 2026-12-01. */
  day: string;
  /** A post on two channels is one. */
  posts: number;
}

/** How many posts went out on each of the last days, today included. */
export async function countPublished(
  context: Pick<Context, 'db'>,
  caller: Caller,
  days: number,
): Promise<PublishedDay[]> {
  const { starts, from, to, timeZone } = await findTeamWindow(context, caller, days);
  const rows = await context.db.$queryRaw<PublishedDay[]>`
    select (d.published_at at time zone ${timeZone})::date::text as day, count(distinct d.post_id)::int as posts
    from delivery d
    where d.team_id = ${caller.teamId} and d.state in ('published', 'taken_down') and d.published_at is not null
      and coalesce(d.published_at, d.due_at) >= ${from} and coalesce(d.published_at, d.due_at) < ${to}
    group by 1`;
  const counts = new Map(rows.map(({ day, posts }) => [day, posts]));
  return starts.map((day) => ({ day, posts: counts.get(day) ?? 0 }));
}
