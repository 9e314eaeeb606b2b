import type { Caller } from '../caller.ts';
import type { Context } from '../context.ts';
import { verifyActivity, type CheckedDay } from './verify-activity.ts';

/** So many rows are read again for one look at the page; further days are checked one by one. */
const ROWS_AT_ONCE = 20_000;
const DAYS_AT_ONCE = 14;

export interface RecentDay {
  /** UTC, 2026-12-01. */
  day: string;
  /** Null: not looked at yet, because it has so many rows. */
  checked: CheckedDay | null;
}

/**
 * The finished days before one, newest first, each compared with what was signed, as far as that is quick.
 * @param input.before UTC, 2026-12-01; today when absent. `check` is the one day that is looked at whatever it takes.
 */
export async function findRecentDays(
  context: Context,
  caller: Caller,
  input: { before?: string | undefined; check?: string | undefined },
): Promise<{ days: RecentDay[]; olderBefore: string | null }> {
  const rows = await context.db.$queryRaw<{ day: string; rowCount: number; isFirst: boolean }[]>`
    with first as (
      select (least(t.created_at, (select min(a.at) from activity a where a.team_id = t.id)) at time zone 'UTC')::date
        as day
      from team t where t.id = ${caller.teamId}
    ), days as (
      select every::date as day, every::date = first.day as is_first from first, generate_series(
        least(coalesce(${input.before ?? null}::date, 'infinity'), (clock_timestamp() at time zone 'UTC')::date)
          - interval '1 day', first.day, interval '-1 day') as every
      limit ${DAYS_AT_ONCE}::int
    )
    select to_char(days.day, 'YYYY-MM-DD') as day, days.is_first as "isFirst", coalesce(d.row_count, 0) as "rowCount"
    from days left join activity_digest d on d.team_id = ${caller.teamId} and d.day = days.day
    order by days.day desc`;
  const days: RecentDay[] = [];
  let rowCount = 0;
  for (const { day, rowCount: more } of rows) {
    rowCount += more;
    const isQuick = rowCount <= ROWS_AT_ONCE || day === input.check;
    const [checked] = isQuick ? await verifyActivity(context, caller, { from: day, to: day }) : [];
    days.push({ day, checked: checked ?? null });
  }
  const last = rows.at(-1);
  return { days, olderBefore: last && !last.isFirst ? last.day : null };
}
