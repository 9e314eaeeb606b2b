import { Prisma } from '../../prisma/generated/client.ts';
import type { Context } from '../context.ts';
import type { Position } from '../paging.ts';

const ROWS_AT_ONCE = 1_000;

/**
 * A team's activity of one day in its canonical form: a JSON object on a line for each row, oldest first, as PostgreSQL
 * writes `jsonb`. Digests are taken of exactly this text, and a day is downloaded as exactly this text.
 * @param day UTC, 2026-12-01
 */
export async function* readDay(
  context: Pick<Context, 'db'>,
  teamId: string,
  day: string,
): AsyncGenerator<string[]> {
  let after: Position | undefined;
  do {
    const rows: (Position & { line: string })[] = await context.db.$queryRaw`
      select a.id, a.at::text as key, jsonb_build_object(
        'id', a.id, 'at', to_char(a.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'team', a.team_id,
        'actor', a.actor, 'person', a.person_id, 'connection', a.connection_id, 'action', a.action, 'target', a.target,
        'result', a.result, 'rule', a.rule, 'address', a.address, 'detail', a.detail)::text as line
      from activity a
      where a.team_id = ${teamId}
        and a.at >= ${day}::date::timestamp at time zone 'UTC'
        and a.at < (${day}::date + 1)::timestamp at time zone 'UTC'
        ${after ? Prisma.sql`and (a.at, a.id) > (${after.key}::timestamptz, ${after.id})` : Prisma.empty}
      order by a.at, a.id
      limit ${ROWS_AT_ONCE}::int`;
    if (rows.length > 0) yield rows.map(({ line }) => line);
    after = rows.length === ROWS_AT_ONCE ? rows.at(-1) : undefined;
  } while (after);
}
