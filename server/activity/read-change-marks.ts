import type { Context } from '../context.ts';
import { prepared } from '../database/prepared.ts';

/** What a team looked like at one time: another mark under the same `since` means that something of it has changed. */
export interface ChangeMark {
  teamId: string;
  /** The minute from which on what was written is counted. */
  since: string;
  mark: string;
}

/** Where more is written in a minute, the next row is never far, and its time tells. */
const MOST_COUNTED = 500;

/**
 * Two marks per team, which overlap by a minute: whoever compares finds one that was there before, whenever it was. Read
 * only while somebody looks at a page, and from indexes: what people do and what workers settle costs nothing for being
 * watched. (A NOTIFY in each of those transactions would let their commits queue behind one lock of the whole server.)
 *
 * Nearly every change has a row in activity, or a notice where it needs a person. What has none is counted by itself:
 * deliveries under way, first uses of connections, a stop by the operator. A row that is committed late lies within the
 * minute or two before: no transaction lives that long.
 */
export async function readChangeMarks(
  context: Pick<Context, 'pool'>,
  teamIds: readonly string[],
): Promise<ChangeMark[]> {
  return prepared<ChangeMark>(context)`
    select team.id as "teamId", minute.since::text as since, concat_ws(' ',
      (select max(a.at) from activity a where a.team_id = team.id),
      (select count(*) from (select from activity a where a.team_id = team.id and a.at >= minute.since
        limit ${MOST_COUNTED}) as done),
      (select count(*) from (select from notice n where n.team_id = team.id and n.created_at >= minute.since
        limit ${MOST_COUNTED}) as said),
      (select count(*) || '/' || count(c.first_used_at) from connection c where c.team_id = team.id),
      (select count(*) from kill_switch k where k.team_id = team.id or k.team_id is null),
      (select string_agg(d.id || d.state, ' ' order by d.id) from delivery d
       where d.team_id = team.id and d.state in ('claimed', 'prepared', 'sending'))) as mark
    from unnest(${teamIds}::text[]) as team (id)
    cross join lateral (
      select date_trunc('minute', clock_timestamp()) - make_interval(mins => n) as since from generate_series(1, 2) as n
    ) as minute`;
}

/** Whether something was done in the team in the last so many milliseconds. */
export async function wasChangedWithin(
  context: Pick<Context, 'pool'>,
  teamId: string,
  milliseconds: number,
): Promise<boolean> {
  const [row] = await prepared<{ isChanged: boolean }>(context)`
    select exists (select from activity where team_id = ${teamId}
      and at > clock_timestamp() - make_interval(secs => ${milliseconds}::float8 / 1000)) as "isChanged"`;
  return row!.isChanged;
}
